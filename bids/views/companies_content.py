"""A company's declaration as rows of a page, and what became different from one to the next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.utils.translation import gettext as _

from bids.actions.companies import PROFILE
from bids.forms.companies import lines_of
from procurement.models import CompanyProfile

#: What the bank keeps for the comparison of bidders, and shows on no page.
_NOT_SHOWN = "account"
#: That there is no owner to name is said where the owners stand.
_SAID_ELSEWHERE = "no_large_owner"


@dataclass(frozen=True)
class Line:
    """A line of a list, and whether it has ended: a certificate."""

    text: str
    ended: bool = False


@dataclass(frozen=True)
class Change:
    """A field that became different."""

    label: str
    before: str
    after: str


def shown(profile: CompanyProfile | None, today: date) -> list[tuple[str, list[Line]]]:
    """Labels and lines of a declaration; certificates that have ended are marked."""
    if profile is None:
        return []
    ended = [row["ended"] for row in profile.certificates_on(today)]
    rows = []
    for name in PROFILE:
        if name in (_NOT_SHOWN, _SAID_ELSEWHERE):
            continue
        lines = [Line(text) for text in _text(profile, name).splitlines()]
        if name == "certificates":
            lines = [Line(line.text, over) for line, over in zip(lines, ended, strict=True)]
        if name == "owners" and profile.no_large_owner:
            lines = [Line(_("None: no owner holds as much as 25 %."))]
        rows.append((str(CompanyProfile._meta.get_field(name).verbose_name), lines))
    return rows


def history(profiles: Sequence[CompanyProfile]) -> list[tuple[CompanyProfile, list[Change]]]:
    """Every declaration, the last first, with what it changed; the first one changed nothing."""
    found = [(later, list(_changes(earlier, later))) for later, earlier in pairwise(profiles)]
    return [*found, *((first, []) for first in profiles[-1:])]


def _changes(earlier: CompanyProfile, later: CompanyProfile) -> Iterator[Change]:
    for name in PROFILE:
        before, after = _text(earlier, name), _text(later, name)
        if before != after:
            label = str(CompanyProfile._meta.get_field(name).verbose_name)
            hidden = name == _NOT_SHOWN
            yield Change(label, "…" if hidden else before, "…" if hidden else after)


def _text(profile: CompanyProfile, name: str) -> str:
    """A field in words."""
    value = getattr(profile, name)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return lines_of(value) if isinstance(value, list) else str(value)
