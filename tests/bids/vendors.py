"""A vendor's person at work: drafts, files and what is handed in, in few words."""

import json
from decimal import Decimal
from uuid import uuid4

from bids import queries
from bids.actions import drafts, staging, submission
from bids.choices import Envelope
from bids.models import Bid, Package, Submission
from bids.sealing import parts
from procurement.audit.checkpoints import signing_key
from procurement.models import AuditEntry
from procurement.signing import verify
from tests.cast import NOW, OPENERS, PASSPHRASES, opened_drafts
from tests.files.making import pdf

#: A file that passes the inspection at the opening.
REPORT = pdf()
MET = {code: {"answer": "met", "note": ""} for code in ("R1", "R2", "R3")}


def save(person, tender, answers=MET, *, price="100", seen=None, at=NOW):
    """Keep a draft, over whatever version there is unless told which was seen."""
    if seen is None:
        known = Bid.objects.filter(tender=tender, vendor=person.vendor).first()
        seen = known.version if known else 0
    return drafts.save_draft(
        actor=person,
        tender=tender,
        opened=opened_drafts(person),
        answers=answers,
        price=price,
        seen=seen,
        now=at,
    )


def submit(person, tender, *, price="100", seen=None, key=None, at=NOW):
    """Hand in the draft as it is."""
    if seen is None:
        seen = Bid.objects.get(tender=tender, vendor=person.vendor).version
    return submission.submit_bid(
        actor=person,
        tender=tender,
        opened=opened_drafts(person),
        price=Decimal(price),
        seen=seen,
        key=key or uuid4(),
        clock=lambda: at,
    )


def withdraw(person, bid, *, key=None, at=NOW):
    return submission.withdraw_bid(actor=person, bid=bid, key=key or uuid4(), clock=lambda: at)


def add_file(person, tender, name="r.pdf", *, content=REPORT, code="R1", at=NOW):
    """Stage a file beside an answer."""
    return staging.add_file(
        actor=person,
        tender=tender,
        opened=opened_drafts(person),
        requirement=tender.requirements.get(code=code),
        name=name,
        content=content,
        now=at,
    )


def remove_file(person, file, *, at=NOW):
    staging.remove_file(actor=person, file=file, opened=opened_drafts(person), now=at)


def draft_of(person, bid):
    """The draft as the person reads it."""
    return queries.draft_of(bid, opened_drafts(person))


def private_key(tender, envelope):
    """An envelope's private key, put together by two officers as an opening does."""
    from bids.actions import unlocking  # noqa: PLC0415
    from bids.actions.custody import system_key  # noqa: PLC0415
    from bids.sealing import officers, shares  # noqa: PLC0415

    key = tender.envelope_keys.get(envelope=envelope)
    halves = []
    for name in OPENERS[:2]:
        row = tender.opening_officers.get(user__username=name)
        private = officers.unlock(
            queries.code_of(row.user),
            public=bytes.fromhex(row.key.public),
            locked=row.key.locked,
            typed=PASSPHRASES[name],
        )
        sealed = unlocking.sealed_halves(key)
        halves.append(shares.open_halves(private, sealed, officer=str(row.pk), key=unlocking.named(key)))
    share = system_key().unwrap(
        bytes.fromhex(key.system_share), shares.wrapping_context(unlocking.named(key))
    )
    return shares.join(unlocking.named(key), share, *halves)


def manifest(row, envelope=Envelope.TECHNICAL):
    """What an envelope of a submission says."""
    sealed = row.manifests.get(envelope=envelope)
    binding = parts.Binding(str(row.bid.tender_id), envelope.value, str(row.bid_id), row.package.digest)
    return parts.open_manifest(
        private_key(row.bid.tender, envelope),
        bytes(sealed.sealed),
        binding=binding,
        version=row.number,
        parts=sealed.parts,
    )


def entries(action):
    """What the trail says of each time that something was done."""
    return [json.loads(row.payload) for row in AuditEntry.objects.filter(action=action).order_by("seq")]


def stored(file):
    """A file as it lies on the disk."""
    with file.sealed.open("rb") as content:
        return content.read()


def checked(text):
    """A document that the site signed, with its signature checked as anybody would."""
    document = verify.read_document(text)
    verify.check_document(document, trusted={signing_key().public})
    return document


def sent_on_paper(bid):
    """A row that says a bid of an evaluation on paper was handed in here, so that its vendor knows of it."""
    package, _made = Package.objects.get_or_create(
        tender=bid.tender, amendment=0, defaults={"text": "{}", "digest": bid.tender.pk.hex * 2, "at": NOW}
    )
    return Submission.objects.create(
        bid=bid,
        number=1,
        kind="bid",
        at=NOW,
        by_name="x",
        package=package,
        commitment="0" * 64,
        receipt="{}",
        idempotency_key=uuid4(),
    )
