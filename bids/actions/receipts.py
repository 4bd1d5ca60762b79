"""Receipts and refusals: signed by the site, kept as they were given, and mailed to whoever handed in."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from smtplib import SMTPException

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from bids.models import LateBid, Package, Submission
from bids.sealing.canonical import timestamp
from bids.sealing.parts import PartDigest
from procurement.audit.checkpoints import signing_key
from procurement.models import Tender, User
from procurement.signing.keys import UnsafeKey
from procurement.signing.verify import RECEIPT, REFUSAL, Document, canonical

logger = logging.getLogger(__name__)


def as_lines(digests: Sequence[PartDigest]) -> list[dict[str, str]]:
    """The digests of the sealed parts in order, as receipts and the trail hold them."""
    return [asdict(digest) for digest in digests]


def receipt_of(submission: Submission, digests: Sequence[PartDigest]) -> str:
    """The signed receipt of a version, as canonical JSON.

    Raises `ValidationError` where the site cannot sign: what could not be acknowledged is not taken.
    """
    bid = submission.bid
    return _signed(
        {
            "format": RECEIPT,
            "tender": str(bid.tender_id),
            "reference": bid.tender.reference,
            "bid": str(bid.pk),
            "version": submission.number,
            "kind": str(submission.kind),
            "package": submission.package.digest,
            "parts": as_lines(digests),
            "received_at": timestamp(submission.at),
            "commitment": submission.commitment,
        }
    )


def refusal_of(row: LateBid, package: Package) -> str:
    """The signed refusal of a bid that came in late, as canonical JSON. Raises as `receipt_of` does."""
    return _signed(
        {
            "format": REFUSAL,
            "tender": str(row.tender_id),
            "reference": row.tender.reference,
            "package": package.digest,
            "reason": "late",
            "digest": row.digest,
            "received_at": timestamp(row.at),
            "deadline": timestamp(row.tender.deadline),
        }
    )


def _signed(document: Document) -> str:
    try:
        return canonical(signing_key().sign(document)).decode()
    except UnsafeKey as refusal:
        logger.critical("Nothing can be signed: %s", refusal)
        raise ValidationError(
            _("The site cannot sign receipts at the moment, so nothing was accepted. Tell the bank at once.")
        ) from refusal


def file_name(tender: Tender, number: int) -> str:
    """What the file of a receipt is called."""
    return f"receipt-{tender.reference}-{number}.json"


def mail_later(person: User, tender: Tender, receipt: str, number: int) -> None:
    """Mail the receipt to the person once the transaction is committed; a mail that fails stops nothing.

    It can be fetched again at any time.
    """
    if person.email:
        transaction.on_commit(lambda: _mail(person, tender, receipt, number), robust=True)


def _mail(person: User, tender: Tender, receipt: str, number: int) -> None:
    with translation.override(person.language or translation.get_language()):
        subject = _("Receipt of version %(n)d for %(reference)s") % {
            "n": number,
            "reference": tender.reference,
        }
        text = _(
            "The bank has received what the attached receipt says, at the time that it says. Keep the file: "
            "its signature can be checked without the site."
        )
        mail = EmailMessage(subject, text, None, [person.email])
    mail.attach(file_name(tender, number), receipt, "application/json")
    try:
        mail.send()
    except (SMTPException, OSError) as fault:
        logger.error("The receipt of version %s was not mailed: %s", number, fault)  # noqa: TRY400 - one line
