"""What an evaluation says, with the steps that led there, as frozen dataclasses.

Numbers are `Fraction`; what could not be known is `None`, never zero. `Result.to_document()` is the result
file, which holds everything but `steps`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.issues import Issue

FORMAT = "tender-result/1"

RANKED = "ranked"
INCOMPLETE = "incomplete"
REFUSED = "refused"
NO_VALID_BID = "no-valid-bid"

FIGURES = {
    "total": "total",
    "rank-sum": "rank_sum",
    "price-per-point": "price_per_point",
    "pass-then-lowest": "price",
    "adjusted-price": "adjusted_price",
    "best-fair-price": "total",
    "lowest-price": "price",
}

Points = Mapping[str, Fraction | None]
Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a bid is out: a code, the requirement or criterion (or nothing), and a sentence."""

    code: str
    at: str | None
    template: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def detail(self) -> str:
        """The English sentence; a page fills `params` into its own translation of `template`."""
        return self.template.format(**self.params)

    def to_document(self) -> Document:
        """The reason as it stands in the result file."""
        return {"code": self.code, "at": self.at, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Row:
    """One ranked bid; `points` by leaf and `nodes` by group are raw, `scaled_quality` only where scaled."""

    place: int
    vendor: str
    price: Fraction | None
    figure: Fraction
    total: Fraction | None
    points: Points
    nodes: Points
    scaled_quality: Fraction | None
    waived: tuple[str, ...]
    tie_broken_by: str | None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A bid that is out, with every reason of the stage that excluded it."""

    vendor: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class MemberFigure:
    """One member's own total of one bid, and the rank that follows; `None` where there is none."""

    total: Fraction | None
    rank: Fraction | None


@dataclass(frozen=True, slots=True)
class PriceOnly:
    """What a price-only tender would have bought, gates and marks ignored."""

    vendor: str
    vendors: tuple[str, ...]
    price: Fraction
    premium: Fraction | None
    same_as_winner: bool
    would_have_been_excluded_for: tuple[Reason, ...]
    unmet: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TurningPoint:
    """The share of a root at which first place changes hands; `None` where several share it."""

    share: Fraction
    below: str | None
    above: str | None


@dataclass(frozen=True, slots=True)
class LowPrice:
    """An alarm. `threshold` is `None` for `sd-below-mean`, which gives `mean` and `variance` instead."""

    vendor: str
    rule: str
    threshold: Fraction | None
    mean: Fraction | None = None
    variance: Fraction | None = None


@dataclass(frozen=True, slots=True)
class DifferenceFlag:
    """Two members judged one bid very differently: which `flag`, and `at` which leaf if it is one."""

    vendor: str
    flag: str
    at: str | None


@dataclass(frozen=True, slots=True)
class PanelFigures:
    """The panel as it sat. `quorum` is `None` outside `tw-public`; `kendall_w` is in 0…1."""

    members: int
    present: int
    experts: int
    quorum: bool | None
    kendall_w: Fraction | None


@dataclass(frozen=True, slots=True)
class Hole:
    """A mark or a price that is missing: the case cannot be ranked before it is filled."""

    vendor: str
    criterion: str
    member: str | None


@dataclass(frozen=True, slots=True)
class LeafSteps:
    """How one bid's points on one leaf that people mark came about, in effective points.

    `members` are the counted members' own points, `units` the means inside each unit, `agreed` the points of
    the agreed mark, `unrounded` their aggregate, `points` the aggregate after `rounding.leaf_points`.
    """

    code: str
    members: Mapping[str, Fraction]
    units: Mapping[str, Fraction]
    agreed: Fraction | None
    unrounded: Fraction | None
    points: Fraction | None


@dataclass(frozen=True, slots=True)
class PriceReference:
    """Lowest, highest and mean price of the bids past the second stage; `None` without such a bid."""

    lowest: Fraction | None
    highest: Fraction | None
    mean: Fraction | None


@dataclass(frozen=True, slots=True)
class PriceSteps:
    """How a formula made points of one price.

    `formula_points` is what the formula gives within 0…W; `score` the same as a score of 100, rounded if
    `rounding.price_score` says so; `points` those of one member, rounded; `times` the number of members whose
    points are summed (1 but for `sum`); `unrounded` and `aggregated` are multiplied by it.
    """

    code: str
    price: Fraction | None
    reference: PriceReference | None
    formula_points: Fraction | None
    score: Fraction | None
    points: Fraction | None
    times: int
    unrounded: Fraction | None
    aggregated: Fraction | None


@dataclass(frozen=True, slots=True)
class Held:
    """A figure held against a bound: a minimum (`at` its node), a pass mark, a fair price.

    `passed` is `None` where the figure is not known. Of a majority, `figure` counts the members who gave
    the mark, `of` the counted members.
    """

    what: str
    at: str | None
    stage: int
    figure: Fraction | None
    bound: Fraction
    passed: bool | None
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What one leaf takes from the price under `adjusted-price`: value × share of its points reached."""

    code: str
    value: Fraction
    share: Fraction
    amount: Fraction


@dataclass(frozen=True, slots=True)
class BidSteps:
    """Everything behind one scored bid, enough to add it up by hand.

    `quality` and `total` are raw and rounded as the case says; `scale_factor` multiplies `quality_unrounded`
    under `relative-to-best`, and `figure_total` is the total that the method uses after that.
    """

    vendor: str
    leaves: Mapping[str, LeafSteps]
    price: PriceSteps | None
    quality_unrounded: Fraction | None
    quality: Fraction | None
    total_unrounded: Fraction | None
    total: Fraction | None
    scale_factor: Fraction | None
    scaled_quality: Fraction | None
    figure_total: Fraction | None
    adjustments: tuple[Adjustment, ...]
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one evaluation; `steps` by vendor, for every scored bid."""

    status: str
    fingerprint: str
    method: str
    figure: str
    ranking: tuple[Row, ...]
    excluded: tuple[Exclusion, ...]
    winner: str | None
    needs: tuple[str, ...]
    members: Mapping[str, Mapping[str, MemberFigure]]
    effective_points: Mapping[str, Fraction]
    price_only: PriceOnly | None
    turning_points: Mapping[str, tuple[TurningPoint, ...]] | None
    low_price: tuple[LowPrice, ...]
    marked_differences: tuple[DifferenceFlag, ...]
    unit_split: Mapping[str, Mapping[str, Mapping[str, Fraction]]]
    panel: PanelFigures | None
    issues: tuple[Issue, ...]
    holes: tuple[Hole, ...]
    steps: Mapping[str, BidSteps]

    def to_document(self) -> Document:
        """The result file: numbers as strings, places and counts as integers."""
        return {
            "format": FORMAT,
            "status": self.status,
            "fingerprint": self.fingerprint,
            "method": self.method,
            "figure": self.figure,
            "ranking": [_row(row) for row in self.ranking],
            "excluded": [{"vendor": e.vendor, "reasons": _reasons(e.reasons)} for e in self.excluded],
            "winner": self.winner,
            "needs": list(self.needs),
            "members": {
                member: {
                    vendor: {"total": _number(f.total), "rank": _number(f.rank)}
                    for vendor, f in figures.items()
                }
                for member, figures in self.members.items()
            },
            "effective_points": _points(self.effective_points),
            "price_only": self.price_only and _price_only(self.price_only),
            "turning_points": self.turning_points and _turning_points(self.turning_points),
            "low_price": [_low_price(alarm) for alarm in self.low_price],
            "marked_differences": [
                {"vendor": d.vendor, "flag": d.flag, "at": d.at} for d in self.marked_differences
            ],
            "unit_split": {
                leaf: {vendor: _points(units) for vendor, units in vendors.items()}
                for leaf, vendors in self.unit_split.items()
            },
            "panel": self.panel and _panel(self.panel),
            "issues": [issue.to_document() for issue in self.issues],
            "holes": [{"vendor": h.vendor, "criterion": h.criterion, "member": h.member} for h in self.holes],
        }


def refused_document(issues: Iterable[Issue]) -> Document:
    """The result file of a case that was refused."""
    return {"format": FORMAT, "status": REFUSED, "issues": [issue.to_document() for issue in issues]}


def _number(number: Fraction | None) -> str | None:
    return None if number is None else exact.text(number)


def _points(points: Points) -> Document:
    return {code: _number(number) for code, number in points.items()}


def _reasons(reasons: tuple[Reason, ...]) -> list[Document]:
    return [reason.to_document() for reason in reasons]


def _row(row: Row) -> Document:
    return {
        "place": row.place,
        "vendor": row.vendor,
        "price": _number(row.price),
        "figure": _number(row.figure),
        "total": _number(row.total),
        "points": _points(row.points),
        "nodes": _points(row.nodes),
        "scaled_quality": _number(row.scaled_quality),
        "waived": list(row.waived),
        "tie_broken_by": row.tie_broken_by,
    }


def _price_only(cheapest: PriceOnly) -> Document:
    return {
        "vendor": cheapest.vendor,
        "vendors": list(cheapest.vendors),
        "price": _number(cheapest.price),
        "premium": _number(cheapest.premium),
        "same_as_winner": cheapest.same_as_winner,
        "would_have_been_excluded_for": _reasons(cheapest.would_have_been_excluded_for),
        "unmet": list(cheapest.unmet),
    }


def _turning_points(turning_points: Mapping[str, tuple[TurningPoint, ...]]) -> Document:
    return {
        root: [{"share": _number(p.share), "below": p.below, "above": p.above} for p in points]
        for root, points in turning_points.items()
    }


def _low_price(alarm: LowPrice) -> Document:
    document: Document = {"vendor": alarm.vendor, "rule": alarm.rule, "threshold": _number(alarm.threshold)}
    if alarm.variance is not None:
        document |= {"mean": _number(alarm.mean), "variance": _number(alarm.variance)}
    return document


def _panel(panel: PanelFigures) -> Document:
    return {
        "members": panel.members,
        "present": panel.present,
        "experts": panel.experts,
        "quorum": panel.quorum,
        "kendall_w": _number(panel.kendall_w),
    }
