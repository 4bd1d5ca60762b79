"""One evaluation as frozen dataclasses, field by field as the case file has it.

Numbers are `Fraction`, lists are tuples, absent is `None`. Nothing here checks anything: `reading.read` makes
a checked `Case` of a file, and a `Case` made otherwise is checked by `read_document(case_file(case))`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

FORMAT = "tender-case/1"

PROFILES = ("tw-public", "bank", "open")
METHODS = (
    "total",
    "rank-sum",
    "price-per-point",
    "pass-then-lowest",
    "adjusted-price",
    "best-fair-price",
    "lowest-price",
)
QUALITY_SCALES = ("absolute", "relative-to-best")
AGGREGATIONS = ("mean", "median", "unit-mean", "sum", "consensus")
FORMULAS = (
    "none",
    "marked",
    "lowest-over-price",
    "linear-to-lowest",
    "min-max",
    "mean",
    "ceiling-linear",
    "bands",
)
RELATIVE_FORMULAS = frozenset({"lowest-over-price", "linear-to-lowest", "min-max", "mean"})
CRITERION_KINDS = ("security", "quality", "price")
REQUIREMENT_KINDS = ("security", "legal", "technical")
SEVERITIES = ("critical", "high", "medium", "low")
RANK_SCOPES = ("passing", "all")
TIED_RANKS = ("competition", "dense", "average")
TIE_RULES = ("heaviest-criterion", "more-first-places", "higher-security", "lower-price", "lots")
ROUNDED_THINGS = ("leaf_points", "price_score", "price_points", "total")
ROUNDING_MODES = ("half-up", "half-even", "down")
ALARM_RULES = (
    "share-of-reserve",
    "share-of-budget",
    "share-of-mean",
    "share-of-next",
    "sd-below-mean",
    "spain-85",
)
PASS_MARK_ON = ("total", "quality")
PASS_MARK_RULES = ("mean", "majority")
BID_STATUSES = ("valid", "withdrawn", "excluded")


@dataclass(frozen=True, slots=True)
class Criterion:
    """A node of the criteria tree; `kind`, `maximum`, `units` and `value` belong to leaves only."""

    code: str
    title: str
    weight: Fraction
    parent: str | None = None
    minimum: Fraction | None = None
    kind: str | None = None
    maximum: Fraction | None = None
    units: tuple[str, ...] | None = None
    value: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """Prices up to and including `up_to` that no earlier band took get `points`."""

    up_to: Fraction
    points: Fraction


@dataclass(frozen=True, slots=True)
class Price:
    """How a price becomes points; the parameters that the formula does not have stay at their defaults."""

    formula: str = "none"
    fixed_price: bool = False
    ceiling: Fraction | None = None
    floor: Fraction | None = None
    bands: tuple[Band, ...] = ()

    @property
    def computed(self) -> bool:
        """Whether a formula gives the points of the price leaf (it is neither absent nor marked)."""
        return self.formula not in ("none", "marked")

    @property
    def relative(self) -> bool:
        """Whether the formula looks at other bids' prices."""
        return self.formula in RELATIVE_FORMULAS


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something a bid meets or does not; mandatory ones are gates."""

    code: str
    title: str
    kind: str = "security"
    mandatory: bool = True
    severity: str = "medium"
    unit: str | None = None
    source: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class PassMark:
    """The figure (`total` or `quality`) that a bid must reach, by the mean or by a majority of members."""

    points: Fraction
    on: str = "total"
    rule: str = "mean"


@dataclass(frozen=True, slots=True)
class Round:
    """0…12 decimal places, and how."""

    places: int
    mode: str


@dataclass(frozen=True, slots=True)
class Rounding:
    """What is rounded before anything compares; `None` is exact."""

    leaf_points: Round | None = None
    price_score: Round | None = None
    price_points: Round | None = None
    total: Round | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A rule that points at strikingly low prices and never excludes."""

    rule: str
    share: Fraction | None = None
    sd: Fraction | None = None
    min_bids: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One panel member; `recused` holds the vendors whose bids the member may not judge."""

    code: str
    unit: str
    name: str | None = None
    expert: bool = False
    present: bool = True
    recused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MarkedDifference:
    """When two members' judgements of one bid are so far apart that the panel must look at them."""

    high: Fraction
    low: Fraction
    leaf_high_share: Fraction


@dataclass(frozen=True, slots=True)
class Waiver:
    """Who accepted that a requirement is not met, and why."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What the vendor says about a requirement, and what was found."""

    requirement: str
    met: bool | None = None
    verified: bool | None = None
    waiver: Waiver | None = None

    @property
    def finding(self) -> bool | None:
        """`verified` where somebody looked, else what the vendor says; `None` is no answer."""
        return self.met if self.verified is None else self.verified


@dataclass(frozen=True, slots=True)
class Mark:
    """A member's mark on a leaf's own scale; `mark=None` is an abstention."""

    member: str
    criterion: str
    mark: Fraction | None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """A mark that the panel agreed on, with its reason."""

    criterion: str
    mark: Fraction
    reason: str


@dataclass(frozen=True, slots=True)
class Bid:
    """What one vendor offers; `price=None` means that it was not opened."""

    vendor: str
    price: Fraction | None
    status: str = "valid"
    reason: str | None = None
    claims: tuple[Claim, ...] = ()
    marks: tuple[Mark, ...] = ()
    consensus: tuple[Agreed, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that one evaluation needs, and nothing that depends on a clock or a database."""

    reference: str
    title: str
    criteria: tuple[Criterion, ...]
    bids: tuple[Bid, ...]
    currency: str = "TWD"
    profile: str = "bank"
    method: str = "total"
    quality_scale: str = "absolute"
    fair_price_ceiling: Fraction | None = None
    aggregation: str = "mean"
    unit_shares: Mapping[str, Fraction] | None = None
    total_points: Fraction = Fraction(100)
    price: Price = Price()
    requirements: tuple[Requirement, ...] = ()
    pass_mark: PassMark | None = None
    rank_scope: str = "passing"
    tied_rank: str = "competition"
    tie_break: tuple[str, ...] = ()
    lots_drawn: tuple[str, ...] = ()
    rounding: Rounding | None = None
    budget: Fraction | None = None
    reserve_price: Fraction | None = None
    low_price: tuple[Alarm, ...] = ()
    panel: tuple[Member, ...] | None = None
    marked_difference: MarkedDifference | None = None

    @property
    def members(self) -> tuple[Member, ...]:
        """The panel, empty where there is none."""
        return self.panel or ()

    @property
    def units(self) -> tuple[str, ...]:
        """The units of the panel, in the order in which the panel first names them."""
        return tuple(dict.fromkeys(member.unit for member in self.members))
