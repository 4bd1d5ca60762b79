"""What the advisor's page says, in words; every figure comes from the arithmetic."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from bids.cases import sentence
from bids.choices import DummyBid
from bids.evaluation import Refused, check_specification, exact
from bids.evaluation.advisor import CHEAP, MIDDLE, Advice, Asked, Ground, Outcome, Stand, Variant, Weight
from bids.evaluation.issues import ERROR
from bids.views import advisor_words as words
from procurement.choices import Kind, Method, PriceFormula
from procurement.templatetags.figures import money, plain, points, share

#: A method whose figure is points or ranks; the others' figures are money.
_POINTS, _RANKS, _RATIO = "total", "rank_sum", "price_per_point"


def faults_of(refusal: Refused) -> list[str]:
    """Why the draft cannot be tried at all."""
    return [sentence(issue.template, issue.params) for issue in refusal.issues if issue.level == ERROR]


def reminders_of(document: Mapping[str, Any], ground: Ground) -> list[str]:
    """What would keep the draft from being published, or was assumed where it says nothing."""
    reminders = [
        sentence(issue.template, issue.params)
        for issue in check_specification(document)
        if issue.level == ERROR
    ]
    weights = sum((node.weight for node in ground.case.criteria if node.parent is None), Fraction(0))
    if ground.case.criteria and weights not in (ground.case.total_points, Fraction(100)):
        text = _(
            "The weights add up to %(sum)s. Here each counts in proportion; publication asks for %(all)s."
        )
        reminders.append(text % {"sum": plain(weights), "all": plain(ground.case.total_points)})
    if ground.measure == "assumed":
        text = _(
            "The draft has no budget and no ceiling, so the dummy prices are made up around %(money)s. Enter "
            "prices as you expect them."
        )
        reminders.append(text % {"money": money(ground.yardstick, ground.case.currency)})
    return reminders


@dataclass(frozen=True)
class Row:
    """A dummy bid with what came out; `figure` is empty when the figure is the total."""

    name: str
    stand: Stand
    figure: str
    reasons: list[str]


@dataclass(frozen=True)
class Bar:
    """A kind of criterion: what it is published as, what it decides, and the sentence that says both."""

    label: str
    kind: str
    published: Fraction | None
    effective: Fraction
    spread: str
    sentence: str


@dataclass(frozen=True)
class Line:
    """A formula or a method beside the published one."""

    method: str
    formula: str
    published: bool
    first: str
    changed: bool
    order: str
    lead: str
    note: str


class Content:
    """The advice about one draft, in the reader's language; `titles` are those of the criteria, by code."""

    def __init__(self, ground: Ground, asked: Asked, advice: Advice, titles: Mapping[str, str]) -> None:
        self.ground, self.asked, self.advice, self.titles = ground, asked, advice, titles
        self.currency = ground.case.currency

    def money(self, number: Fraction | None) -> str:
        """An amount of the tender's currency."""
        return money(number, self.currency)

    def figure(self, number: Fraction | None, figure: str) -> str:
        """A figure of a method with its unit."""
        if figure == _POINTS:
            return _("%(n)s points") % {"n": points(number)}
        if figure == _RANKS:
            return _("%(n)s ranks") % {"n": plain(number)}
        text = self.money(None if number is None else Fraction(exact.rounded(number, 2, exact.HALF_UP)))
        return _("%(money)s a point") % {"money": text} if figure == _RATIO else text

    # --- who is first ---------------------------------------------------------------------------
    @cached_property
    def rows(self) -> list[Row]:
        """The dummies, the cheapest first."""
        outcome = self.advice.outcome
        return [
            Row(
                name_of(stand.dummy.code),
                stand,
                "" if outcome.figure == _POINTS else self.figure(stand.figure, outcome.figure),
                [sentence(reason.template, reason.params) for reason in stand.reasons],
            )
            for stand in outcome.stands
        ]

    @property
    def favour(self) -> str:
        """Whom the rules favour, and by how much."""
        outcome = self.advice.outcome
        return words.favour(outcome, self._lead(outcome))

    def _lead(self, outcome: Outcome) -> str:
        return "" if outcome.lead is None else self.figure(outcome.lead, outcome.figure)

    @property
    def turning(self) -> str:
        """Up to which price the cheap outlier is first."""
        turning = self.advice.turning
        first = self.advice.outcome.first == CHEAP
        if turning.price is None:
            return words.no_turning(turning.kind, first=first)
        now = self.asked.cheap.price
        figures = {
            "price": self.money(turning.price),
            "percent": share(abs(turning.price - now) / now),
            "rival": name_of(turning.against) if turning.against else "",
        }
        return words.turning(figures, first=turning.price >= now, tie=turning.tie)

    @property
    def turning_fraction(self) -> str:
        """The turning price as a fraction where two decimals do not say it all."""
        price = self.advice.turning.price
        return "" if price is None or (price * 100).denominator == 1 else f"{price}"

    @property
    def exchange(self) -> str:
        """What one percent of price is worth against one mark of security."""
        rate = self.advice.exchange
        if rate is None:
            return _("No criterion is about security, so no mark of security is worth anything.")
        unit = _POINTS if rate.in_points else self.advice.outcome.figure
        figures = {
            "bid": name_of(MIDDLE),
            "percent": self.figure(rate.percent, unit),
            "mark": self.figure(rate.mark, unit),
            "leaf": self.titles.get(rate.leaf) or self.ground.tree.nodes[rate.leaf].title,
            "top": plain(rate.top),
            "worth": "" if rate.percent_per_mark is None else share(rate.percent_per_mark / 100),
        }
        return words.exchange(figures, price=bool(rate.percent), mark=bool(rate.mark))

    # --- what weights weigh ----------------------------------------------------------------------
    @cached_property
    def cluster(self) -> str:
        """Between which marks and prices; marks are in percent where scales differ."""
        tops = set(self.ground.tree.scales.values())
        prices = sorted(dummy.price for dummy in self.asked.dummies)
        figures = {"least": self.money(prices[0]), "most": self.money(prices[-1])}
        if len(tops) == 1:
            (top,) = tops
            figures |= {"low": plain(self.asked.low * top), "high": plain(self.asked.high * top)}
            return words.cluster(figures | {"top": plain(top)})
        return words.cluster(figures | {"low": share(self.asked.low, 0), "high": share(self.asked.high, 0)})

    @cached_property
    def bars(self) -> list[Bar]:
        """Published and effective weights by kind."""
        return [self._bar(weight) for weight in self.advice.weights or ()]

    def _bar(self, weight: Weight) -> Bar:
        label = str(Kind(weight.kind).label)
        figures = {
            "kind": label,
            "published": "" if weight.published is None else plain(weight.published * 100) + "%",
            "effective": share(weight.effective),
            "cluster": self.cluster,
        }
        text = words.weight(figures, weight)
        return Bar(label, weight.kind, weight.published, weight.effective, self._spread(weight), text)

    def _spread(self, weight: Weight) -> str:
        """What bids differ by on it, with its unit."""
        method = self.ground.case.method
        if method == "adjusted-price":
            return self.money(Fraction(exact.rounded(weight.spread, 2, exact.HALF_UP)))
        if method in ("price-per-point", "pass-then-lowest", "lowest-price"):
            return share(weight.spread)
        return self.figure(weight.spread, _POINTS)

    # --- a hopeless bid joins ----------------------------------------------------------------------
    @property
    def reversal(self) -> list[str]:
        """What a hopeless bid does, and why."""
        reversal = self.advice.reversal
        hopeless = reversal.hopeless
        figures = {
            "before": _order(reversal.before.order),
            "after": _order(reversal.after.order) if reversal.after else "",
            "price": self.money(hopeless.price) if hopeless else "",
            "security": share(hopeless.security, 0) if hopeless else "",
            "lead": self.figure(reversal.lead, reversal.before.figure),
            "lead_before": self.figure(reversal.before.lead, reversal.before.figure),
        }
        return words.reversal(reversal, figures, self.ground.case)

    # --- other formulas and methods ----------------------------------------------------------------
    @cached_property
    def lines(self) -> list[Line]:
        """The published rules and all others."""
        return list(self._lines())

    def _lines(self) -> Iterator[Line]:
        published = self.advice.outcome.first
        for variant in self.advice.variants:
            outcome = variant.outcome
            yield Line(
                method=str(Method(variant.method).label),
                formula=str(PriceFormula(variant.formula).label),
                published=variant.published,
                first=words.first(outcome) if outcome else "",
                changed=outcome is not None and outcome.first != published,
                order=_order(outcome.order) if outcome else "",
                lead=self._lead(outcome) if outcome else "",
                note=self._note(variant),
            )

    def _note(self, variant: Variant) -> str:
        return words.why_not(variant.why_not) or words.assumed(
            variant.assumed, self.money(self.ground.yardstick)
        )

    # --- the curve ---------------------------------------------------------------------------------
    @cached_property
    def dots(self) -> list[dict[str, object]]:
        """The dummies on the curve: name, price, points, and whether each is first."""
        outcome = self.advice.outcome
        times = len(self.ground.case.members) if self.ground.case.aggregation == "sum" else 1
        return [
            {
                "name": name_of(stand.dummy.code),
                "price": stand.dummy.price,
                "points": stand.price_points / times,
                "first": stand.dummy.code == outcome.first,
            }
            for stand in outcome.stands
            if stand.price_points is not None
        ]


def name_of(code: str) -> str:
    """A dummy's name."""
    return str(DummyBid(code).label)


def _order(order: Iterable[Iterable[str]]) -> str:
    """Places from first to last; those that share one stand together."""
    return " → ".join(" = ".join(name_of(code) for code in group) for group in order) or _("nobody")
