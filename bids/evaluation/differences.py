"""How far members and units are apart on each item: one leaf that people mark, of one bid.

Spreads are in marks of the leaf's own scale and, as shares of that scale, comparable between leaves. They
need no price, so that they can be looked at before prices are opened. They never change a result.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.agreement import kendall_w
from bids.evaluation.case import Case
from bids.evaluation.panel import panel_of
from bids.evaluation.points import Marking
from bids.evaluation.ranking import Ballots
from bids.evaluation.stages import Stages
from bids.evaluation.tree import tree_of

RED, AMBER, GREEN = "red", "amber", "green"


@dataclass(frozen=True, slots=True)
class Difference:
    """One item: counted members' marks and the units' means of them, 0 … `top`; `points` is the aggregate.

    `agreed` is the mark that the panel agreed on, if it did.
    """

    vendor: str
    code: str
    top: Fraction
    members: Mapping[str, Fraction]
    units: Mapping[str, Fraction]
    agreed: Fraction | None
    points: Fraction | None

    @property
    def unit_spread(self) -> Fraction:
        """From the lowest to the highest unit mean, in marks; 0 below two units."""
        return _spread(self.units)

    @property
    def member_spread(self) -> Fraction:
        """From the lowest to the highest mark; 0 below two members."""
        return _spread(self.members)

    @property
    def shares(self) -> tuple[Fraction, Fraction]:
        """Both spreads as shares of the scale, the units' first: what items are put in order by."""
        return self.unit_spread / self.top, self.member_spread / self.top


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which share of the scale on a difference is amber or red."""

    unit_red: Fraction
    unit_amber: Fraction
    member_red: Fraction

    def level(self, difference: Difference) -> str:
        """`red`, `amber` or `green`; a share that is exactly a threshold has reached it."""
        units, members = difference.shares
        if units >= self.unit_red or members >= self.member_red:
            return RED
        return AMBER if units >= self.unit_amber else GREEN


def differences(case: Case) -> tuple[Difference, ...]:
    """Every item of a `valid` bid that a counted member has marked, in file order, met gates or not.

    A price that people mark is left out: it is marked when everything else is settled.
    """
    return tuple(_differences(case))


def _differences(case: Case) -> Iterator[Difference]:
    tree = tree_of(case)
    marking = Marking(case, tree, panel_of(case, tree))
    prices = tree.of_kind("price")
    for bid in case.bids:
        if bid.status == "valid":
            for code, leaf in marking.leaves(bid).items():
                if leaf.members and code not in prices:
                    factor = tree.scales[code] / tree.effective[code]
                    yield Difference(
                        vendor=bid.vendor,
                        code=code,
                        top=tree.scales[code],
                        members=_times(leaf.members, factor),
                        units=_times(leaf.units, factor),
                        agreed=None if leaf.agreed is None else leaf.agreed * factor,
                        points=leaf.points,
                    )


def agreement_before_prices(case: Case) -> Fraction | None:
    """Kendall's W of the members' non-price totals of the bids that meet the gates (`agreement.kendall_w`).

    `None` where it cannot be known, as there.
    """
    tree = tree_of(case)
    stages = Stages(case, tree, panel_of(case, tree))
    standing = stages.run()
    marking = stages.marking
    totals: dict[str, dict[str, Fraction | None]] = {}
    for vendor, sheet in standing.sheets.items():
        for member, own in marking.own_figures(sheet.bid, sheet.leaves, exact.ZERO, quality=True).items():
            totals.setdefault(member, {})[vendor] = own
    fields = {
        member: {vendor: total for vendor, total in own.items() if total is not None}
        for member, own in totals.items()
    }
    return kendall_w(Ballots(totals, tuple(standing.sheets), fields, {}, {}))


def _times(points: Mapping[str, Fraction], factor: Fraction) -> dict[str, Fraction]:
    return {name: value * factor for name, value in points.items()}


def _spread(marks: Mapping[str, Fraction]) -> Fraction:
    return max(marks.values()) - min(marks.values()) if marks else exact.ZERO
