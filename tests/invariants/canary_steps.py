"""Steps on the site with the canaries, each in a process: `python -m tests.invariants.canary_steps`."""

import json
import os
import sys
from pathlib import Path

import django


def prepare():
    """Tables, keys, people with passwords, and a tender open for bids; prints what it takes to go on."""
    from django.core.management import call_command  # noqa: PLC0415 - Django is set up first

    from bids.models import OfficerKey  # noqa: PLC0415
    from tests import cast  # noqa: PLC0415
    from tests.faults.site import enter_people, enter_tender  # noqa: PLC0415

    for command in ("migrate", "make_signing_key", "make_system_key"):
        call_command(command, verbosity=0)
    enter_people()
    tender = enter_tender("ITS-2026-910")
    cast.User.objects.filter(username="vendor").update(email="vendor@example.com")
    assert OfficerKey.objects.exists()
    requirements = [str(row.pk) for row in tender.requirements.order_by("position")]
    print(json.dumps({"tender": str(tender.pk), "asks": requirements, "passphrases": cast.PASSPHRASES}))  # noqa: T201


def open_everything():
    """The deadline is over, and everything is opened."""
    from django.utils import timezone  # noqa: PLC0415 - Django is set up first

    from bids.actions import opening  # noqa: PLC0415
    from bids.choices import Envelope  # noqa: PLC0415
    from procurement.models import Tender  # noqa: PLC0415
    from tests import cast  # noqa: PLC0415
    from tests.faults.site import everybody  # noqa: PLC0415

    now, officer = timezone.now(), everybody().officer
    tender = Tender.objects.get()
    tender.deadline = now
    tender.save()
    tender = cast.open_bids(officer, tender, at=now)
    tender.stage = "technical_locked"
    tender.save()
    cast.unlock(tender, Envelope.PRICE, at=now)
    opening.open_prices(actor=officer, tender=tender, now=now)


def dump():
    """Every value of every table, to the standard output."""
    from django.db import connection  # noqa: PLC0415 - Django is set up first

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - the names are the database's own
            for row in cursor.fetchall():
                for value in row:
                    raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    sys.stdout.buffer.write(raw + b"\0")


def plunder():
    """Everything that the system key opens, tried on everything that is sealed, to the standard output.

    One officer has taken a turn, so that as much as ever waits under the system key.
    """
    from django.db import transaction  # noqa: PLC0415 - Django is set up first

    from bids.models import OpeningTurn, SealedDraft, SealedManifest, StagedFile  # noqa: PLC0415
    from bids.sealing import drafts, parts, suite  # noqa: PLC0415

    with transaction.atomic():
        keys = _keys_without_officers()
        assert OpeningTurn.objects.exclude(halves="").count() == 1
        transaction.set_rollback(True)
    for row in SealedManifest.objects.select_related("submission__bid", "submission__package"):
        version = row.submission
        binding = parts.Binding(
            str(version.bid.tender_id), row.envelope, str(version.bid_id), version.package.digest
        )
        info = parts._manifest_info(binding, version.number, row.parts)
        _try(keys, row.sealed, lambda key, sealed, info=info: suite.unseal(key, sealed, info))
    for row in StagedFile.objects.select_related("bid", "package"):
        binding = parts.Binding(str(row.bid.tender_id), "technical", str(row.bid_id), row.package.digest)
        info = parts._file_info(binding, str(row.pk))
        _try(
            keys, row.sealed.open("rb").read(), lambda key, sealed, info=info: suite.unseal(key, sealed, info)
        )
    for row in SealedDraft.objects.all():
        said = {"owner": str(row.bid_id), "subject": row.subject}
        _try(
            keys, row.sealed, lambda key, sealed, said=said: str(drafts.unseal(key, sealed, **said)).encode()
        )


def _keys_without_officers():
    """What may be put together of the system's shares and one officer's halves."""
    from django.utils import timezone  # noqa: PLC0415 - Django is set up first

    from bids.actions import opening, unlocking  # noqa: PLC0415
    from bids.actions.custody import system_key  # noqa: PLC0415
    from bids.choices import Envelope  # noqa: PLC0415
    from bids.models import EnvelopeKey, OpeningTurn  # noqa: PLC0415
    from bids.sealing import shares  # noqa: PLC0415
    from procurement.models import Tender  # noqa: PLC0415
    from tests import cast  # noqa: PLC0415
    from tests.faults.site import everybody  # noqa: PLC0415

    now = timezone.now()
    Tender.objects.update(deadline=now)
    tender = opening.name_bidders(actor=everybody().officer, tender=Tender.objects.get(), now=now)
    cast.declare_nothing(tender, at=now)
    cast.unlock(tender, Envelope.TECHNICAL, "officer", at=now)
    wrapper = system_key()
    known = [
        wrapper.unwrap(
            bytes.fromhex(key.system_share),
            shares.wrapping_context(
                shares.EnvelopeKey(str(key.tender_id), key.envelope, bytes.fromhex(key.public))
            ),
        )
        for key in EnvelopeKey.objects.all()
    ]
    turn = OpeningTurn.objects.get()
    halves = json.loads(wrapper.unwrap(bytes.fromhex(turn.halves), unlocking._turn_context(turn)))
    known += [bytes.fromhex(value) for value in halves.values()]
    joined = [bytes(x ^ y for x, y in zip(one, other, strict=True)) for one in known for other in known]
    return [*known, *joined]


def _try(keys, sealed, unseal):
    from bids.sealing.refusals import SealRefused  # noqa: PLC0415 - Django is set up first

    sys.stdout.buffer.write(bytes(sealed))
    for key in keys:
        try:
            sys.stdout.buffer.write(unseal(key, bytes(sealed)))
        except SealRefused:
            continue


def _remember(passphrases):
    from tests import cast  # noqa: PLC0415 - Django is set up first

    cast.PASSPHRASES.update(passphrases)


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.invariants.canary_settings")
    django.setup()
    step, *rest = sys.argv[1:]
    for name in rest:
        _remember(json.loads(Path(name).read_text(encoding="utf-8")))
    {"prepare": prepare, "open": open_everything, "dump": dump, "plunder": plunder}[step]()


if __name__ == "__main__":
    main()
