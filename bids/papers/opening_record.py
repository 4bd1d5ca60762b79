"""The opening record (開標紀錄): what came in, under which digest, who opened it and what was checked."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bids.choices import BidStatus, SubmissionKind
from bids.models import Bid, OpeningTurn, Submission
from bids.queries import is_unconfirmed
from procurement.templatetags.figures import ABSENT, amount, fingerprint

from . import words
from .document import (
    LEFT,
    RIGHT,
    Block,
    Cell,
    Notes,
    Paper,
    Row,
    Sheet,
    Signature,
    Signatures,
    Table,
    Text,
    head,
    row,
    table,
)
from .records import Records

#: Groups of four in a whole SHA-256.
WHOLE = 16


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
            _("A commitment covers all that was handed in; the vendor holds the same one on its receipt."),
            small=True,
        ),
        Signatures(tuple(_people(records))),
    )
    sheets = [Sheet(title, facts, blocks)]
    if records.opening.packages:
        sheets.append(Sheet(_("Opening record, keys and checks"), (), tuple(_second(records))))
    return Paper(
        kind="opening-record",
        language=language,
        title=title,
        organisation=records.organisation,
        landscape=True,
        sheets=tuple(sheets),
        foot=records.foot(ranking=False),
    )


# --- the envelopes ----------------------------------------------------------------------------------------
def _envelopes(records: Records) -> Table:
    rows = [_row(records, number, bid, sent) for number, (bid, sent) in enumerate(records.envelopes, 1)]
    titles = (
        _("No."), _("Vendor"), _("Received"), _("Version"), _("Files"), _("Commitment"), _("State"),
        _("Price (%(currency)s)") % {"currency": records.tender.currency},
    )  # fmt: skip
    return Table(head(*titles), tuple(rows), (4, 16, 17, 6, 5, 24, 17, 11))


def _row(records: Records, number: int, bid: Bid, sent: Submission | None) -> Row:
    withdrawn = _is_withdrawn(bid, sent)
    files = str(bid.attachments.count()) if sent and not withdrawn else ABSENT
    priced = records.tender.priced_at is not None and not withdrawn
    return (
        Cell(str(number)),
        Cell(bid.vendor.name, LEFT),
        Cell(words.exactly(sent.at) if sent else _("on paper")),
        Cell(str(sent.number) if sent else ABSENT),
        Cell(files),
        Cell(fingerprint(sent.commitment, WHOLE) if sent else ABSENT),
        Cell("\n".join(_states(records, bid, sent)), LEFT),
        Cell(amount(bid.price) if priced else ABSENT, RIGHT),
    )


def _is_withdrawn(bid: Bid, sent: Submission | None) -> bool:
    return bid.status == BidStatus.WITHDRAWN or bool(sent and sent.kind == SubmissionKind.WITHDRAWAL)


def _states(records: Records, bid: Bid, sent: Submission | None) -> Iterator[str]:
    """What became of a bid: its state, the reason where it is out, and whether it was confirmed."""
    if _is_withdrawn(bid, sent):
        yield _("Withdrawn")
        return
    yield str(bid.get_status_display())
    if bid.why_out:
        yield bid.why_out
    if sent is not None and is_unconfirmed(sent, records.confirmation_asked):
        yield _("Not confirmed under amendment %(n)d") % {"n": records.confirmation_asked}


# --- keys and checks --------------------------------------------------------------------------------------
def _second(records: Records) -> Iterator[Block]:
    """Who unlocked which envelope, what was published and closed, what came late, and what was checked."""
    yield _officers(records)
    yield _documents(records)
    yield from _late(records)
    yield Text(_("Checks"), heading=True)
    yield Notes(words.counted(_checks(records)))
    people = tuple(_officers_to_sign(records))
    if people:
        yield Signatures(people)


def _officers(records: Records) -> Table:
    rows = [
        row(
            str(unlocked.envelope.label),
            records.signed(turn.signed_by),
            records.unit(turn.officer.unit_code),
            words.exactly(turn.at),
            fingerprint(turn.officer.key.fingerprint),
        )
        for unlocked in records.opening.unlocked
        for turn in unlocked.turns
    ]
    locked = [
        row(str(unlocked.envelope.label), _("still locked"), ABSENT, ABSENT, ABSENT)
        for unlocked in records.opening.unlocked
        if not unlocked.turns
    ]
    titles = (_("Envelope"), _("Unlocked by"), _("Unit"), _("Time"), _("Key"))
    return table(titles, [*rows, *locked], (16, 28, 18, 22, 16), title=_("Opening officers"))


def _documents(records: Records) -> Table:
    """The packages that bids were sealed under, and the record that closed the bidding."""
    opening = records.opening
    rows = [
        row(
            _("Amendment %(n)d") % {"n": package.amendment} if package.amendment else _("Publication"),
            words.exactly(package.at),
            _("Deadline %(moment)s") % {"moment": words.moment(said.deadline if said else None)},
            fingerprint(package.digest, WHOLE),
        )
        for package, said in opening.published
    ]
    if opening.closing is not None:
        rows.append(
            row(
                _("Closing record"),
                words.exactly(opening.closing.at),
                _("Root over all commitments"),
                fingerprint(opening.closing.root, WHOLE),
            )
        )
    titles = (_("Document"), _("Time"), _("Content"), _("SHA-256"))
    return table(titles, rows, (14, 20, 18, 48), title=_("What was published and closed"))


def _late(records: Records) -> Iterator[Block]:
    rows = [
        row(late.bid.vendor.name, words.exactly(late.at), fingerprint(late.digest, WHOLE))
        for late in records.opening.late
    ]
    if rows:
        titles = (_("Vendor"), _("Received"), _("SHA-256"))
        yield table(titles, rows, (30, 22, 48), title=_("Came in too late, refused and not opened"))


def _checks(records: Records) -> Iterator[str]:
    """What was checked, each with what was found."""
    if records.as_published:
        yield _("The specification was held against its publication: it is unchanged.")
    else:
        yield _("The specification was held against its publication: it was changed.")
    sent = [bid for bid, sent in records.envelopes if sent and not _is_withdrawn(bid, sent)]
    read = sum(not bid.unreadable for bid in sent)
    yield _(
        "Every bid was held against the audit trail, the closing record, its seal and its list of files, and "
        "every file against what its name says: %(read)d of %(total)d agree."
    ) % {"read": read, "total": len(sent)}
    for bid in sent:
        if bid.unreadable:
            yield words.labelled(bid.vendor.name, bid.why_out)
    if records.opening.system_key:
        yield _("The system’s share of each key lay under the system key %(key)s.") % {
            "key": records.opening.system_key
        }


# --- who signs --------------------------------------------------------------------------------------------
def _people(records: Records) -> Iterator[Signature]:
    officer = records.tender.officer
    if officer:
        yield Signature(
            pgettext("bids", "Opened by"), officer.name, f"{officer.belongs_to} {officer.job_title}".strip()
        )
    yield Signature(_("Witness"), "", "")
    yield Signature(_("Witness"), "", "")


def _officers_to_sign(records: Records) -> Iterator[Signature]:
    """Each opening officer once; nobody of them in a copy without the members' names."""
    turns: dict[object, OpeningTurn] = {
        turn.officer_id: turn for unlocked in records.opening.unlocked for turn in unlocked.turns
    }
    for turn in turns.values():
        if records.signed(turn.signed_by) == turn.signed_by:
            yield Signature(
                _("Opening officer"), turn.officer.user.name, records.unit(turn.officer.unit_code)
            )
