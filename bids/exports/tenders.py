"""The list of tenders as a workbook."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from procurement.sheets.lists import Cell, Heading, list_workbook


def tenders_workbook(rows: Sequence[Sequence[Cell]], created: datetime) -> bytes:
    """The rows, in the order of `headings`, in the reader's language; `created` is a moment in Taipei."""
    return list_workbook(title=_("Tenders"), headings=headings(), rows=rows, created=created)


def headings() -> list[Heading]:
    """The columns."""
    return [
        Heading(_("Reference"), 18),
        Heading(_("Tender"), 40),
        Heading(_("System class"), 30),
        Heading(_("Stage"), 22),
        Heading(_("At this stage since"), 14),
        Heading(_("Days at this stage"), 10),
        Heading(_("Next step"), 28),
        Heading(_("Whose"), 22),
        Heading(_("Deadline for bids"), 14),
        Heading(_("Late"), 44),
        Heading(_("Accountable unit"), 18),
        Heading(_("Owner"), 18),
        Heading(_("Officer"), 18),
        Heading(_("Begun"), 12),
    ]
