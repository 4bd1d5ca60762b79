"""Receipts and refusals: signed by the site, kept as they were given, and mailed to whoever handed in."""

from collections.abc import Sequence
from datetime import datetime

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from bids import queries
from bids.choices import SubmissionKind
from bids.models import LateBid, Package, Submission
from bids.sealing import receipts
from bids.sealing.parts import PartDigest
from procurement.actions.mailing import send_or_log
from procurement.audit.checkpoints import signing_key
from procurement.models import Tender, User

_KINDS = {
    SubmissionKind.BID.value: receipts.SUBMITTED,
    SubmissionKind.WITHDRAWAL.value: receipts.WITHDRAWN,
}


def receipt_of(submission: Submission, digests: Sequence[PartDigest]) -> str:
    """The signed receipt of a version, as canonical JSON.

    Raises `UnsafeKey` where the site cannot sign: what could not be acknowledged is not taken.
    """
    return _receipt(submission, _KINDS[submission.kind], submission.package, digests, submission.at)


def confirmation_of(submission: Submission, package: Package, at: datetime) -> str:
    """The signed receipt of a version's confirmation under a later package. Raises as `receipt_of` does."""
    return _receipt(submission, receipts.CONFIRMED, package, queries.committed_parts(submission), at)


def _receipt(
    submission: Submission, kind: str, package: Package, digests: Sequence[PartDigest], at: datetime
) -> str:
    bid = submission.bid
    document = receipts.receipt(
        signing_key(),
        kind=kind,
        bid=str(bid.pk),
        version=submission.number,
        tender=str(bid.tender_id),
        reference=bid.tender.reference,
        package=package.digest,
        parts=digests,
        received_at=at,
        commitment=submission.commitment,
    )
    return receipts.text(document).decode()


def refusal_of(row: LateBid, package: Package) -> str:
    """The signed refusal of a bid that came in late, as canonical JSON. Raises as `receipt_of` does."""
    document = receipts.refusal(
        signing_key(),
        tender=str(row.tender_id),
        reference=row.tender.reference,
        package=package.digest,
        reason=receipts.LATE,
        digest=row.digest,
        received_at=row.at,
        deadline=row.tender.deadline,
    )
    return receipts.text(document).decode()


def file_name(tender: Tender, number: int) -> str:
    """What the file of a receipt is called."""
    return f"receipt-{slugify(tender.reference, allow_unicode=True)}-{number}.json"


def refusal_name(row: LateBid) -> str:
    """What the file of a refusal is called."""
    return f"refusal-{row.pk}.json"


def mail_later(person: User, submission: Submission, receipt: str) -> None:
    """Mail a receipt of the version to the person once the transaction is committed."""
    tender, number = submission.bid.tender, submission.number
    with _spoken_to(person):
        subject = _("Receipt of version %(n)d for %(reference)s") % {
            "n": number,
            "reference": tender.reference,
        }
        text = _(
            "The bank has received what the attached receipt says, at the time that it says. Keep the file: "
            "its signature can be checked without the site."
        )
    _mail_later(person, subject, text, file_name(tender, number), receipt)


def mail_refusal_later(person: User, row: LateBid) -> None:
    """Mail the signed refusal of what came in late, once the transaction is committed."""
    with _spoken_to(person):
        subject = _("Came in too late for %(reference)s") % {"reference": row.tender.reference}
        text = _(
            "What you sent came in at or after the deadline, and the bank did not accept it. The attached "
            "refusal says when it came in; its signature can be checked without the site."
        )
    _mail_later(person, subject, text, refusal_name(row), row.refusal)


def _spoken_to(person: User) -> translation.override:
    return translation.override(person.language or translation.get_language())


def _mail_later(person: User, subject: str, text: str, name: str, document: str) -> None:
    """A mail that fails stops nothing: what was signed can be fetched again at any time."""
    if person.email:
        mail = EmailMessage(subject, text, None, [person.email])
        mail.attach(name, document, "application/json")
        transaction.on_commit(lambda: send_or_log(mail), robust=True)
