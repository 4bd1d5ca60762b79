"""How firm a ranking is under other weightings of the roots: advice in floating point, seeded, never a rank.

Rank acceptability, central weights and confidence factors are those of SMAA-2 (Lahdelma and Salminen 2001,
Operations Research 49(3), 444-454). Only weights vary: exclusions stay, rounding and tie rules play no part.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bids.evaluation.case import Case
from bids.evaluation.evaluation import Run, run
from bids.evaluation.robustness.left_out import LeftOut, Winners, left_out, other_formulas

Floats = NDArray[np.float64]

MOST_RESAMPLES = 1000
#: Figures this close, relative to the largest, are equal: floating point shall not split what is tied.
NEARLY = 1e-9
_LARGEST_PIECE = 4_000_000
_PRICE_METHODS = ("pass-then-lowest", "adjusted-price", "lowest-price")


@dataclass(frozen=True, slots=True)
class Robustness:
    """What `count` random weightings say, and who is first with one thing less or under another formula.

    Shares are 0…1. `acceptability` has each ranked bid's share of weightings at rank 1, 2, … (equals share
    the better rank), `central_weights` the mean weighting by root in which it is first, `confidence` the
    share of resampled panels (members drawn with replacement) in which it is first at that weighting, `None`
    where it is never first; `winner_share` the share of weightings in which the one bid in first place is
    first.
    """

    count: int
    seed: int
    within: float | None
    acceptability: Mapping[str, list[float]]
    central_weights: Mapping[str, Mapping[str, float] | None]
    confidence: Mapping[str, float | None]
    winner_share: float | None
    left_out: LeftOut
    formulas: Winners

    def to_document(self) -> dict[str, Any]:
        """The advice as JSON has it."""
        return asdict(self)


def robustness(case: Case, *, count: int, seed: int, within: float | None = None) -> Robustness:
    """The advice for a case: `count` ≥ 1 weightings, uniform, or each share `within` ±0…1 of itself."""
    done = run(case)
    field = Field(case, done)
    vendors, roots = field.vendors, done.tree.roots
    random = np.random.default_rng(seed)
    ranks = np.zeros((len(vendors), len(vendors)))
    centres = np.zeros((len(vendors), len(roots)))
    for weights in _weightings(field, random, count, within):
        places = _places(field.losses(weights, field.points))
        ranks += np.array([(places == rank).sum(axis=0) for rank in range(1, len(vendors) + 1)]).T
        centres += (places == 1).T.astype(np.float64) @ weights
    firsts = {vendor: float(ranks[index, 0]) for index, vendor in enumerate(vendors)}
    central = {
        vendor: centres[index] / firsts[vendor] for index, vendor in enumerate(vendors) if firsts[vendor]
    }
    confidence = _confidence(field, random, min(count, MOST_RESAMPLES), central)
    return Robustness(
        count=count,
        seed=seed,
        within=within,
        acceptability={vendor: (ranks[index] / count).tolist() for index, vendor in enumerate(vendors)},
        central_weights={
            vendor: dict(zip(roots, central[vendor].tolist(), strict=True)) if vendor in central else None
            for vendor in vendors
        },
        confidence={vendor: confidence.get(vendor) for vendor in vendors},
        winner_share=None if done.first is None else firsts[done.first] / count,
        left_out=left_out(case),
        formulas=other_formulas(case),
    )


class Field:
    """The ranked bids as arrays. Shares of a root's points are 0…1; losses are figures, the lowest first."""

    def __init__(self, case: Case, done: Run) -> None:
        self.case, self.done, tree = case, done, done.tree
        self.vendors = [row.vendor for row in done.rows]
        self.leaves = [leaf.code for leaf in tree.leaves]
        self.effective = np.array([float(tree.effective[code]) for code in self.leaves])
        self.quality = np.array([leaf.kind != "price" for leaf in tree.leaves], dtype=np.float64)
        worth = np.array([float(tree.effective[root]) for root in tree.roots])
        self.published = worth / worth.sum()
        # By leaf and root: 1 ÷ the root's points where the leaf hangs below it.
        self.below = np.zeros((len(self.leaves), len(worth)))
        for index, code in enumerate(self.leaves):
            root = tree.roots.index(tree.upwards(code)[-1])
            self.below[index, root] = 1 / worth[root]
        sheets = done.standing.sheets
        times = len(done.panel.counted) if case.aggregation == "sum" else 1
        # A mark that is missing here matters to no method that ranks without it.
        rows = [[float(sheets[v].points[code] or 0) / times for code in self.leaves] for v in self.vendors]
        self.points = np.array(rows, dtype=np.float64).reshape(len(self.vendors), len(self.leaves))
        self.prices = np.array([float(row.price or 0) for row in done.rows])
        self.figures = np.array([float(row.figure) for row in done.rows])
        self.members = [member.code for member in done.panel.counted]
        self.judged = list(done.ballots.scope or ()) if case.method == "rank-sum" else self.vendors
        own = [self.own(member, self.judged) for member in self.members]
        self.by_member = np.array(own).reshape(len(own), len(self.judged), len(self.leaves))

    def own(self, member: str, vendors: list[str]) -> list[list[float]]:
        """One member's own points by bid and leaf, not a number where one is missing."""
        rows = []
        for vendor in vendors:
            sheet = self.done.standing.sheets[vendor]
            price = sheet.price.points if sheet.price else None
            points = [
                sheet.leaves[code].members.get(member) if code in sheet.leaves else price
                for code in self.leaves
            ]
            rows.append([np.nan if point is None else float(point) for point in points])
        return rows

    @property
    def width(self) -> int:
        """About how many numbers one weighting takes."""
        members = len(self.members) if self.case.method == "rank-sum" else 1
        return max(1, members * len(self.judged) ** 2)

    def losses(self, weights: Floats, points: Floats) -> Floats:
        """Figures by weighting and bid for points by bid and leaf; of one member, totals are shares of 1."""
        if self.case.method in _PRICE_METHODS:
            return np.tile(self.figures, (len(weights), 1))
        if self.case.method == "rank-sum":
            return np.asarray(self.member_ranks(weights).sum(axis=1))
        quality = weights @ ((points * self.quality) @ self.below).T
        price = weights @ ((points * (1 - self.quality)) @ self.below).T
        if self.case.quality_scale == "relative-to-best":
            best = quality.max(axis=1, keepdims=True)
            full = weights @ ((self.effective * self.quality) @ self.below)[:, np.newaxis]
            quality = np.divide(quality * full, best, out=np.zeros_like(quality), where=best > 0)
        total = quality + price
        if self.case.method == "price-per-point":
            return np.asarray(np.divide(self.prices, total, out=np.full_like(total, np.inf), where=total > 0))
        return np.asarray(-total)

    def member_ranks(self, weights: Floats) -> Floats:
        """Ranks by weighting, member and ranked bid, as `tied_rank` says."""
        totals = np.einsum("wr,mvr->wmv", weights, self.by_member @ self.below)
        above = _above(-totals)
        equal = (~above & ~above.swapaxes(-1, -2)).sum(axis=-1)
        if self.case.tied_rank == "dense":
            ranks = 1 + (above / equal[..., np.newaxis, :]).sum(axis=-1)
        else:
            ranks = 1 + above.sum(axis=-1) + ((equal - 1) / 2 if self.case.tied_rank == "average" else 0)
        return np.asarray(
            ranks[..., [self.judged.index(vendor) for vendor in self.vendors]], dtype=np.float64
        )

    def resampled(self, chosen: NDArray[np.int64]) -> Floats:
        """Points by bid and leaf if the panel were the `chosen` members; what is agreed or computed stays."""
        picked = self.by_member[..., self._marked][chosen]
        units = np.array([self.done.panel.counted[index].unit for index in chosen])
        if self.case.aggregation == "median":
            known = ~np.isnan(picked).all(axis=0)
            middle = np.nanmedian(np.where(known, picked, 0), axis=0)
        elif self.case.aggregation == "unit-mean":
            middle, known = self._mean_of_units(picked, units)
        else:
            middle, known = _mean(picked)
        points = self.points.copy()
        points[:, self._marked] = np.where(known & ~self._agreed, middle, points[:, self._marked])
        return points

    @property
    def _marked(self) -> list[int]:
        marked = {leaf.code for leaf in self.done.tree.marked}
        return [index for index, code in enumerate(self.leaves) if code in marked]

    @property
    def _agreed(self) -> NDArray[np.bool_]:
        """By bid and leaf that people mark: whether the panel agreed on the points."""
        sheets = (self.done.standing.sheets[vendor] for vendor in self.vendors)
        rows = [[sheet.leaves[self.leaves[i]].agreed is not None for i in self._marked] for sheet in sheets]
        return np.array(rows, dtype=np.bool_).reshape(len(self.vendors), len(self._marked))

    def _mean_of_units(self, picked: Floats, units: NDArray[np.str_]) -> tuple[Floats, NDArray[np.bool_]]:
        above = np.zeros(picked.shape[1:])
        below = np.zeros(picked.shape[1:])
        for unit in np.unique(units):
            middle, known = _mean(picked[units == unit])
            share = float(self.case.unit_shares[str(unit)]) if self.case.unit_shares else 1.0
            above += np.where(known, share * middle, 0)
            below += np.where(known, share, 0)
        return np.divide(above, below, out=np.zeros_like(above), where=below > 0), below > 0


def _weightings(
    field: Field, random: np.random.Generator, count: int, within: float | None
) -> Iterator[Floats]:
    """Weightings of the roots, one a row, each summing to 1, in pieces that fit into memory."""
    roots = len(field.published)
    if not field.vendors or not roots:
        return
    size = max(1, _LARGEST_PIECE // max(field.width, roots))
    for start in range(0, count, size):
        rows = min(size, count - start)
        if within is None:
            weights = random.standard_exponential((rows, roots))
        else:
            weights = field.published * (1 + within * random.uniform(-1, 1, (rows, roots)))
        yield weights / weights.sum(axis=1, keepdims=True)


def _confidence(
    field: Field, random: np.random.Generator, count: int, central: Mapping[str, Floats]
) -> dict[str, float]:
    """Of each bid that is ever first, the share of resampled panels in which it is so at its own centre."""
    if not central:
        return {}
    weights = np.array(list(central.values()))
    columns = [field.vendors.index(vendor) for vendor in central]
    firsts = np.zeros(len(central))
    ranks = field.member_ranks(weights) if field.case.method == "rank-sum" else None
    for _ in range(count):
        chosen = random.integers(0, max(1, len(field.members)), len(field.members))
        if ranks is not None:
            losses = np.asarray(ranks[:, chosen].sum(axis=1))
        else:
            losses = field.losses(weights, field.resampled(chosen) if field.members else field.points)
        firsts += _places(losses)[range(len(central)), columns] == 1
    return dict(zip(central, (firsts / count).tolist(), strict=True))


def _above(losses: Floats) -> NDArray[np.bool_]:
    """In the last two axes: whether the second bid is clearly better than the first."""
    finite = np.abs(np.where(np.isfinite(losses), losses, 0)).max(axis=-1, keepdims=True)
    return np.asarray(losses[..., np.newaxis, :] < (losses - NEARLY * finite)[..., np.newaxis])


def _places(losses: Floats) -> NDArray[np.int64]:
    """The place of each bid by weighting; equals share the better one."""
    return np.asarray(1 + _above(losses).sum(axis=-1), dtype=np.int64)


def _mean(picked: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """The mean over the first axis of what is a number, and where there is any."""
    known = ~np.isnan(picked)
    count = known.sum(axis=0)
    total = np.where(known, picked, 0).sum(axis=0)
    return np.divide(total, count, out=np.zeros_like(total), where=count > 0), count > 0
