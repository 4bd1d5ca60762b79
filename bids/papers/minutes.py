"""The minutes of the panel: who was there, what was decided with which votes and reasons, who dissented."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from bids.models import Resolution
from procurement.templatetags.figures import plain

from . import words
from .after_marks import signatures
from .document import Block, Paper, Sheet, Signatures, Text, row, table
from .records import Records


def minutes(records: Records, language: str) -> Paper:
    """One resolution after the other, as they were recorded; nothing is summed up."""
    title = _("Minutes of the panel")
    blocks = (
        *_attendance(records),
        *(block for resolution in records.resolutions for block in _resolution(records, resolution)),
        *_draws(records),
        *_nothing(records),
        Signatures(signatures(records)),
    )
    return Paper(
        kind="minutes",
        language=language,
        title=title,
        organisation=records.organisation,
        landscape=False,
        sheets=(Sheet(title, _facts(records), blocks),),
        foot=records.foot(),
    )


def _facts(records: Records) -> tuple[tuple[str, str], ...]:
    tender = records.tender
    return (
        (_("Tender"), tender.title),
        (_("Bids opened"), words.moment(tender.opened_at)),
        (_("Method"), tender.get_method_display()),
        (_("Prices opened"), words.moment(tender.priced_at)),
        (_("Round of evaluation"), str(tender.round)),
    )


def _attendance(records: Records) -> Iterator[Block]:
    recused: dict[str, list[str]] = {}
    for recusal in records.recusals:
        recused.setdefault(recusal.seat.code, []).append(recusal.bid.vendor.name)
    rows = [
        row(
            records.member(seat.code),
            "" if records.nameless else records.unit(seat.unit.code),
            _("Expert") if seat.expert else "",
            _("Present") if seat.present else _("Absent"),
            words.listed(recused.get(seat.code, [])),
        )
        for seat in records.seats
    ]
    titles = (_("Panel member"), _("Unit"), _("Expert"), _("Presence"), _("Recused from"))
    yield table(titles, rows, (26, 20, 12, 14, 28))


def _resolution(records: Records, resolution: Resolution) -> Iterator[Block]:
    yield Text(words.labelled(str(resolution), resolution.get_kind_display()), heading=True)
    about = [
        resolution.criterion and f"{resolution.criterion.code} {resolution.criterion.title}",
        resolution.bid and resolution.bid.vendor.name,
        resolution.seat and records.member(resolution.seat.code),
    ]
    votes = _("%(in_favour)d in favour, %(against)d against, of %(present)d present") % {
        "in_favour": resolution.in_favour,
        "against": resolution.against,
        "present": len(resolution.present),
    }
    rows = [
        row(_("About"), words.listed(str(text) for text in about if text)),
        row(_("Round of evaluation"), str(resolution.round)),
        row(_("Present"), words.listed(records.member(person["code"]) for person in resolution.present)),
        row(_("Votes"), votes),
        row(_("Reason"), records.told(resolution.reason)),
        row(_("Recorded"), f"{resolution.recorded_by}, {words.moment(resolution.recorded_at)}"),
    ]
    rows += [row(_("Marked again"), words.listed(opened.criteria)) for opened in resolution.rounds.all()]
    rows += [
        row(
            _("Differing opinion"),
            words.labelled(records.member(dissent.seat.code), records.told(dissent.text)),
        )
        for dissent in records.dissents
        if dissent.resolution_id == resolution.pk
    ]
    yield table((_("Resolution"), str(resolution)), rows, (20, 80))


def _draws(records: Records) -> Iterator[Block]:
    rows = [
        row(
            words.listed(draw.vendors),
            words.listed(draw.order),
            words.sentences([draw.seed_source, draw.seed]),
            records.signed(draw.witnesses),
            f"{draw.drawn_by}, {words.moment(draw.drawn_at)}" if draw.drawn_at else "",
        )
        for draw in records.draws
    ]
    if rows:
        yield Text(_("Drawing of lots"), heading=True)
        titles = (_("Tied"), _("Order drawn"), _("Seed"), _("Witnesses"), _("Drawn by"))
        yield table(titles, rows, (20, 20, 24, 18, 18))


def _nothing(records: Records) -> Iterator[Block]:
    if not records.resolutions:
        text = _("The panel recorded no resolution in %(rounds)s round(s) of evaluation.")
        yield Text(text % {"rounds": plain(records.tender.round)})
