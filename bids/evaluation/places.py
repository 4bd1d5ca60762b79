"""Ranks, and the order of bids whose figures are equal."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from bids.evaluation import exact
from bids.evaluation.case import Case
from bids.evaluation.issues import Issue, gettext_noop, warning
from bids.evaluation.sheet import Sheet
from bids.evaluation.tree import Tree

Name = TypeVar("Name", bound=Hashable)
# How a tie rule orders the bids of a group: the smaller key first; `None` splits nothing.
Keys = Mapping[str, Fraction] | None


def groups(figures: Mapping[Name, Fraction], *, highest_first: bool) -> list[list[Name]]:
    """The names with equal figures together, the best figure first, in the given order inside a group."""
    together: dict[Fraction, list[Name]] = {}
    for name, figure in figures.items():
        together.setdefault(figure, []).append(name)
    return [together[figure] for figure in sorted(together, reverse=highest_first)]


def ranks(totals: Mapping[Name, Fraction], tied_rank: str) -> dict[Name, Fraction]:
    """The ranks of totals, the highest first; equals by `competition` (1,1,3), `dense` (1,1,2), `average`."""
    result: dict[Name, Fraction] = {}
    above = 0
    for position, group in enumerate(groups(totals, highest_first=True), start=1):
        if tied_rank == "dense":
            rank = Fraction(position)
        elif tied_rank == "average":
            rank = above + Fraction(len(group) + 1, 2)
        else:
            rank = Fraction(above + 1)
        result |= dict.fromkeys(group, rank)
        above += len(group)
    return result


@dataclass(frozen=True, slots=True)
class Placed:
    """A bid's place, and the last tie rule that split the group it was in."""

    vendor: str
    place: int
    tie_broken_by: str | None


class TieBreak:
    """Splits groups of equal bids by the tie rules of a case, in their order, part by part."""

    def __init__(
        self, case: Case, tree: Tree, sheets: Mapping[str, Sheet], first_places: Mapping[str, int]
    ) -> None:
        self.case, self.tree, self.sheets, self.first_places = case, tree, sheets, first_places
        self.issues: list[Issue] = []
        self._keys: Mapping[str, Callable[[list[str]], Keys]] = {
            "heaviest-criterion": self._heaviest,
            "more-first-places": self._first_places,
            "higher-security": self._security,
            "lower-price": self._price,
            "lots": self._lots,
        }

    def placed(self, figures: Mapping[str, Fraction], *, highest_first: bool) -> list[Placed]:
        """Every bid with its place, best first; what no rule splits shares a place (1,1,3)."""
        result: list[Placed] = []
        for tied in groups(figures, highest_first=highest_first):
            for part, rule in self._split(tied):
                place = len(result) + 1
                result += [Placed(vendor, place, rule) for vendor in part]
        return result

    def _split(self, tied: list[str]) -> list[tuple[list[str], str | None]]:
        parts: list[tuple[list[str], str | None]] = [(tied, None)]
        for rule in self.case.tie_break:
            after: list[tuple[list[str], str | None]] = []
            for part, split_by in parts:
                keys = self._keys[rule](part) if len(part) > 1 else None
                pieces = groups(keys, highest_first=False) if keys else [part]
                after += [(piece, rule if len(pieces) > 1 else split_by) for piece in pieces]
            parts = after
        return parts

    def _heaviest(self, part: list[str]) -> Keys:
        """Aggregated, unrounded points on the leaf, or leaves together, with most effective points."""
        weights = [self.tree.effective[leaf.code] for leaf in self.tree.leaves]
        codes = [leaf.code for leaf in self.tree.leaves if self.tree.effective[leaf.code] == max(weights)]
        return _highest(part, lambda vendor: [self.sheets[vendor].unrounded[code] for code in codes])

    def _security(self, part: list[str]) -> Keys:
        codes = self.tree.of_kind("security")
        return _highest(part, lambda vendor: [self.sheets[vendor].points[code] for code in codes])

    def _first_places(self, part: list[str]) -> Keys:
        return {vendor: Fraction(-self.first_places.get(vendor, 0)) for vendor in part}

    def _price(self, part: list[str]) -> Keys:
        prices = {vendor: self.sheets[vendor].bid.price for vendor in part}
        known = {vendor: price for vendor, price in prices.items() if price is not None}
        return known if len(known) == len(part) else None

    def _lots(self, part: list[str]) -> Keys:
        drawn = {vendor: Fraction(place) for place, vendor in enumerate(self.case.lots_drawn)}
        if any(vendor not in drawn for vendor in part):
            template = gettext_noop("Lots were not drawn for every bid that is still equal.")
            self.issues.append(warning("lots_not_drawn", "lots_drawn", template))
        return {vendor: drawn.get(vendor, Fraction(len(drawn))) for vendor in part}


def _highest(part: list[str], parts_of: Callable[[str], Iterable[Fraction | None]]) -> Keys:
    """Keys that put the highest sum first, unless a part of a sum is missing."""
    keys: dict[str, Fraction] = {}
    for vendor in part:
        points = list(parts_of(vendor))
        known = [point for point in points if point is not None]
        if len(known) < len(points):
            return None
        keys[vendor] = -exact.total(known)
    return keys
