"""Rank reversal: whether a bid that cannot win changes the order of the others.

Independence of irrelevant alternatives fails where a score looks at other bids (lowest or mean price, best
quality): a bid that joins or leaves moves the yardstick of all. Hopeless bids are tried at prices below,
between and above the others', with the least marks that still pass and, where quality is measured by the best
one, with full marks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from bids.evaluation.advisor.dummies import (
    HOPELESS,
    PERCENT,
    Asked,
    Dummy,
    Ground,
    bounds,
    field,
    whole_percent,
)
from bids.evaluation.advisor.outcome import Outcome, outcome, outcome_of

#: A hopeless bid has a fifth of every scale, or what it needs to be looked at.
LEAST = Fraction(1, 5)
#: Prices that are tried: times the dearest, times the cheapest, and between two neighbours.
ABOVE = tuple(Fraction(n, 100) for n in (110, 125, 150, 200, 300, 500))
BELOW = tuple(Fraction(n, 100) for n in (90, 75, 60, 50, 33, 10))


@dataclass(frozen=True, slots=True)
class Reversal:
    """What a hopeless bid does to the order of the other three.

    `looks_at_others`: the formula or the scale measures a bid by others. `hopeless` is the bid that changed
    the order (`found`) or, where none did, the one that shrank the lead most; `None` where none moved
    anything. `after` is the outcome with it, and `lead` what the first of the three is then ahead of the
    next of them by.
    """

    looks_at_others: bool
    found: bool
    before: Outcome
    hopeless: Dummy | None = None
    after: Outcome | None = None
    lead: Fraction | None = None

    @property
    def first_changed(self) -> bool:
        """Whether it even changed who is first."""
        return self.after is not None and self.before.order[:1] != others(self.after)[:1]


def others(after: Outcome) -> tuple[tuple[str, ...], ...]:
    """The order without the hopeless bid."""
    left = (tuple(code for code in group if code != HOPELESS) for group in after.order)
    return tuple(group for group in left if group)


def reversal_of(ground: Ground, asked: Asked) -> Reversal:
    """The hopeless bid that does most: changes first place, else another place, else shrinks the lead."""
    before = outcome_of(ground, asked.dummies)
    relative = ground.case.price.relative or ground.case.quality_scale == "relative-to-best"
    changed: Reversal | None = None
    closest = Reversal(relative, found=False, before=before, lead=before.lead)
    if ground.case.price.formula == "marked":
        return closest  # what people make of one price beside another is theirs, and made up here
    for dummy in hopeless_bids(ground, asked):
        after = joined(ground, asked, dummy)
        if after is None:
            continue
        lead, found = _lead(after), others(after) != before.order
        reversal = Reversal(relative, found, before, dummy, after, lead)
        if found and reversal.first_changed:
            return reversal
        if found:
            changed = changed or reversal
        elif lead is not None and closest.lead is not None and lead < closest.lead:
            closest = reversal
    return changed or closest


def _lead(after: Outcome) -> Fraction | None:
    """What the first of the others is ahead of the next of them by."""
    placed = [(stand.place, stand.figure) for stand in after.stands if stand.dummy.code != HOPELESS]
    figures = [figure for place, figure in sorted((p, f) for p, f in placed if p and f is not None)]
    return abs(figures[0] - figures[1]) if len(figures) > 1 else None


def joined(ground: Ground, asked: Asked, dummy: Dummy) -> Outcome | None:
    """The outcome with one more bid; `None` if that one comes first, or shares first place."""
    dummies = (*asked.dummies, dummy)
    after = outcome(field(ground, dummies), dummies)
    return None if after.order and dummy.code in after.order[0] else after


def hopeless_bids(ground: Ground, asked: Asked) -> Iterator[Dummy]:
    """The bids that are tried."""
    prices = sorted(dummy.price for dummy in asked.dummies)
    between = [(low + high) / 2 for low, high in pairwise(prices)]
    tried = [prices[-1] * share for share in ABOVE] + between + [prices[0] * share for share in BELOW]
    security, quality = (max(whole_percent(share), LEAST) for share in bounds(ground))
    for price in tried:
        yield Dummy(HOPELESS, price, security, quality)
    if ground.case.quality_scale == "relative-to-best":
        for percent in (100, 95, 80):
            for price in tried[: len(ABOVE)]:
                yield Dummy(HOPELESS, price, percent * PERCENT, percent * PERCENT)
