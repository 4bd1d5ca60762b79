"""What the minutes say: resolutions and dissent, the rounds they opened, and what is frozen of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from bids import queries, rules
from bids.actions.lots import announced_draw, resolution_to_draw, tied_vendors
from bids.choices import ResolutionKind
from bids.forms.resolutions import DissentForm, ResolutionForm
from bids.models import LotDraw, Resolution, Round
from procurement.choices import TieRule
from procurement.models import Tender, User
from procurement.rules import Verdict

from .difference_detail import resolution_form

#: What the panel may decide about the tender as a whole.
OF_THE_TENDER = (ResolutionKind.REDO, ResolutionKind.LOTS, ResolutionKind.NO_AWARD)


@dataclass(frozen=True)
class Entry:
    """One resolution in the minutes, and whether and how this person may dissent from it."""

    row: Resolution
    can_dissent: Verdict
    form: DissentForm

    @property
    def names(self) -> list[str]:
        """Who was present."""
        return [seat["name"] for seat in self.row.present]

    @property
    def abstained(self) -> int:
        """How many of those present voted neither way."""
        return len(self.row.present) - self.row.in_favour - self.row.against


class ResolutionsContent:
    """The minutes of a tender, as one person may see them; `forms` are those that were refused."""

    def __init__(
        self, user: User, tender: Tender, now: datetime, forms: Mapping[str, Any] | None = None
    ) -> None:
        self.user, self.tender, self.now, self._forms = user, tender, now, forms or {}

    @cached_property
    def minutes(self) -> list[Resolution]:
        """Every resolution, oldest first."""
        return list(queries.resolutions_visible_to(self.user).filter(tender=self.tender))

    @cached_property
    def entries(self) -> list[Entry]:
        """The minutes, newest first."""
        # the rule asks who sits on the panel, which is the same for every resolution of the tender
        verdict = rules.can_dissent(self.user, self.minutes[0]) if self.minutes else Verdict(False)
        return [Entry(row, verdict, self._dissent_form(row)) for row in reversed(self.minutes)]

    def _dissent_form(self, row: Resolution) -> DissentForm:
        number, refused = self._forms.get("dissent", (None, None))
        return refused if number == row.pk else DissentForm(auto_id=f"id_{row.number}_%s")

    @cached_property
    def rounds(self) -> list[Round]:
        """Rounds that were opened again."""
        return list(queries.rounds_visible_to(self.user).filter(tender=self.tender))

    @cached_property
    def draws(self) -> list[LotDraw]:
        """Drawings of lots."""
        return list(queries.lot_draws_visible_to(self.user).filter(tender=self.tender))

    @cached_property
    def tied(self) -> tuple[str, ...]:
        """Who shares first place, once prices are open."""
        return tied_vendors(self.tender, self.now) if self.tender.is_priced else ()

    @property
    def has_lots(self) -> bool:
        """Whether the published tie rules have lots."""
        return TieRule.LOTS in self.tender.tie_break

    @property
    def can_draw_lots(self) -> Verdict:
        """Whether lots come next, by the published rules or without them."""
        return rules.can_draw_lots(self.tender)

    @cached_property
    def awaited(self) -> LotDraw | None:
        """The drawing whose seed is awaited."""
        return announced_draw(self.tender)

    @cached_property
    def to_draw(self) -> Resolution | None:
        """The resolution on which lots can be drawn now."""
        return resolution_to_draw(self.tender) if self.awaited is None else None

    @cached_property
    def can_draw(self) -> Verdict:
        """Whether this person enters lots now."""
        return rules.can_resolve(self.user, self.tender, ResolutionKind.LOTS)

    @property
    def kinds(self) -> list[str]:
        """What can be decided now about the tender as a whole."""
        found = [kind for kind in OF_THE_TENDER if rules.can_resolve(self.user, self.tender, kind)]
        return [kind for kind in found if kind != ResolutionKind.LOTS or self.tied]

    @cached_property
    def form(self) -> ResolutionForm | None:
        """The form for the minutes; None where nothing can be decided, or not by this person."""
        if "resolution" in self._forms:
            return self._forms["resolution"]
        if not self.kinds:
            return None
        return resolution_form(self.user, self.tender, self.kinds, minutes=self.minutes)


@dataclass(frozen=True)
class FrozenLine:
    """One leaf of one bid in a frozen round: each member's mark, and what stands of it now."""

    code: str
    title: str
    vendor: str
    marks: list[dict[str, Any]]
    again: bool


class FrozenRound:
    """Case and result of a round that ended, read back from what was frozen."""

    def __init__(self, row: Round, current: Mapping[str, Any] | None) -> None:
        self.row, self.number = row, row.number - 1
        self.case: dict[str, Any] = json.loads(row.case_text)
        self.result: dict[str, Any] = json.loads(row.result_text)
        self._now = _marks(current) if current else {}

    @property
    def members(self) -> list[dict[str, Any]]:
        """The panel of the round."""
        return self.case.get("panel") or []

    @property
    def lines(self) -> list[FrozenLine]:
        """Every leaf of every bid that was marked, in file order."""
        given = _marks(self.case)
        titles = {node["code"]: node["title"] for node in self.case["criteria"]}
        cells = dict.fromkeys((code, vendor) for vendor, code, _member in given)
        return [
            FrozenLine(
                code=code,
                title=titles[code],
                vendor=vendor,
                marks=[self._cell(given, vendor, code, member["code"]) for member in self.members],
                again=code in self.row.criteria,
            )
            for code, vendor in sorted(cells, key=lambda cell: list(titles).index(cell[0]))
        ]

    def _cell(self, given: dict[Any, Fraction | None], vendor: str, code: str, member: str) -> dict[str, Any]:
        """A mark of the round, and how far what stands now is from it where the leaf was marked again."""
        key = vendor, code, member
        was, now = given.get(key), self._now.get(key)
        delta = now - was if code in self.row.criteria and was is not None and now is not None else None
        return {"there": key in given, "mark": was, "now": now, "delta": delta}

    @property
    def ranking(self) -> list[dict[str, Any]]:
        """The ranked bids, where prices were open."""
        return self.result.get("ranking") or []


def _marks(case: Mapping[str, Any]) -> dict[tuple[str, str, str], Fraction | None]:
    """Marks of a case file by vendor, leaf and member."""
    return {
        (bid["vendor"], mark["criterion"], mark["member"]): None
        if mark.get("mark") is None
        else Fraction(mark["mark"])
        for bid in case["bids"]
        for mark in bid["marks"]
    }
