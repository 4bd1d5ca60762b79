"""The award notice: who won, at which price, and until when one may complain. Nothing about anybody else."""

from django.utils.translation import gettext as _

from procurement.templatetags.figures import amount, points

from . import words
from .after_marks import figure_word
from .document import Block, Paper, Sheet, Signature, Signatures, Text, row, table
from .records import Records


def notice(records: Records, language: str) -> Paper:
    """For everybody who took part. The award must have been made."""
    title, tender = _("Award notice"), records.tender
    blocks: tuple[Block, ...] = (
        Text(_("The tender named above was awarded as follows.")),
        table((_("Award"), ""), winner_rows(records), (36, 64)),
        Text(complaint_sentence(records)),
        Signatures((Signature(_("For the bank"), officer_name(records), ""),)),
    )
    return Paper(
        kind="award-notice",
        language=language,
        title=title,
        organisation=records.organisation,
        landscape=False,
        sheets=(Sheet(title, ((_("Tender"), tender.title), (_("Reference"), tender.reference)), blocks),),
        foot=records.foot(),
    )


def winner_rows(records: Records) -> list:
    """The winner, its price, its figure, and the day."""
    award, ranked = records.award, records.followed
    vendor = award.bid.vendor.name
    place = ranked.row_of(vendor)
    rows = [row(_("Awarded to"), vendor)]
    if place is not None:
        rows.append(row(_("Price"), words.sum_of(place.price, ranked.case.currency)))
        figure = amount(place.figure) if "price" in ranked.result.figure else points(place.figure)
        rows.append(row(figure_word(ranked.result), figure))
        if place.total is not None and ranked.result.figure != "total":
            rows.append(row(_("Total"), points(place.total)))
    rows.append(row(_("Awarded on"), words.day(award.awarded_at)))
    rows.append(row(_("Standstill until"), words.moment(award.standstill_until)))
    return rows


def complaint_sentence(records: Records) -> str:
    """Until when one may complain, and what follows."""
    return _(
        "A complaint that reaches the bank until %(moment)s (Taipei) keeps the award from becoming final"
        " until it is answered."
    ) % {"moment": words.moment(records.award.standstill_until)}


def officer_name(records: Records) -> str:
    """Who writes for the bank."""
    officer = records.tender.officer
    return f"{officer.name} ({officer.belongs_to})" if officer else records.organisation
