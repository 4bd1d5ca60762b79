"""What was published after a tender's publication: amendments and other opening officers, in order."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from bids import queries
from bids.models import Package
from procurement.models import Tender


@dataclass(frozen=True)
class Change:
    """One package after the first: what it is about, what it says, and the two sides that stand behind it."""

    package: Package
    label: str
    text: str
    names: tuple[tuple[str, str], ...]
    deadline: datetime | None = None
    confirms: bool = False


def changes_of(tender: Tender, *, of_bank: bool) -> list[Change]:
    """What was published since, the first change first. To vendors it names nobody."""
    found = [
        Change(
            package=row.package,
            label=row.get_kind_display(),
            text=row.text,
            names=((_("Proposed by"), row.proposed_by), (_("Agreed by"), row.decided_by)) if of_bank else (),
            deadline=row.deadline,
            confirms=row.kind == "documents",
        )
        for row in queries.agreed_amendments(tender)
    ]
    for row in queries.replacements_of(tender):
        names = (
            (_("No longer"), row.leaving.name),
            (_("From now on"), str(row.successor)),
            (_("Agreed by"), row.first_by),
            (_("Agreed by"), row.decided_by),
        )
        found.append(
            Change(
                package=row.package,
                label=_("Another opening officer"),
                text=row.reason if of_bank else "",
                names=names if of_bank else (),
            )
        )
    return sorted(found, key=lambda change: change.package.amendment)
