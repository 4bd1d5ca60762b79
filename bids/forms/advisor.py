"""The form of the formula advisor: what dummy bids cost and are marked; nothing of it is stored."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bids.choices import DUMMIES
from bids.evaluation.advisor import Asked, Dummy
from procurement.forms.fields import MoneyField, PercentField
from procurement.models.fields import plain

#: Dummies cost at most this, so that figures stay readable.
MOST = 10**15


class AdvisorForm(forms.Form):
    """Price and marks of each dummy bid, and between which marks a panel's usually lie.

    Money is in the tender's currency, marks are in percent of the scale.
    """

    low = PercentField(label=gettext_lazy("From"), least=0, most=100, required=True)
    high = PercentField(label=gettext_lazy("To"), least=0, most=100, required=True)

    def __init__(self, data: Any, asked: Asked) -> None:
        typed = data.dict() if hasattr(data, "dict") else dict(data)
        super().__init__(_texts(asked) | typed)
        for code in DUMMIES:
            self.fields[f"{code}_price"] = MoneyField(label=_("Price"), above=0, most=MOST, required=True)
            for part, label in (("security", _("Security")), ("quality", _("Quality"))):
                self.fields[f"{code}_{part}"] = PercentField(label=label, least=0, most=100, required=True)

    @property
    def rows(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """Each dummy's name with its three fields."""
        for code in DUMMIES:
            yield str(code.label), [self[f"{code}_{part}"] for part in ("price", "security", "quality")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        low, high = data.get("low"), data.get("high")
        if low is not None and high is not None and low >= high:
            self.add_error("high", ValidationError(_("It must be more than where the marks begin.")))
        prices = [(code, data.get(f"{code}_price")) for code in DUMMIES]
        for (one, lower), (other, price) in pairwise(prices):
            if lower is not None and price is not None and price < lower:
                words = {"dummy": one.label}
                text = _("It must not be less than what this dummy bid costs: %(dummy)s.") % words
                self.add_error(f"{other}_price", ValidationError(text))
        return data

    def asked(self) -> Asked:
        """The dummies as they were typed; the form is valid."""
        data = {key: Fraction(value) for key, value in self.cleaned_data.items()}
        cheap, middle, best = (
            Dummy(str(code), data[f"{code}_price"], data[f"{code}_security"], data[f"{code}_quality"])
            for code in DUMMIES
        )
        return Asked(cheap, middle, best, data["low"], data["high"])


def _texts(asked: Asked) -> dict[str, str]:
    """The dummies as a person would type them."""
    texts = {"low": _percent(asked.low), "high": _percent(asked.high)}
    for dummy in asked.dummies:
        texts[f"{dummy.code}_price"] = f"{_decimal(dummy.price):,f}"
        texts[f"{dummy.code}_security"] = _percent(dummy.security)
        texts[f"{dummy.code}_quality"] = _percent(dummy.quality)
    return texts


def _percent(share: Fraction) -> str:
    return plain(_decimal(share * 100))


def _decimal(number: Fraction) -> Decimal:
    """Exact: what is suggested is whole percent and whole money or cents."""
    return Decimal(number.numerator) / Decimal(number.denominator)
