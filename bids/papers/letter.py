"""The letter to a bid that was not awarded: its own marks, why they are not higher, and the winner's figures.

Nothing about other bidders, and nothing about who marked what: marks are those of the whole panel, reasons
stand without names, in the order of their words, and every other bidder's and member's name is taken out.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bids.evaluation.case import Bid as BidOfCase
from bids.evaluation.result import Row as Place
from bids.models import Bid
from procurement.choices import Severity
from procurement.templatetags.figures import amount, plain, points

from . import words
from .after_marks import figure_word
from .document import LEFT, RIGHT, Block, Cell, Paper, Row, Sheet, Signature, Signatures, Table, Text, table
from .notice import complaint_sentence, officer_name, winner_rows
from .records import Ranked, Records, without


def letter(records: Records, bid: Bid, language: str) -> Paper:
    """To one vendor that took part and did not win. The award must have been made."""
    title, tender, vendor = _("Letter on the result of the tender"), records.tender, bid.vendor.name
    ranked = records.followed
    place = ranked.row_of(vendor)
    blocks: tuple[Block, ...] = (
        Text(_("Thank you for your bid. It was not awarded. Here are your own result and the winner’s.")),
        *(_own(records, ranked, place) if place else _out(records, ranked, vendor)),
        Text(_("The winner"), heading=True),
        table((_("Award"), ""), winner_rows(records), (36, 64)),
        Text(complaint_sentence(records)),
        Signatures((Signature(_("For the bank"), officer_name(records), ""),)),
    )
    facts = (
        (pgettext("of a letter", "To"), vendor),
        (_("Tender"), tender.title),
        (_("Reference"), tender.reference),
    )
    return Paper(
        kind="letter",
        language=language,
        title=title,
        organisation=records.organisation,
        landscape=False,
        sheets=(Sheet(title, facts, blocks),),
        foot=records.foot(),
    )


def _own(records: Records, ranked: Ranked, place: Place) -> Iterator[Block]:
    """Points by criterion with the panel's reasons, the total and the place."""
    tree, reasons = ranked.tree, _reasons(records, ranked, place.vendor)
    yield Text(_("Your result"), heading=True)
    rows: list[Row] = [
        (
            Cell(f"{leaf.code} {leaf.title}", LEFT),
            Cell(plain(tree.effective[leaf.code]), RIGHT),
            Cell(points(place.points.get(leaf.code)), RIGHT),
            Cell("\n".join(reasons.get(leaf.code, [])), LEFT),
        )
        for leaf in tree.leaves
    ]
    if place.total is not None:
        rows.append(_sum_row(_("Total"), plain(ranked.case.total_points), points(place.total)))
    if ranked.result.figure != "total":
        figure = amount(place.figure) if "price" in ranked.result.figure else points(place.figure)
        rows.append(_sum_row(figure_word(ranked.result), "", figure))
    rows.append(_sum_row(_("Price"), "", words.sum_of(place.price, ranked.case.currency)))
    rows.append(_sum_row(_("Place"), "", str(place.place)))
    titles = (
        _("Criterion"),
        pgettext("most that a criterion gives", "Points"),
        _("Your points"),
        _("Why not more"),
    )
    head = (tuple(Cell(title, strong=True) for title in titles),)
    yield Table(head, tuple(rows), (30, 9, 15, 46))


def _sum_row(title: str, worth: str, text: str) -> Row:
    return (
        Cell(title, LEFT, strong=True),
        Cell(worth, RIGHT, strong=True),
        Cell(text, RIGHT, strong=True),
        Cell(""),
    )


def _reasons(records: Records, ranked: Ranked, vendor: str) -> dict[str, list[str]]:
    """What the panel gave as reasons, by criterion, without names and in the order of the words."""
    bid = _bid_of(ranked, vendor)
    hidden = hidden_names(records, ranked, vendor)
    found: dict[str, set[str]] = {}
    for mark in bid.marks:
        if mark.comment:
            found.setdefault(mark.criterion, set()).add(without(mark.comment, hidden))
    for agreed in bid.consensus:
        found.setdefault(agreed.criterion, set()).add(without(agreed.reason, hidden))
    return {code: sorted(texts) for code, texts in found.items()}


def hidden_names(records: Records, ranked: Ranked, vendor: str) -> dict[str, str]:
    """Other words for every name that the letter must not hold: other bidders' and members'."""
    names = {bid.vendor: _("another bidder") for bid in ranked.case.bids if bid.vendor != vendor}
    for seat in records.seats:
        known = {seat.name, seat.user.name if seat.user else ""} - {""}
        names |= dict.fromkeys(known, _("a panel member"))
    return names


def _bid_of(ranked: Ranked, vendor: str) -> BidOfCase:
    return next(bid for bid in ranked.case.bids if bid.vendor == vendor)


def _out(records: Records, ranked: Ranked, vendor: str) -> Iterator[Block]:
    """Why the bid was not ranked: requirements not met, with what was found, or the rule's sentence."""
    hidden = hidden_names(records, ranked, vendor)
    claims = {row.requirement.code: row for row in records.claims if row.bid.vendor.name == vendor}
    requirements = {row.code: row for row in ranked.case.requirements}
    yield Text(_("Your result: your bid was not ranked"), heading=True)
    rows = []
    for out in ranked.result.excluded:
        for reason in out.reasons if out.vendor == vendor else ():
            requirement, claim = requirements.get(reason.at or ""), claims.get(reason.at or "")
            if requirement is None:
                what = _(reason.template).format(**reason.params)
                rows.append((Cell(reason.at or ""), Cell(without(what, hidden), LEFT), Cell("")))
                continue
            level = str(Severity(requirement.severity).label)
            found = f"{requirement.title}\n{without(claim.finding, hidden) if claim else ''}".strip()
            rows.append((Cell(requirement.code), Cell(found, LEFT), Cell(level)))
    head = (tuple(Cell(title, strong=True) for title in (_("Code"), _("What is not met"), _("Severity"))),)
    yield Table(head, tuple(rows), (14, 68, 18))
