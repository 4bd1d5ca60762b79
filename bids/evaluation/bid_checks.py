"""What must fit together in the bids: claims, members' marks, agreed marks."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from bids.evaluation.case import Bid, Criterion, Mark
from bids.evaluation.checks import DANGLING, REPEATED
from bids.evaluation.exact import text
from bids.evaluation.issues import gettext_noop, shown
from bids.evaluation.tender_checks import TenderChecks

_OVER_THE_SCALE = gettext_noop("The scale of this leaf ends at {top}.")


@dataclass(frozen=True, slots=True)
class _Markable:
    """Whether people may mark a node (`refusal` says why not), by which units, up to which mark if known."""

    refusal: str | None
    units: tuple[str, ...] | None
    top: Fraction | None


class CaseChecks(TenderChecks):
    """All checks of a case."""

    def bids(self) -> None:
        """Everything about the bids; `tender` comes first."""
        if not self.case.bids and not self.specification and self.sound("bids"):
            self.fault("missing", "bids", gettext_noop("At least one bid is needed."))
        self.markable = {
            node.code: self._markable(node, f"criteria[{index}]")
            for index, node in enumerate(self.case.criteria)
            if node.code not in self.vague
        }
        times = Counter(member.code for member in self.case.members)
        self.unit_of = {member.code: member.unit for member in self.case.members if times[member.code] == 1}
        for index, bid in enumerate(self.case.bids):
            path = f"bids[{index}]"
            if bid.status == "excluded" and bid.reason is None and self.sound(f"{path}.reason"):
                self.fault("missing", f"{path}.reason", gettext_noop("An excluded bid needs a reason."))
            self._once(
                (claim.requirement for claim in bid.claims),
                self.requirements,
                f"{path}.claims",
                "requirement",
            )
            self._marks(bid, path)
            self._agreed_marks(bid, path)

    def _once(self, names: Iterable[str], known: frozenset[str] | None, path: str, key: str) -> None:
        """Each entry of a list names something else that exists."""
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name and name in seen:
                self.fault("repeated", f"{path}[{index}].{key}", REPEATED, name=shown(name))
            self._known(name, known, f"{path}[{index}].{key}")
            seen.add(name)

    def _known(self, name: str, known: frozenset[str] | None, path: str) -> None:
        if name and known is not None and name not in known:
            self.fault("dangling", path, DANGLING, name=shown(name))

    def _markable(self, node: Criterion, path: str) -> _Markable:
        if not self.is_leaf(node):
            return _Markable(
                gettext_noop("People mark leaves, and other criteria stand below this one."), None, None
            )
        if node.kind == "price" and self.case.price.computed:
            return _Markable(
                gettext_noop("A formula gives the points of this leaf, nobody marks it."), None, None
            )
        units = node.units if self.units and node.units and self.units.issuperset(node.units) else None
        return _Markable(None, units, self.top(node, path))

    def _marks(self, bid: Bid, path: str) -> None:
        seen: set[tuple[str, str]] = set()
        for index, mark in enumerate(bid.marks):
            pair = (mark.member, mark.criterion)
            if pair in seen and mark.member and mark.criterion:
                template = gettext_noop("“{member}” has marked “{criterion}” already.")
                names = {"member": shown(mark.member), "criterion": shown(mark.criterion)}
                self.fault("repeated", f"{path}.marks[{index}]", template, **names)
            seen.add(pair)
            markable = self.markable.get(mark.criterion)
            if markable is None or mark.member not in self.unit_of or not self._plain(mark, markable):
                self._mark(mark, markable, f"{path}.marks[{index}]")

    def _plain(self, mark: Mark, markable: _Markable) -> bool:
        """Whether a mark of a known member on a known node needs no second look."""
        return (
            markable.refusal is None
            and markable.units is None
            and mark.mark is not None
            and markable.top is not None
            and mark.mark <= markable.top
        )

    def _mark(self, mark: Mark, markable: _Markable | None, path: str) -> None:
        self._known(mark.member, self.members, f"{path}.member")
        self._known(mark.criterion, self.criteria, f"{path}.criterion")
        if mark.mark is None and self.every_member_marks and self.sound(f"{path}.mark", path):
            template = gettext_noop("Here every member marks every leaf, so nobody may abstain.")
            self.fault("not_allowed", f"{path}.mark", template)
        if markable is None:
            return
        if markable.refusal is not None:
            self.fault("not_allowed", f"{path}.criterion", markable.refusal)
            return
        unit = self.unit_of.get(mark.member, "")
        if unit and markable.units is not None and unit not in markable.units:
            template = gettext_noop("The unit “{unit}” does not mark this leaf.")
            self.fault("not_allowed", path, template, unit=shown(unit))
        self._scale(mark.mark, markable.top, f"{path}.mark")

    def _scale(self, mark: Fraction | None, top: Fraction | None, path: str) -> None:
        if mark is not None and top is not None and mark > top:
            self.fault("out_of_range", path, _OVER_THE_SCALE, top=text(top))

    def _agreed_marks(self, bid: Bid, path: str) -> None:
        self._once(
            (agreed.criterion for agreed in bid.consensus), self.criteria, f"{path}.consensus", "criterion"
        )
        for index, agreed in enumerate(bid.consensus):
            where = f"{path}.consensus[{index}]"
            if self.every_member_marks:
                self.fault(
                    "not_allowed", where, gettext_noop("Here members' own marks count, not agreed ones.")
                )
            markable = self.markable.get(agreed.criterion)
            if markable and markable.refusal is not None:
                self.fault("not_allowed", f"{where}.criterion", markable.refusal)
            elif markable:
                self._scale(agreed.mark, markable.top, f"{where}.mark")
