"""The rules of a tender that are more than one value: each part of the form fills its own columns.

A part may be left incomplete: what is missing is named by the checks before publication.
"""

from decimal import Decimal
from itertools import pairwise
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.choices import Aggregation, PriceFormula, TieRule
from procurement.forms.fields import MoneyField, NumberField, PercentField, Tidy, WholeField
from procurement.models import Tender, Unit
from procurement.models.fields import plain
from procurement.models.tender import default_thresholds


def _decimal(text: str | None) -> Decimal | None:
    """A number of a JSON column."""
    return None if text is None else Decimal(text)


class Part(Tidy, forms.Form):
    """A part of the tender form: `initial_of` reads a stored tender, `columns` is what the part fills."""

    def __init__(self, data: Any = None, *, tender: Tender) -> None:
        super().__init__(data, initial=self.initial_of(tender))

    def initial_of(self, tender: Tender) -> dict[str, Any]:
        """What the fields show of a stored tender."""
        raise NotImplementedError

    def columns(self) -> dict[str, Any]:
        """The columns that the cleaned fields fill."""
        raise NotImplementedError


class PricePart(Part):
    """How a price becomes points. Parameters of another formula are not kept."""

    price_formula = forms.ChoiceField(label=gettext_lazy("Price formula"), choices=PriceFormula)
    ceiling = MoneyField(
        label=gettext_lazy("Ceiling"),
        above=0,
        help_text=gettext_lazy("Linear below a published ceiling: a price here or above gets no points."),
    )
    floor = MoneyField(
        label=gettext_lazy("Floor"),
        least=0,
        help_text=gettext_lazy("A price here or below gets all points."),
    )
    fixed_price = forms.BooleanField(
        label=gettext_lazy("The price is fixed; its composition is marked"), required=False
    )
    bands = forms.CharField(
        label=gettext_lazy("Price bands"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text=gettext_lazy("One a line, cheapest first: price up to = points, as in 10,000,000 = 30."),
    )

    def initial_of(self, tender: Tender) -> dict[str, Any]:
        parameters = tender.price_parameters
        return {
            "price_formula": tender.price_formula,
            "ceiling": _decimal(parameters.get("ceiling")),
            "floor": _decimal(parameters.get("floor")),
            "fixed_price": parameters.get("fixed_price", False),
            "bands": "\n".join(f"{band['up_to']} = {band['points']}" for band in parameters.get("bands", [])),
        }

    def clean_bands(self) -> list[dict[str, str]]:
        """The bands as the case file has them."""
        lines = [line for line in self.cleaned_data["bands"].splitlines() if line.strip()]
        bands = [self._band(line) for line in lines]
        if any(later[0] <= earlier[0] for earlier, later in pairwise(bands)):
            raise ValidationError(_("The prices must rise from line to line."))
        return [{"up_to": plain(up_to), "points": plain(points)} for up_to, points in bands]

    def _band(self, line: str) -> tuple[Decimal, Decimal]:
        """A line such as `10,000,000 = 30`."""
        price, sign, points = line.partition("=")
        if not sign:
            raise ValidationError(_("“%(line)s”: write the price, = and the points.") % {"line": line})
        try:
            return (
                MoneyField(required=True, above=0).clean(price),
                NumberField(required=True, least=0).clean(points),
            )
        except ValidationError as error:
            raise ValidationError([f"“{line}”: {message}" for message in error.messages]) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        ceiling, floor = cleaned.get("ceiling"), cleaned.get("floor")
        if ceiling is not None and floor is not None and floor >= ceiling:
            self.add_error("floor", _("The floor must be below the ceiling."))
        return cleaned

    def columns(self) -> dict[str, Any]:
        formula, given = self.cleaned_data["price_formula"], self.cleaned_data
        parameters: dict[str, Any] = {}
        if formula == PriceFormula.CEILING_LINEAR:
            parameters = {
                name: plain(given[name]) for name in ("ceiling", "floor") if given[name] is not None
            }
        elif formula == PriceFormula.BANDS and given["bands"]:
            parameters = {"bands": given["bands"]}
        elif formula == PriceFormula.MARKED and given["fixed_price"]:
            parameters = {"fixed_price": True}
        return {"price_formula": formula, "price_parameters": parameters}


class PanelPart(Part):
    """How many members' marks become one, and when two of them are strikingly apart."""

    aggregation = forms.ChoiceField(label=gettext_lazy("Aggregation"), choices=Aggregation)
    difference_high = NumberField(label=gettext_lazy("High total from"), least=0)
    difference_low = NumberField(label=gettext_lazy("Low total below"), least=0)
    difference_leaf = PercentField(
        label=gettext_lazy("High mark from this share of the scale, in %"), above=0, most=100
    )

    def __init__(self, data: Any = None, *, tender: Tender) -> None:
        self.units = list(Unit.objects.all())
        super().__init__(data, tender=tender)
        for unit in self.units:
            self.fields[f"share_{unit.pk}"] = NumberField(label=unit.name, above=0)

    @property
    def shares(self) -> list[Any]:
        """The fields for the units' shares."""
        return [self[f"share_{unit.pk}"] for unit in self.units]

    def initial_of(self, tender: Tender) -> dict[str, Any]:
        shares = tender.unit_shares or {}
        difference = (tender.panel_rules or {}).get("marked_difference", {})
        return {
            "aggregation": tender.aggregation,
            "difference_high": _decimal(difference.get("high")),
            "difference_low": _decimal(difference.get("low")),
            "difference_leaf": _decimal(difference.get("leaf_high_share")),
        } | {f"share_{unit.pk}": _decimal(shares.get(unit.code)) for unit in self.units}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        names = ("difference_high", "difference_low", "difference_leaf")
        given = [name for name in names if cleaned.get(name) is not None]
        if given and not self.errors:
            for name in set(names) - set(given):
                self.add_error(name, _("The three figures of a marked difference belong together."))
        return cleaned

    def columns(self) -> dict[str, Any]:
        given = self.cleaned_data
        shares = {
            unit.code: plain(given[f"share_{unit.pk}"])
            for unit in self.units
            if given[f"share_{unit.pk}"] is not None
        }
        difference = given["difference_high"] is not None and {
            "high": plain(given["difference_high"]),
            "low": plain(given["difference_low"]),
            "leaf_high_share": plain(given["difference_leaf"]),
        }
        return {
            "aggregation": given["aggregation"],
            "unit_shares": shares if shares and given["aggregation"] == Aggregation.UNIT_MEAN else None,
            "panel_rules": {"marked_difference": difference} if difference else None,
        }


class DifferencesPart(Part):
    """From which share of a scale on members and units are so far apart that somebody must say why."""

    unit_amber = PercentField(
        label=gettext_lazy("Units apart: reasons asked from this share of the scale, in %"), above=0, most=100
    )
    unit_red = PercentField(
        label=gettext_lazy("Units apart: resolution asked from this share of the scale, in %"),
        above=0,
        most=100,
    )
    member_red = PercentField(
        label=gettext_lazy("Members apart: resolution asked from this share of the scale, in %"),
        above=0,
        most=100,
    )

    def initial_of(self, tender: Tender) -> dict[str, Any]:
        shares = default_thresholds() | tender.difference_thresholds
        return {name: Decimal(share) for name, share in shares.items()}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        amber, red = cleaned.get("unit_amber"), cleaned.get("unit_red")
        if amber is not None and red is not None and amber > red:
            self.add_error("unit_amber", _("Reasons are asked before a resolution is."))
        return cleaned

    def columns(self) -> dict[str, Any]:
        given = {name: plain(share) for name, share in self.cleaned_data.items() if share is not None}
        return {"difference_thresholds": default_thresholds() | given}


class PassMarkPart(Part):
    """What a bid must reach."""

    pass_points = NumberField(label=gettext_lazy("Pass mark"), least=0)
    pass_on = forms.ChoiceField(
        label=gettext_lazy("Held against"),
        choices=[("total", gettext_lazy("The total")), ("quality", gettext_lazy("Everything but the price"))],
    )
    pass_rule = forms.ChoiceField(
        label=gettext_lazy("Reached by"),
        choices=[
            ("mean", gettext_lazy("The panel's figure")),
            ("majority", gettext_lazy("The figures of more than half of the members")),
        ],
    )

    def initial_of(self, tender: Tender) -> dict[str, Any]:
        mark = tender.pass_mark or {}
        return {
            "pass_points": _decimal(mark.get("points")),
            "pass_on": mark.get("on", "total"),
            "pass_rule": mark.get("rule", "mean"),
        }

    def columns(self) -> dict[str, Any]:
        given = self.cleaned_data
        points = given["pass_points"]
        mark = points is not None and {
            "points": plain(points),
            "on": given["pass_on"],
            "rule": given["pass_rule"],
        }
        return {"pass_mark": mark or None}


class TiePart(Part):
    """What splits equal bids, one rule after the other."""

    names: ClassVar = [f"tie_{number}" for number in range(1, len(TieRule.choices) + 1)]

    def __init__(self, data: Any = None, *, tender: Tender) -> None:
        super().__init__(data, tender=tender)
        for number, name in enumerate(self.names, 1):
            self.fields[name] = forms.ChoiceField(
                label=_("Rule %(number)d") % {"number": number},
                choices=[("", _("None")), *TieRule.choices],
                required=False,
            )

    def initial_of(self, tender: Tender) -> dict[str, Any]:
        return dict(zip(self.names, tender.tie_break, strict=False))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        earlier: set[str] = set()
        for name in self.names:
            rule = cleaned.get(name)
            if rule and rule in earlier:
                self.add_error(name, _("This rule stands above already."))
            earlier.add(rule)
        return cleaned

    def columns(self) -> dict[str, Any]:
        return {"tie_break": [self.cleaned_data[name] for name in self.names if self.cleaned_data[name]]}


class RoundingPart(Part):
    """What is rounded before anything compares, and how."""

    things: ClassVar = {
        "leaf_points": gettext_lazy("Points of each criterion"),
        "price_score": gettext_lazy("Price score of 100"),
        "price_points": gettext_lazy("Price points"),
        "total": gettext_lazy("Total"),
    }
    modes: ClassVar = [
        ("half-up", gettext_lazy("Half up")),
        ("half-even", gettext_lazy("Half to even")),
        ("down", gettext_lazy("Down")),
    ]

    def __init__(self, data: Any = None, *, tender: Tender) -> None:
        super().__init__(data, tender=tender)
        for thing, label in self.things.items():
            self.fields[f"{thing}_places"] = WholeField(
                label=_("%(thing)s: decimals") % {"thing": label}, least=0, most=12
            )
            self.fields[f"{thing}_mode"] = forms.ChoiceField(
                label=_("%(thing)s: how") % {"thing": label}, choices=self.modes
            )

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        """Decimals and mode of each thing."""
        return [(self[f"{thing}_places"], self[f"{thing}_mode"]) for thing in self.things]

    def initial_of(self, tender: Tender) -> dict[str, Any]:
        rounding = tender.rounding or {}
        initial = {}
        for thing in self.things:
            initial[f"{thing}_places"] = rounding.get(thing, {}).get("places")
            initial[f"{thing}_mode"] = rounding.get(thing, {}).get("mode", "half-up")
        return initial

    def columns(self) -> dict[str, Any]:
        given = self.cleaned_data
        rounding = {
            thing: {"places": given[f"{thing}_places"], "mode": given[f"{thing}_mode"]}
            for thing in self.things
            if given[f"{thing}_places"] is not None
        }
        return {"rounding": rounding or None}


class AlarmsPart(Part):
    """Alarms for strikingly low prices. They never exclude anybody."""

    share_of_reserve = PercentField(
        label=gettext_lazy("Below this share of the reserve price, in %"), above=0
    )
    share_of_budget = PercentField(label=gettext_lazy("Below this share of the budget, in %"), above=0)
    share_of_mean = PercentField(
        label=gettext_lazy("Below this share of the other bids' mean, in %"), above=0
    )
    share_of_next = PercentField(
        label=gettext_lazy("Below this share of the next higher price, in %"), above=0
    )
    sd = NumberField(label=gettext_lazy("Standard deviations below the mean"), above=0)
    min_bids = WholeField(label=gettext_lazy("… from this many bids on"), least=2, most=1000)
    spain_85 = forms.BooleanField(
        label=gettext_lazy("Under nine tenths of the mean, high prices left out (Spain, article 85)"),
        required=False,
    )
    shares: ClassVar = {
        "share-of-reserve": "share_of_reserve",
        "share-of-budget": "share_of_budget",
        "share-of-mean": "share_of_mean",
        "share-of-next": "share_of_next",
    }

    def initial_of(self, tender: Tender) -> dict[str, Any]:
        stored = {alarm["rule"]: alarm for alarm in tender.low_price}
        deviation = stored.get("sd-below-mean", {})
        return {
            name: _decimal(stored[rule]["share"]) for rule, name in self.shares.items() if rule in stored
        } | {
            "sd": _decimal(deviation.get("sd")),
            "min_bids": deviation.get("min_bids"),
            "spain_85": "spain-85" in stored,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("min_bids") and not cleaned.get("sd"):
            self.add_error("sd", _("How many standard deviations?"))
        return cleaned

    def columns(self) -> dict[str, Any]:
        given = self.cleaned_data
        alarms: list[dict[str, Any]] = [
            {"rule": rule, "share": plain(given[name])}
            for rule, name in self.shares.items()
            if given[name] is not None
        ]
        if given["sd"] is not None:
            alarm = {"rule": "sd-below-mean", "sd": plain(given["sd"])}
            alarms.append(alarm | ({"min_bids": given["min_bids"]} if given["min_bids"] else {}))
        if given["spain_85"]:
            alarms.append({"rule": "spain-85"})
        return {"low_price": alarms}
