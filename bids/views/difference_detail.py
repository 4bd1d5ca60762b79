"""The open item of the page of differences: who gave which mark and why, and what may be done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from bids import queries, rules
from bids.actions.differences import OF_AN_ITEM
from bids.choices import ResolutionKind
from bids.forms.resolutions import CorrectionForm, ResolutionForm
from bids.models import Bid, FirstOpinion, Mark, Resolution
from procurement.models import Criterion, Seat, Tender, User
from procurement.models.fields import plain
from procurement.rules import Verdict

from .differences_content import OF_A_BID, DifferencesContent, Row


@dataclass(frozen=True)
class Judged:
    """One member's mark on the chosen item: the original, what it was corrected to, and earlier rounds."""

    seat: Seat
    mark: Mark
    unit: dict[str, Any]
    counts: bool
    departs: bool
    earlier: Mark | None

    @property
    def corrections(self) -> list[Any]:
        """What the member changed, in order."""
        return list(self.mark.corrections.all())

    @property
    def stands(self) -> Any:
        """The mark that stands."""
        return self.corrections[-1].corrected if self.corrections else self.mark.mark

    @property
    def delta(self) -> Fraction | None:
        """How far the mark is from that of the round before."""
        before = _standing(self.earlier) if self.earlier else None
        return None if before is None or self.stands is None else Fraction(self.stands) - Fraction(before)


def _standing(mark: Mark) -> Any:
    """What stood of a mark at the end of its round."""
    corrections = list(mark.corrections.all())
    return corrections[-1].corrected if corrections else mark.mark


class DifferenceDetail:
    """The open item of a list, or the open bid where a flag concerns it as a whole.

    `forms` are those that were refused: `correction`, `resolution`.
    """

    def __init__(self, content: DifferencesContent, forms: Mapping[str, Any] | None = None) -> None:
        self.content, self._forms = content, forms or {}
        self.user, self.tender = content.user, content.tender
        self.item, self.bid = content.chosen, content.chosen_bid

    @cached_property
    def row(self) -> Row | None:
        """The open item as the list has it."""
        return self.content.row(self.item) if self.item else None

    @cached_property
    def plan(self) -> queries.Marking:
        """Who marks what in the round."""
        return queries.marking(self.tender)

    @cached_property
    def opinion(self) -> FirstOpinion | None:
        """What the working group thought of the open item."""
        if self.row is None:
            return None
        opinions = queries.first_opinions_visible_to(self.user).filter(bid=self.row.bid)
        return opinions.filter(criterion=self.row.criterion).first()

    @cached_property
    def judged(self) -> list[Judged]:
        """Every member's mark on the open item, those who no longer count last."""
        if self.row is None:
            return []
        marks = list(
            queries.marks_on_item(self.user, self.tender, self.plan, self.row.bid, self.row.criterion)
        )
        number = max((mark.round for mark in marks), default=1)
        before = {mark.seat_id: mark for mark in marks if mark.round < number}
        rows = [self._judged(mark, before.get(mark.seat_id)) for mark in marks if mark.round == number]
        return sorted(rows, key=lambda row: not row.counts)

    def _judged(self, mark: Mark, earlier: Mark | None) -> Judged:
        first = self.opinion.mark if self.opinion else None
        stands = _standing(mark)
        return Judged(
            seat=mark.seat,
            mark=mark,
            unit=self.content.sign(mark.seat.unit.code),
            counts=mark.mark is None or mark.seat.code in self.item.now.members,  # type: ignore[union-attr]  # there is a detail
            departs=first is not None and stands is not None and stands != first,
            earlier=earlier,
        )

    @property
    def moved(self) -> list[dict[str, Any]]:
        """Unit means that corrections moved."""
        if self.row is None:
            return []
        return [unit for unit in self.row.units if unit["first"] not in {None, unit["mark"]}]

    @property
    def totals(self) -> list[dict[str, Any]]:
        """Every member's own total and rank of the open bid, where a flag on the bid as a whole is open."""
        if self.item is not None or self.bid is None or self.content.result is None:
            return []
        names = {member.code: member.name or member.code for member in self.content.case.members}
        units = {member.code: self.content.sign(member.unit) for member in self.content.case.members}
        return [
            {"name": names[code], "unit": units[code], "figure": figures[self.bid.vendor.name]}
            for code, figures in self.content.result.members.items()
            if self.bid.vendor.name in figures
        ]

    # --- what may be done -----------------------------------------------------------------------------------
    @cached_property
    def own(self) -> Judged | None:
        """One's own mark on the open item."""
        return next((row for row in self.judged if row.seat.user_id == self.user.pk), None)

    @cached_property
    def can_correct(self) -> Verdict:
        """Whether one's own mark may be corrected now."""
        return rules.can_correct(self.user, self.own.mark) if self.own else Verdict(False)

    @property
    def correction_form(self) -> CorrectionForm | None:
        """The form for another mark of one's own."""
        if self.own is None or not self.can_correct:
            return None
        form: CorrectionForm | None = self._forms.get("correction")
        return form or CorrectionForm(initial={"seen": len(self.own.corrections)}, auto_id="id_correct_%s")

    @cached_property
    def minutes(self) -> list[Resolution]:
        """Every resolution that the person sees, oldest first."""
        return list(queries.resolutions_visible_to(self.user).filter(tender=self.tender))

    @property
    def resolutions(self) -> list[Resolution]:
        """What was decided about the open item, or the open bid as a whole."""
        criterion = self.row.criterion.pk if self.row else None
        bid = self.bid.pk if self.bid else None
        return [row for row in self.minutes if (row.criterion_id, row.bid_id) == (criterion, bid)]

    @property
    def kinds(self) -> list[str]:
        """What can be decided now about what is open."""
        wanted = (*OF_AN_ITEM, ResolutionKind.NO_AWARD) if self.row else OF_A_BID
        return [kind for kind in wanted if rules.can_resolve(self.user, self.tender, kind)]

    @cached_property
    def resolution_form(self) -> ResolutionForm | None:
        """The form for the minutes; None where nothing can be decided, or not by this person."""
        if "resolution" in self._forms:
            return self._forms["resolution"]
        if self.bid is None or not self.kinds:
            return None
        return resolution_form(
            self.user,
            self.tender,
            self.kinds,
            criterion=self.row.criterion if self.row else None,
            bid=self.bid,
            minutes=self.minutes,
            plan=self.plan,
        )


def resolution_form(
    user: User,
    tender: Tender,
    kinds: list[str],
    *,
    data: Any = None,
    criterion: Criterion | None = None,
    bid: Bid | None = None,
    minutes: list[Resolution] | None = None,
    plan: queries.Marking | None = None,
) -> ResolutionForm:
    """The form of a resolution, everybody who has a vote and is there entered as present and in favour."""
    plan = plan or queries.marking(tender)
    voters = [seat for seat in queries.electorate(tender, bid) if seat.present]
    agreed = _agreed_mark(tender, criterion, bid)
    initial = {
        "criterion": criterion,
        "bid": bid,
        "again": [criterion] if criterion else [],
        "present": voters,
        "in_favour": len(voters),
        "against": 0,
        "mark": agreed,
        "replaces": agreed,
        "seen": max((row.number for row in minutes or ()), default=0),
    }
    return ResolutionForm(
        data,
        initial=initial,
        kinds=kinds,
        leaves=[leaf.row for leaf in plan.leaves],
        bids=queries.bids_visible_to(user).filter(tender=tender),
        voters=voters,
        judges=[seat for seat in plan.seats if bid is not None and bid in plan.bids_of(seat)],
    )


def _agreed_mark(tender: Tender, criterion: Criterion | None, bid: Bid | None) -> str:
    """The mark agreed on for the item in this round, empty where there is none."""
    if criterion is None or bid is None:
        return ""
    row = bid.agreed.filter(criterion=criterion, round=tender.round).first()
    return plain(row.mark) if row else ""
