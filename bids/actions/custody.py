"""Who opens a tender's bids, and the keys that publication makes and splits among them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.submission import signature
from bids.choices import Envelope
from bids.models import EnvelopeKey, KeyHalf, OpeningOfficer, Package
from bids.models.key import OFFICERS
from bids.sealing import package, shares
from bids.sealing.refusals import KeyUnavailable, SealRefused
from bids.sealing.wrapping import FileKeyWrapper, KeyWrapper
from procurement import audit
from procurement.actions.locking import enforce_and_lock
from procurement.choices import Role
from procurement.models import Tender, User
from procurement.queries import tenders_visible_to


def system_key() -> KeyWrapper:
    """What the system's shares lie under: an HSM's key where one is set, else a file.

    Raises `KeyUnavailable` where it is missing or lies where it is not safe.
    """
    if settings.PKCS11_MODULE:
        from bids.sealing.hsm import Pkcs11KeyWrapper  # noqa: PLC0415 - loads a library of the HSM's maker

        return Pkcs11KeyWrapper(
            settings.PKCS11_MODULE,
            token=settings.PKCS11_TOKEN,
            key=settings.PKCS11_KEY,
            pin=settings.PKCS11_PIN,
        )
    if settings.SYSTEM_KEY is None:
        raise KeyUnavailable("No system key is set: name its file in ASSAY_SYSTEM_KEY.")
    return FileKeyWrapper(settings.SYSTEM_KEY, apart_from=_copied_folders())


def _copied_folders() -> list[Path]:
    """Folders of which a copy, or a page, may go astray: the system key must lie in none of them."""
    folders = [Path(settings.MEDIA_ROOT), Path(settings.STATIC_ROOT)]
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():
        folders.append(Path(connection.settings_dict["NAME"]).parent)
    return folders


def appoint_opening_officers(
    *, actor: User, tender: Tender, users: Sequence[User], now: datetime
) -> list[OpeningOfficer]:
    """Name the three people of whom any two open the bids, in place of those before.

    Raises `Forbidden`, and `ValidationError` unless they are three different people of at least two units.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_appoint_opening_officers, actor, tender)
        fault = fault_of_officers(tender, users)
        if fault:
            raise ValidationError(fault)
        tender.opening_officers.all().delete()
        rows = OpeningOfficer.objects.bulk_create(
            OpeningOfficer(tender=tender, user=user, position=position) for position, user in enumerate(users)
        )
        audit.record(
            actor=actor,
            action="appoint opening officers",
            object=tender,
            now=now,
            tender=tender,
            officers=[signature(user) for user in users],
        )
    return rows


def fault_of_officers(tender: Tender, users: Sequence[User]) -> str:
    """Why these people cannot be a tender's opening officers; empty where they can."""
    if len({user.pk for user in users}) != OFFICERS:
        return _("Name %(n)d different people who open the bids.") % {"n": OFFICERS}
    if len({user.unit_id for user in users}) < 2:
        return _("Those who open the bids must not all be of one unit.")
    for user in users:
        if not user.is_active or not rules.can_hold_key(user):
            return _("%(name)s cannot open bids.") % {"name": user}
        if user.role == Role.MEMBER and not tenders_visible_to(user).filter(pk=tender.pk).exists():
            return _("%(name)s has no part in this tender and would not find its bids.") % {"name": user}
    return ""


def suggested_officers(tender: Tender, now: datetime) -> list[User]:
    """Who might open a tender's bids: those of the officer's last one, else the only three with proved keys.

    Nobody where one of them could not.
    """
    proved = [key.user for key in queries.keys_in_use() if key.is_drilled(now)]
    last = queries.last_opening_officers(tender)
    for users in (last, proved):
        if set(users) <= set(proved) and not fault_of_officers(tender, users):
            return users
    return []


def make_keys(tender: Tender, now: datetime) -> Package:
    """Make both envelopes' keys, split them and publish the package; in the transaction of the publication.

    Raises `ValidationError` where an officer has no key, and `KeyUnavailable` where the system key is not at
    hand.
    """
    officers = list(tender.opening_officers.select_related("user__unit"))
    for officer in officers:
        officer.key = queries.key_of(officer.user)
        officer.name, officer.unit_code = signature(officer.user), officer.user.unit.code
        if officer.key is None:
            raise ValidationError(_("%(name)s has no opening key.") % {"name": officer.user})
    OpeningOfficer.objects.bulk_update(officers, ["key", "name", "unit_code"])
    try:
        wrapper = system_key()
        keys = [_make_key(tender, envelope, officers, wrapper) for envelope in Envelope]
        return _first_package(tender, keys, officers, wrapper.key_id, now)
    except KeyUnavailable:
        raise  # nothing that whoever publishes can mend
    except SealRefused as refusal:
        raise ValidationError(_(refusal.template) % refusal.params) from refusal


def holders(officers: Sequence[OpeningOfficer]) -> list[shares.Officer]:
    """The officers as those to whom a key is handed out."""
    return [shares.Officer(str(row.pk), row.unit_code, bytes.fromhex(row.key.public)) for row in officers]


def store_halves(key: EnvelopeKey, split: shares.SplitKey, wrapper: KeyWrapper) -> None:
    """Keep a key in pieces, in place of the pieces before: the system's share under the system key."""
    key.system_share = wrapper.wrap(split.system_share, shares.wrapping_context(split.key)).hex()
    key.quorum_check = split.check
    key.save()
    key.halves.all().delete()
    KeyHalf.objects.bulk_create(
        KeyHalf(
            envelope_key=key,
            officer_id=int(half.officer),
            partner_id=int(next(code for code in half.pair if code != half.officer)),
            sealed=half.sealed.hex(),
        )
        for half in split.halves
    )


def _make_key(
    tender: Tender, envelope: Envelope, officers: Sequence[OpeningOfficer], wrapper: KeyWrapper
) -> EnvelopeKey:
    split = shares.new_key(str(tender.pk), envelope.value, holders(officers))
    key = EnvelopeKey(tender=tender, envelope=envelope, public=split.key.public.hex())
    store_halves(key, split, wrapper)
    return key


def _first_package(
    tender: Tender,
    keys: Sequence[EnvelopeKey],
    officers: Sequence[OpeningOfficer],
    system_key_id: str,
    now: datetime,
) -> Package:
    published = package.Package(
        tender=str(tender.pk),
        amendment=0,
        specification=tender.fingerprint.removeprefix("sha256:"),
        deadline=tender.deadline,
        envelopes={key.envelope: bytes.fromhex(key.public) for key in keys},
        officers=_published(officers),
        pairs=shares.allowed_pairs(holders(officers)),
        system_key=system_key_id,
    )
    return _store(tender, published, now)


def publish_amended(
    tender: Tender, *, notice: str, now: datetime, officers: Sequence[OpeningOfficer] = ()
) -> Package:
    """Publish the package anew under the same envelopes' keys: deadline as it now stands, officers if given.

    `notice` is the digest of what the amendment says. The tender is locked by the caller.
    """
    before = package.read(queries.current_package(tender).text.encode())
    changes: dict[str, Any] = {"deadline": tender.deadline, "notice": notice}
    if officers:
        changes |= {"officers": _published(officers), "pairs": shares.allowed_pairs(holders(officers))}
    return _store(tender, replace(before, amendment=before.amendment + 1, **changes), now)


def _published(officers: Sequence[OpeningOfficer]) -> tuple[package.PublishedOfficer, ...]:
    return tuple(
        package.PublishedOfficer(str(row.pk), row.name, row.unit_code, row.key.fingerprint)
        for row in officers
    )


def _store(tender: Tender, published: package.Package, now: datetime) -> Package:
    return Package.objects.create(
        tender=tender,
        amendment=published.amendment,
        text=published.text().decode(),
        digest=published.digest(),
        at=now,
    )
