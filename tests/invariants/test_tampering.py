"""Whatever is stored of sealed bids is changed, field by field, and each time somebody notices.

The fields are those of the models, so that a new one cannot be forgotten. One that is not protected says
why here. What was changed is noticed when bids are unlocked, opened or priced, when rows are held against
what was signed (`manage.py verify_bids`), or when the trail is verified; the other vendor's bid opens all the
same.
"""

import shutil
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.management import call_command
from django.db import DatabaseError, models, transaction
from django.utils import translation

from bids import queries
from bids.actions import opening, publication, submission
from bids.actions.amendments import agree_amendment, propose_amendment
from bids.actions.concordance import disagreements
from bids.choices import AmendmentKind, BidStatus, Envelope
from bids.models import (
    Bid,
    Claim,
    ClosingRecord,
    EnvelopeKey,
    KeyHalf,
    LateBid,
    OfficerKey,
    OpeningOfficer,
    OpeningTurn,
    Package,
    SealedDraft,
    SealedManifest,
    StagedFile,
    Submission,
)
from bids.sealing.refusals import SealRefused
from procurement.audit.checkpoints import make_checkpoint, verify_trail
from procurement.models import AuditEntry, AuditHead
from procurement.models.audit import TRIGGERS
from procurement.signing.verify import content_digest, entry_hash, tender_mark
from tests.bids.tampering import flipped
from tests.bids.vendors import add_file, save, submit
from tests.cast import PASSPHRASES, declare_nothing, opened_drafts, unlock
from tests.files.making import pdf
from tests.invariants.conftest import copy_of
from tests.remembered import remembered
from tests.secrets import NOW

pytestmark = pytest.mark.django_db

#: Fields that may be changed unnoticed, and why that harms nobody.
EXEMPT = {
    "Bid": {
        "tender": "moves the whole bid away, which leaves its versions to be missed (`bids` of the tender)",
        "position": "the order in which opened bids are listed",
        "status": "what the opening found, and from then on the bank's own decision with entries of its own",
        "reason": "as the status",
        "price": "empty until the envelope is read; the ranking's fingerprint is recorded from then on",
        "unsealed_at": "says how far an opening came that broke off; reading again finds the same",
        "version": "a count that keeps two people of one vendor from overwriting each other's draft",
    },
    "Submission": {"idempotency_key": "keeps one click from counting twice, until the deadline"},
    "StagedFile": {
        "package": "repeated in the sealed manifest, which is the one that counts",
        "staged_at": "when a draft was worked on; nothing follows from it",
        "removed": "whether a draft still has it; a bid has what its manifest lists",
    },
    "OpeningOfficer": {
        "position": "the order of names on a page",
        "tender": "the halves are sealed to tender and officer and stay where they are",
    },
    "OfficerKey": {
        "made_at": "when the key was made; entries of the trail say it, too",
        "drilled_at": "asked before the publication only",
        "retired_at": "asked before the publication only; an officer opens with the key of the package",
    },
    "OpeningTurn": {"envelope_key": "the halves are bound to envelope and officer under the system key"},
    "EnvelopeKey": {
        "quorum_check": "asked where an officer is replaced, who is then refused; bids open without it",
        "tender": "the share is bound to tender and envelope, and none is left for the other",
    },
    "SealedDraft": {"key": "another person's key does not open it, as a wrong subject does not"},
}

#: The models, and which row of each is changed: one that matters for the vendor's bid.
ROWS = {
    Bid: lambda bid: bid,
    Submission: queries.latest_submission,
    SealedManifest: lambda bid: queries.latest_submission(bid).manifests.get(envelope="technical"),
    StagedFile: lambda bid: bid.staged_files.first(),
    LateBid: lambda bid: LateBid.objects.get(bid=bid),
    Package: lambda bid: bid.tender.packages.get(amendment=0),
    EnvelopeKey: lambda bid: bid.tender.envelope_keys.get(envelope="technical"),
    KeyHalf: lambda bid: KeyHalf.objects.get(
        envelope_key__tender=bid.tender,
        envelope_key__envelope="technical",
        officer__user__username="auditor",
        partner__user__username="officer",
    ),
    OpeningOfficer: lambda bid: bid.tender.opening_officers.get(user__username="auditor"),
    OfficerKey: lambda bid: OfficerKey.objects.get(user__username="auditor"),
    OpeningTurn: lambda bid: OpeningTurn.objects.filter(envelope_key__tender=bid.tender).first(),
    ClosingRecord: lambda bid: bid.tender.closing,
    SealedDraft: lambda bid: SealedDraft.objects.get(bid=bid, subject="answers"),
    AuditEntry: lambda bid: AuditEntry.objects.get(
        action="submit bid", object=str(bid.pk), payload__contains='"version":1'
    ),
    AuditHead: lambda bid: AuditHead.objects.get(),
}

#: What stands for a whole tender: changed, it may keep all bids closed, in plain words.
OF_ALL = {Package, EnvelopeKey, KeyHalf, OpeningOfficer, OfficerKey, OpeningTurn, ClosingRecord, AuditHead}


def fields_of(model):
    return [field for field in model._meta.concrete_fields if not field.primary_key]


def test_every_exemption_is_of_a_field_that_is_there():
    named = {model.__name__: {field.name for field in fields_of(model)} for model in ROWS}
    for model, fields in EXEMPT.items():
        assert set(fields) <= named[model]


@pytest.fixture(scope="module")
def sealed_files(tmp_path_factory):
    """The files of the bids below, which are handed in once a process as `remembered` does it."""
    return tmp_path_factory.mktemp("tampering")


@pytest.fixture
def over(cheap, cast, draft, settings, sealed_files):
    """Bids handed in until the deadline and after it; bidders are named."""

    def build():
        hand_in(cast, draft)
        shutil.copytree(settings.MEDIA_ROOT, sealed_files, dirs_exist_ok=True)

    remembered("tampering", build, PASSPHRASES)
    shutil.copytree(sealed_files, settings.MEDIA_ROOT, dirs_exist_ok=True)
    draft.refresh_from_db()
    return draft


def hand_in(cast, draft):
    """Two versions each of two bids with files, one confirmed, a late one of each; bidders are named."""
    copy_of(draft, "ITS-2026-902")  # where rows may be moved to
    tender = publication.publish(actor=cast.officer, tender=draft, now=NOW)
    for vendor, first, second in (
        (cast.vendor, "15000001", "15000002"),
        (cast.rival, "12000001", "12000002"),
    ):
        save(vendor, tender, price=first)
        add_file(vendor, tender, content=pdf())
        submit(vendor, tender, price=first)
        save(vendor, tender, price=second)
        add_file(vendor, tender, "second.pdf", content=pdf(), code="R2")
        submit(vendor, tender, price=second)
    proposal = propose_amendment(
        actor=cast.officer,
        tender=tender,
        kind=AmendmentKind.DOCUMENTS,
        text_zh="說明",
        text_en="Clear",
        deadline=None,
        clock=lambda: NOW,
    )
    agree_amendment(actor=cast.approver, amendment=proposal, clock=lambda: NOW)
    for vendor in (cast.vendor, cast.rival):
        bid = Bid.objects.get(vendor=vendor.vendor)
        submission.confirm_bid(actor=vendor, bid=bid, clock=lambda: NOW)
        with pytest.raises(submission.Late):
            submit(vendor, tender, price="1", at=tender.deadline)
    tender = opening.name_bidders(actor=cast.officer, tender=tender, now=LATER)
    declare_nothing(tender, at=LATER)


LATER = NOW + timedelta(days=7, hours=1)


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# --- hands that reach past the site -----------------------------------------------------------------------
def changes(row, field):
    """Other values of a column, by what is done: flipped, shortened, another bid's, an older version's."""
    value = getattr(row, field.attname)
    if isinstance(field, models.FileField):
        return
    if isinstance(value, bool):
        yield "flipped", not value
    elif isinstance(value, int) and not isinstance(field, models.ForeignKey):
        yield "counted on", value + 1
    elif isinstance(value, datetime):
        yield "later", value + timedelta(seconds=1)
    elif isinstance(value, bytes | memoryview):
        yield "flipped", flipped(bytes(value))
        yield "shortened", bytes(value)[:-1]
    elif isinstance(value, str) and value:
        middle = len(value) // 2
        yield "flipped", value[:middle] + ("0" if value[middle] != "0" else "1") + value[middle + 1 :]
        yield "shortened", value[:-1]
    for how, other in others(row, field):
        if other != value:
            yield how, other


def others(row, field):
    """What stands in the same column of other rows, older versions among them."""
    rows = type(row)._default_manager.exclude(pk=row.pk).order_by("pk")
    if isinstance(field, models.ForeignKey):
        rows = field.related_model._default_manager.exclude(pk=getattr(row, field.attname)).order_by("pk")
        yield from (("of another", other.pk) for other in (rows.first(), rows.last()) if other)
        if field.null and getattr(row, field.attname) is not None:
            yield "emptied", None
    else:
        values = [getattr(other, field.attname) for other in (rows.first(), rows.last()) if other]
        yield from (("of another row", value) for value in values if value is not None)


def change(row, field, value):
    """Past everything but the constraints of the database; gives whether it let that happen."""
    try:
        with transaction.atomic(), past_triggers(row):
            type(row)._default_manager.filter(pk=row.pk).update(**{field.attname: value})
    except DatabaseError:
        return False
    return True


@contextmanager
def past_triggers(row):
    if not isinstance(row, AuditEntry):
        yield
        return
    make, drop = TRIGGERS[transaction.get_connection().vendor]
    with transaction.get_connection().cursor() as cursor:
        for statement in drop:
            cursor.execute(statement)
        yield
        for statement in make:
            cursor.execute(statement)


# --- who notices ------------------------------------------------------------------------------------------
def noticed(cast, tender, *, whole, to_the_end=True):
    """What is said of it by the rows, the trail, the draft, the officers' passphrases, and the opening.

    `whole` is whether it may keep all bids closed. What the rows say already is enough, unless `to_the_end`.
    """
    found = [*disagreements(tender)]
    state, _checkpoints = verify_trail()
    found += [state.why] if not state.intact else []
    bid = Bid.objects.get(vendor=cast.vendor.vendor)
    if queries.draft_of(bid, opened_drafts(cast.vendor)) is None:
        found.append("the draft does not open")
    if found and not to_the_end:
        return found
    try:
        with transaction.atomic():
            found += opened(cast, tender, whole=whole)
    except (ValidationError, SealRefused, ObjectDoesNotExist, ValueError) as refusal:
        if not whole:
            pytest.fail(f"one bid keeps the others closed: {refusal}")
        found.append(str(refusal))
    return found


def opened(cast, tender, *, whole):
    """The reasons why the vendor's bid is out, technically or by its price; the rival's is in."""
    if not OpeningTurn.objects.exists():
        unlock(tender, Envelope.TECHNICAL, at=LATER)
    else:
        unlock(tender, Envelope.TECHNICAL, "auditor", at=LATER)
    tender = opening.open_technical(actor=cast.officer, tender=tender, now=LATER)
    tender.stage = "technical_locked"
    tender.save(update_fields=["stage"])
    unlock(tender, Envelope.PRICE, at=LATER)
    opening.open_prices(actor=cast.officer, tender=tender, now=LATER)
    rival = Bid.objects.filter(vendor=cast.rival.vendor).first()
    if not whole:
        assert rival.status == BidStatus.VALID, f"the other bid is out, too: {rival.reason}"
        assert (str(rival.price), Claim.objects.filter(bid=rival).count()) == ("12000002", 3)
    bid = Bid.objects.get(pk=ROW["bid"])
    right = bid.status == BidStatus.VALID and str(bid.price) == "15000002"
    return [] if right else [bid.reason or bid.status]


ROW = {}


@pytest.fixture
def first_turn(over):
    """One officer has unlocked, and the halves wait for the second."""
    bid = Bid.objects.get(vendor__name="Bedrock Security")
    ROW["bid"] = bid.pk
    unlock(over, Envelope.TECHNICAL, "officer", at=LATER)
    make_checkpoint("a test")
    return bid


def test_nothing_is_noticed_where_nothing_was_changed(cast, over, first_turn):
    assert noticed(cast, over, whole=False) == []


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_what_is_changed_is_noticed(cast, over, first_turn, model):
    row, unnoticed = ROWS[model](first_turn), []
    for field in fields_of(model):
        if field.name in EXEMPT.get(model.__name__, {}):
            continue
        tried = 0
        for how, value in changes(row, field):
            with undone():
                tried += 1
                if change(row, field, value):
                    over.refresh_from_db()
                    if not noticed(cast, over, whole=model in OF_ALL, to_the_end=tried == 1):
                        unnoticed.append(f"{field.name} {how}")
        empty = isinstance(field, models.FileField) or getattr(row, field.name) in (None, "")
        if not tried and not empty:
            unnoticed.append(f"{field.name}: nothing tried")
    assert unnoticed == []


@pytest.mark.parametrize("how", ["flipped", "shortened", "lengthened", "gone", "another's", "an older one's"])
def test_a_file_that_is_changed_is_noticed_and_the_others_open(cast, over, first_turn, how):
    rows = list(first_turn.staged_files.order_by("staged_at", "pk"))
    path = Path(rows[0].sealed.path)
    content = path.read_bytes()
    rival = StagedFile.objects.exclude(bid=first_turn).first()
    changed = {
        "flipped": flipped(content),
        "shortened": content[:-1],
        "lengthened": content + b"\0",
        "another's": Path(rival.sealed.path).read_bytes(),
        "an older one's": Path(rows[1].sealed.path).read_bytes(),
    }
    path.unlink()
    if how in changed:
        path.write_bytes(changed[how])
    assert noticed(cast, over, whole=False)


def test_the_whole_trail_rewritten_is_found_against_the_anchors(cast, over, first_turn):
    """Every hash is made anew, head and triggers included; only what was signed before tells."""
    previous = "0" * 64
    with past_triggers(AuditEntry.objects.first()):
        for entry in AuditEntry.objects.order_by("seq"):
            payload = entry.payload.replace("a test", "another")
            actor = "Somebody (Else)" if entry.action == "confirm bid" else entry.actor_name
            tender = str(entry.tender_id or "")
            at = entry.at.isoformat(timespec="microseconds")
            digest = content_digest(
                tender, at, actor, entry.actor_role, entry.action, entry.object, payload, entry.salt
            )
            found = entry_hash(entry.seq, tender_mark(tender), digest, previous)
            AuditEntry.objects.filter(pk=entry.pk).update(actor_name=actor, prev_hash=previous, hash=found)
            previous = found
    AuditHead.objects.update(hash=previous)
    state, checkpoints = verify_trail()
    assert checkpoints
    assert not state.intact
    assert "rewritten" in state.why


def test_an_older_version_that_is_put_back_is_noticed(cast, over, first_turn):
    last = queries.latest_submission(first_turn)
    for rows in (SealedManifest.objects.filter(submission=last), Submission.objects.filter(pk=last.pk)):
        rows._raw_delete(rows.db)
    assert noticed(cast, over, whole=False)


def test_the_command_says_where_rows_differ(cast, over, capsys):
    with translation.override("en"):
        call_command("verify_bids")
    assert "Tenders looked at: 1. What is stored is what was signed and recorded." in capsys.readouterr().out
    Submission.objects.filter(number=1).update(by_name="Somebody else")
    with pytest.raises(SystemExit) as ended, translation.override("en"):
        call_command("verify_bids", over.reference)
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("“by_name” is not as it was signed and recorded") == 2
