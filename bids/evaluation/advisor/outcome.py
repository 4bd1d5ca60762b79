"""What comes out for dummy bids: places, points by kind, and who is first by how much."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from bids.evaluation import exact
from bids.evaluation.advisor.dummies import Dummy, Ground, field
from bids.evaluation.case import Case
from bids.evaluation.evaluation import Run, run
from bids.evaluation.result import FIGURES, PriceReference, Reason

#: Methods whose figure is made of points; a rank sum is, too: its members rank by points.
OF_POINTS = ("total", "rank-sum", "best-fair-price")


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one dummy stands. `place` and `figure` are `None` when it is out, for `reasons`.

    Points are the panel's, by kind; `price_points` is `None` where nobody scores the price.
    """

    dummy: Dummy
    place: int | None
    figure: Fraction | None
    total: Fraction | None
    security: Fraction
    quality: Fraction
    price_points: Fraction | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How dummies come out. `first` is alone in first place, `lead` what it is ahead of the next by.

    `figure` is the figure of the method (see the result file); `lead` is in it, at least 0 (0 where a tie
    rule decides), and `None` when nobody is first alone or nobody second. `reference` is what a relative
    formula measured prices by.
    """

    stands: tuple[Stand, ...]
    figure: str
    first: str | None
    second: str | None
    lead: Fraction | None
    reference: PriceReference | None = None

    @property
    def order(self) -> tuple[tuple[str, ...], ...]:
        """The ranked ones, first place first; those of one place stand together."""
        return order_of((stand.dummy.code, stand.place) for stand in self.stands)


def order_of(places: Iterable[tuple[str, int | None]]) -> tuple[tuple[str, ...], ...]:
    """Codes by place, best first, without those that have none."""
    by_place: dict[int, list[str]] = {}
    for code, place in places:
        if place is not None:
            by_place.setdefault(place, []).append(code)
    return tuple(tuple(by_place[place]) for place in sorted(by_place))


def outcome_of(ground: Ground, dummies: tuple[Dummy, ...]) -> Outcome:
    """What the real arithmetic makes of the dummies."""
    return outcome(field(ground, dummies), dummies)


def outcome(case: Case, dummies: tuple[Dummy, ...]) -> Outcome:
    """As `outcome_of`, of a case in which they bid."""
    done = run(case)
    stands = tuple(_stand(done, dummy) for dummy in dummies)
    rows = [row for row in done.rows if row.vendor != done.first]
    lead = None
    if done.first is not None and rows:
        lead = abs(done.rows[0].figure - rows[0].figure)
    second = rows[0].vendor if done.first is not None and rows else None
    steps = [sheet.price for sheet in done.standing.sheets.values() if sheet.price]
    reference = steps[0].reference if steps else None
    return Outcome(stands, FIGURES[case.method], done.first, second, lead, reference)


def _stand(done: Run, dummy: Dummy) -> Stand:
    row = next((row for row in done.rows if row.vendor == dummy.code), None)
    sheet = done.standing.sheets[dummy.code]
    leaf = done.tree.price_leaf
    return Stand(
        dummy=dummy,
        place=row.place if row else None,
        figure=row.figure if row else None,
        total=done.scorings[dummy.code].total,
        security=_points(done, dummy.code, "security"),
        quality=_points(done, dummy.code, "quality"),
        price_points=sheet.points[leaf.code] if leaf else None,
        reasons=tuple(done.standing.reasons.get(dummy.code, ())),
    )


def _points(done: Run, vendor: str, kind: str) -> Fraction:
    points = done.standing.sheets[vendor].points
    return exact.total(points[code] or exact.ZERO for code in done.tree.of_kind(kind))


def measured(case: Case, done: Run, vendor: str) -> Fraction | None:
    """What order follows from, finer than a sum of ranks: totals where the figure is made of points."""
    scoring = done.scorings[vendor]
    return scoring.total if case.method in OF_POINTS else scoring.figure
