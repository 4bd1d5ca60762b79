"""The sheet of the trail: what was done, when and by whom, as far as the reader may see it."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from bids.exports.draft import Draft


class TrailRow(NamedTuple):
    """One entry of the audit chain: its number, and the time, person, action and object as text."""

    number: int
    time: str
    person: str
    action: str
    object: str


def write_trail(draft: Draft, name: str, trail: Sequence[TrailRow]) -> None:
    """Write the sheet."""
    sheet, book = draft.sheet(name), draft.book
    draft.title(name, _("Trail"), _("Entries of the audit chain that concern this tender."))
    heads = (_("Number"), _("Time"), _("Person"), _("Action"), _("Object"))
    for column, (head, width) in enumerate(zip(heads, (10, 20, 26, 34, 60), strict=True)):
        book.write_text(sheet, 4, column, head, "head")
        sheet.set_column(column, column, width)
    for row, entry in enumerate(trail, 5):
        book.write_number(sheet, row, 0, entry.number, "cell", "integer")
        for column, text in enumerate((entry.time, entry.person, _(entry.action), entry.object), 1):
            book.write_text(sheet, row, column, str(text), "cell", "wrap")
    if not trail:
        book.write_text(sheet, 5, 0, _("There is no trail: this workbook was made of a case file."), "cell")
    sheet.freeze_panes(5, 0)
    book.set_up_page(sheet, footer=draft.footer, repeat_rows=(4, 4))
