"""Dummy bids: what is made up, from what, and the case in which they meet.

The specification is read as the arithmetic reads it; only the panel is made up where it is not named yet, and
what depends on a profile (guard rails, quorum) is left to whoever checks the specification. All members give
the same marks, so every aggregation gives these marks back.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from bids.evaluation import exact
from bids.evaluation.case import Agreed, Bid, Case, Claim, Criterion, Mark, Member
from bids.evaluation.issues import Refused
from bids.evaluation.panel import panel_of
from bids.evaluation.reading import read_document
from bids.evaluation.tree import Tree, tree_of

Document = Mapping[str, Any]

CHEAP, MIDDLE, BEST, HOPELESS = "cheap", "middle", "best", "hopeless"

#: What a price is measured by where nothing published says what a bid may cost: 1,000,000 of the currency.
ASSUMED = Fraction(1_000_000)
PERCENT = Fraction(1, 100)
#: The top of a scale that the draft does not say and that does not follow from its points.
SCALE = 100


@dataclass(frozen=True, slots=True)
class Dummy:
    """A made-up bid: its price, and what members give it on security and on all else, as shares of the scale.

    `price` is more than 0, in the tender's currency; `security` and `quality` are in 0…1.
    """

    code: str
    price: Fraction
    security: Fraction
    quality: Fraction


@dataclass(frozen=True, slots=True)
class Asked:
    """The cheap outlier, the middle bid, the expensive best one, and where marks cluster: 0…1, low < high."""

    cheap: Dummy
    middle: Dummy
    best: Dummy
    low: Fraction
    high: Fraction

    @property
    def dummies(self) -> tuple[Dummy, ...]:
        """The three of them, the cheap outlier first."""
        return self.cheap, self.middle, self.best


@dataclass(frozen=True, slots=True)
class Ground:
    """The tender as dummy bids meet it: a case without bids, its tree, and what prices are measured by.

    `measure` names where `yardstick` comes from: `budget`, `fair_price_ceiling`, `ceiling`, `bands`,
    `reserve_price`, or `assumed`.
    """

    case: Case
    tree: Tree
    yardstick: Fraction
    measure: str


def ground_of(document: Document) -> Ground:
    """The ground of a specification (a case file without bids; the panel may be missing).

    Raises `Refused` with every fault that keeps the arithmetic from reading it; guard rails are none.
    """
    relaxed = {
        **document,
        "profile": "open",
        "panel": _panel(document),
        "low_price": [],
        "lots_drawn": [],
        "bids": [{"vendor": CHEAP, "price": None}],
    }
    case = replace(_read(relaxed), bids=())
    case = replace(case, panel=_seated(case))
    return Ground(case, tree_of(case), *_yardstick(case))


def _read(document: dict[str, Any]) -> Case:
    """The case; leaves whose points are no plain number get a scale, as dummy marks are shares of any."""
    try:
        return read_document(document)
    except Refused as refusal:
        bare = {issue.path for issue in refusal.issues if issue.code == "maximum_needed"}
        if not bare:
            raise
        criteria = [
            {**row, "maximum": SCALE} if f"criteria[{index}].maximum" in bare else row
            for index, row in enumerate(document["criteria"])
        ]
        return read_document(document | {"criteria": criteria})


def _panel(document: Document) -> list[dict[str, str]]:
    """The panel of the specification, nobody away or recused, and somebody from every unit that it names."""
    members = [_member(row) for row in _rows(document.get("panel"))]
    shares = document.get("unit_shares")
    named = list(shares) if isinstance(shares, dict) else []
    for row in _rows(document.get("criteria")):
        units = row.get("units")
        named += units if isinstance(units, list) else []
    missing = dict.fromkeys([*named, *([] if named or members else ["panel"])])
    seated = {member.get("unit") for member in members}
    taken = {member.get("code") for member in members}
    for unit in missing:
        if isinstance(unit, str) and unit not in seated:
            code = next(code for code in _codes(unit) if code not in taken)
            taken.add(code)
            members.append({"code": code, "unit": unit})
    return members


def _codes(unit: str) -> Iterator[str]:
    """Names for a made-up member of a unit; the first free one is taken."""
    number = 0
    while True:
        number += 1
        yield f"{unit}-{number}"


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _member(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in ("present", "recused")}


def _seated(case: Case) -> tuple[Member, ...]:
    """One member of each unit where that changes nothing; all of them where sums are taken over members."""
    if case.aggregation == "sum" or case.method == "rank-sum":
        return case.members
    return tuple({member.unit: member for member in reversed(case.members)}.values())[::-1]


def _yardstick(case: Case) -> tuple[Fraction, str]:
    """The least of what a bid may cost at most, else the reserve price, else where the formula ends."""
    limits = [(case.budget, "budget"), (case.fair_price_ceiling, "fair_price_ceiling")]
    bands = case.price.bands
    others = [
        (case.price.ceiling, "ceiling"),
        (bands[-1].up_to if bands else None, "bands"),
        (case.reserve_price, "reserve_price"),
    ]
    known = [(money, name) for money, name in limits if money]
    if known:
        return min(known, key=lambda one: one[0])
    return next(((money, name) for money, name in others if money), (ASSUMED, "assumed"))


# --- bids out of dummies ------------------------------------------------------------------------------------
def field(ground: Ground, dummies: Iterable[Dummy]) -> Case:
    """The case in which these dummies bid: every mandatory requirement met, every member of one mind."""
    return in_case(ground.case, ground.tree, dummies)


def in_case(case: Case, tree: Tree, dummies: Iterable[Dummy]) -> Case:
    """As `field`, for a case that was changed. A price that people mark gets the cheapest ÷ its own."""
    given = list(dummies)
    lowest = min(dummy.price for dummy in given)
    return replace(case, bids=tuple(_bid(case, tree, dummy, lowest) for dummy in given))


def _bid(case: Case, tree: Tree, dummy: Dummy, lowest: Fraction) -> Bid:
    panel = panel_of(case, tree)
    marks = {leaf.code: tree.scales[leaf.code] * _share(leaf, dummy, lowest) for leaf in tree.marked}
    agreed = case.aggregation == "consensus"
    return Bid(
        vendor=dummy.code,
        price=dummy.price,
        claims=tuple(Claim(row.code, met=True) for row in case.requirements),
        marks=tuple(
            Mark(member.code, leaf.code, marks[leaf.code])
            for member in panel.counted
            for leaf in (tree.marked if panel.complete else panel.leaves[member.unit])
        ),
        consensus=tuple(Agreed(code, mark, "-") for code, mark in marks.items()) if agreed else (),
    )


def _share(leaf: Criterion, dummy: Dummy, lowest: Fraction) -> Fraction:
    if leaf.kind == "price":
        return lowest / dummy.price
    return dummy.security if leaf.kind == "security" else dummy.quality


# --- what must be reached -----------------------------------------------------------------------------------
def bounds(ground: Ground) -> tuple[Fraction, Fraction]:
    """The least shares of the scale, 0…1, on security and on all else, that reach every minimum of their own
    and a pass mark on what is not price."""
    case, tree = ground.case, ground.tree
    least = {"security": exact.ZERO, "quality": exact.ZERO}
    for node in case.criteria:
        if node.minimum is not None and node.code not in tree.above_price:
            share = node.minimum / tree.effective[node.code]
            for leaf in tree.leaves:
                if leaf.kind in least and node.code in tree.upwards(leaf.code):
                    least[leaf.kind] = max(least[leaf.kind], share)
    mark = case.pass_mark
    if mark and tree.quality and (mark.on == "quality" or tree.price_leaf is None):
        needed = min(mark.points / tree.quality, Fraction(1))
        least = {kind: max(share, needed) for kind, share in least.items()}
    return least["security"], least["quality"]


def whole_percent(share: Fraction) -> Fraction:
    """A share, rounded up to whole percent, at most 1."""
    return min(Fraction(-(-share // PERCENT)) * PERCENT, Fraction(1))
