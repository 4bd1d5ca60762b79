"""Closing the bidding: one root over all that counts, signed, so that nothing comes or goes afterwards."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from bids import queries
from bids.models import ClosingRecord, Submission
from bids.sealing import merkle, receipts
from procurement import audit
from procurement.actions.mailing import send_or_log
from procurement.audit.checkpoints import signing_key
from procurement.choices import Role
from procurement.models import Tender, User
from procurement.signing.verify import read_document


def close_when_over(*, tender: Tender, now: datetime) -> ClosingRecord | None:
    """Write the closing record of a tender whose deadline is over; None where there is nothing to close.

    Done again it does nothing. Raises as `close_bidding` does.
    """
    with transaction.atomic():
        tender = Tender.objects.select_for_update().get(pk=tender.pk)
        if not tender.is_closed(now) or queries.closing_of(tender) is not None:
            return None
        record = close_bidding(tender, now)
        audit.stage_changed("close bidding")
    return record


def close_bidding(tender: Tender, now: datetime) -> ClosingRecord:
    """The closing record of a tender whose deadline is over, written once; the tender is locked.

    Its tree holds the commitment of the last version of every bid, withdrawals included, among random leaves,
    so that it does not tell how many there are. It is mailed once it is committed. Raises
    `procurement.signing.keys.UnsafeKey` where the site cannot sign.
    """
    known = queries.closing_of(tender)
    if known is not None:
        return known
    commitments = [bytes.fromhex(last.commitment) for _bid, last in queries.handed_in(tender)]
    leaves = merkle.padded(commitments)
    document = receipts.closing_record(
        signing_key(),
        tender=str(tender.pk),
        reference=tender.reference,
        package=queries.current_package(tender).digest,
        deadline=tender.deadline,
        closed_at=now,
        leaves=leaves,
    )
    record = ClosingRecord.objects.create(
        tender=tender,
        at=now,
        root=merkle.root(leaves).hex(),
        leaves=json.dumps([leaf.hex() for leaf in leaves]),
        document=receipts.text(document).decode(),
    )
    audit.record(actor=None, action="close bidding", object=tender, now=now, tender=tender, root=record.root)
    told = list(queries.told_of_closing(tender))
    transaction.on_commit(lambda: _mail_all(record, told), robust=True)
    return record


def proof_of(submission: Submission) -> str:
    """The proof that what a vendor handed in last was closed with all the rest, as canonical JSON.

    Only for opened bids: before, its place among the leaves is nobody's. Raises `ValidationError` where the
    version is not among them, which never is so unless somebody altered one of the two.
    """
    record = submission.bid.tender.closing
    try:
        leaves = [bytes.fromhex(leaf) for leaf in json.loads(record.leaves)]
        receipt, closing = (read_document(text) for text in (submission.receipt, record.document))
        return receipts.text(receipts.inclusion(leaves, receipt=receipt, closing=closing)).decode()
    except ValueError as error:
        raise ValidationError(
            _("What you handed in is not in the closing record. Tell the bank’s auditor at once.")
        ) from error


def file_name(tender: Tender) -> str:
    """What the file of the closing record is called."""
    return f"closing-{slugify(tender.reference, allow_unicode=True)}.json"


def _mail_all(record: ClosingRecord, told: Sequence[User]) -> None:
    """A mail of its own to each of them: nobody learns from it who else bid.

    One that fails stops nothing: the record can be fetched again at any time.
    """
    for person in told:
        send_or_log(_mail(record, person))


def _mail(record: ClosingRecord, person: User) -> EmailMessage:
    """What a bidder, or an auditor, is told: bidding is over, and what the attached record is good for."""
    tender = record.tender
    with translation.override(person.language or translation.get_language()):
        subject = _("Closing record of %(reference)s") % {"reference": tender.reference}
        lines = [
            _("Bidding is over, and nothing can be added or taken away any more."),
            _(
                "The attached record is signed. Its root covers everything that was handed in, and tells "
                "neither who bid nor how many."
            ),
        ]
        if person.role == Role.VENDOR:
            lines.append(
                _(
                    "Keep the file. Once the bids are opened, your bid page has the proof that yours is in "
                    "it; both can be checked without the site."
                )
            )
        mail = EmailMessage(subject, "\n\n".join(lines), None, [person.email])
    mail.attach(file_name(tender), record.document, "application/json")
    return mail
