"""The opening record: what came in, when, under which digest, and who was out before anybody looked."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bids.choices import BidStatus, SubmissionKind
from bids.models import Bid, Submission
from procurement.templatetags.figures import ABSENT, amount, fingerprint

from . import words
from .document import LEFT, RIGHT, Block, Cell, Paper, Row, Sheet, Signature, Signatures, Table, Text
from .records import Records


def opening_record(records: Records, language: str) -> Paper:
    """Envelopes in order of receipt; prices stand in it once they are opened."""
    title = _("Opening record")
    tender = records.tender
    facts = (
        (_("Tender"), tender.title),
        (_("Deadline"), words.moment(tender.deadline)),
        (_("Bidders named"), words.moment(tender.bidders_named_at)),
        (_("Bids opened"), words.moment(tender.opened_at)),
        (_("Prices opened"), words.moment(tender.priced_at)),
        (_("Budget"), words.sum_of(tender.budget, tender.currency)),
    )
    blocks: tuple[Block, ...] = (
        _envelopes(records),
        Text(
            _("A digest is SHA-256 over what was handed in; the vendor holds the same one on its receipt."),
            small=True,
        ),
        Signatures(tuple(_people(records))),
    )
    return Paper(
        kind="opening-record",
        language=language,
        title=title,
        organisation=records.organisation,
        landscape=True,
        sheets=(Sheet(title, facts, blocks),),
        foot=records.foot(ranking=False),
    )


def _envelopes(records: Records) -> Table:
    priced = records.tender.priced_at is not None
    rows = [_row(number, bid, sent, priced) for number, (bid, sent) in enumerate(records.envelopes, 1)]
    titles = (
        _("No."), _("Vendor"), _("Received"), _("Version"), _("Files"), _("Digest"), _("State"),
        _("Price (%(currency)s)") % {"currency": records.tender.currency},
    )  # fmt: skip
    head = (tuple(Cell(title, strong=True) for title in titles),)
    return Table(head, tuple(rows), (4, 20, 18, 6, 6, 20, 14, 12))


def _row(number: int, bid: Bid, sent: Submission | None, priced: bool) -> Row:
    withdrawn = bid.status == BidStatus.WITHDRAWN or (sent and sent.kind == SubmissionKind.WITHDRAWAL)
    files = str(bid.attachments.count()) if sent and not withdrawn else ABSENT
    state = _("Withdrawn") if withdrawn else bid.get_status_display()
    return (
        Cell(str(number)),
        Cell(bid.vendor.name, LEFT),
        Cell(words.moment(sent.at) if sent else _("on paper")),
        Cell(str(sent.number) if sent else ABSENT),
        Cell(files),
        Cell(fingerprint(sent.commitment) if sent else ABSENT),
        Cell(f"{state}\n{bid.reason}" if bid.reason and not withdrawn else str(state), LEFT),
        Cell(amount(bid.price) if priced and not withdrawn else ABSENT, RIGHT),
    )


def _people(records: Records) -> Iterator[Signature]:
    officer = records.tender.officer
    if officer:
        yield Signature(
            pgettext("bids", "Opened by"), officer.name, f"{officer.belongs_to} {officer.job_title}".strip()
        )
    yield Signature(_("Witness"), "", "")
    yield Signature(_("Witness"), "", "")
