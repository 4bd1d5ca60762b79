"""What members declare and sign before the bids are opened, and what the officer does about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bids.choices import DeclarationOutcome, Ground
from bids.models import Bid
from procurement.choices import Role
from procurement.forms.fields import Tidy
from procurement.forms.specification import PersonField
from procurement.models import Tender
from procurement.queries import bank_people

from .panel import long_text

#: What a member undertakes (審議規則; a bank may use its own words).
CONFIDENTIALITY = gettext_lazy(
    "I keep to myself what I learn about the bids, the marks and the panel’s talk, before the award and "
    "after it, and I take no copy out of the bank’s systems."
)
CONDUCT = gettext_lazy(
    "I judge by the published criteria and nothing else. I take no gift, hospitality or promise from a "
    "bidder, speak with none about this tender, and take no work under this contract from whoever wins."
)


_BOX = {"class": "form-check-input"}


def _box() -> forms.CheckboxInput:
    return forms.CheckboxInput(attrs=_BOX)


@dataclass(frozen=True)
class BidderRow:
    """A bidder and the two fields about it."""

    bid: Bid
    grounds: forms.BoundField
    detail: forms.BoundField


class DeclarationForm(Tidy, forms.Form):
    """Every bidder with the grounds of an interest, or none in any; what is undertaken; the signature."""

    none = forms.BooleanField(
        label=gettext_lazy("I have no interest in any of them"), widget=_box(), required=False
    )
    confidentiality = forms.BooleanField(label=CONFIDENTIALITY, widget=_box())
    conduct = forms.BooleanField(label=CONDUCT, widget=_box())
    signed_name = forms.CharField(
        label=gettext_lazy("Your full name, as a signature"),
        max_length=100,
        widget=forms.TextInput(attrs={"class": "fld", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, bidders: Sequence[Bid]) -> None:
        super().__init__(data)
        self.bidders = bidders
        for bid in bidders:
            self.fields[f"grounds-{bid.pk}"] = forms.MultipleChoiceField(
                label=gettext_lazy("Grounds"),
                choices=Ground,
                widget=forms.CheckboxSelectMultiple(attrs=_BOX),
                required=False,
            )
            self.fields[f"detail-{bid.pk}"] = long_text(gettext_lazy("Particulars"), required=False)

    def rows(self) -> Iterator[BidderRow]:
        """The bidders in order, with their fields."""
        for bid in self.bidders:
            yield BidderRow(bid, self[f"grounds-{bid.pk}"], self[f"detail-{bid.pk}"])

    def clean(self) -> dict[str, Any]:
        """Either grounds with particulars, or none in any; never both, and never neither."""
        cleaned = super().clean()
        for bid in self.bidders:
            grounds, detail = cleaned.get(f"grounds-{bid.pk}"), cleaned.get(f"detail-{bid.pk}")
            if grounds and not detail:
                text = _("Say what connects you with %(vendor)s.")
                self.add_error(f"detail-{bid.pk}", text % {"vendor": bid})
            elif detail and not grounds:
                self.add_error(f"grounds-{bid.pk}", _("Tick the ground that this is about."))
        declared = any(cleaned.get(f"grounds-{bid.pk}") for bid in self.bidders)
        if cleaned.get("none") == declared:
            both, neither = (
                _("You declare an interest, and that you have none. Leave one of them out."),
                _("Say whether you have an interest: tick its grounds, or that you have none."),
            )
            self.add_error("none", both if declared else neither)
        return cleaned

    @property
    def interests(self) -> list[dict[str, str]]:
        """Vendor, ground and particulars of every ground that was ticked."""
        return [
            {"vendor": str(bid), "ground": ground, "detail": self.cleaned_data[f"detail-{bid.pk}"]}
            for bid in self.bidders
            for ground in self.cleaned_data[f"grounds-{bid.pk}"]
        ]

    @property
    def undertakings(self) -> list[str]:
        """The texts that were ticked, as they were read."""
        return [str(CONFIDENTIALITY), str(CONDUCT)]


class SettleForm(Tidy, forms.Form):
    """What the officer does about a declared interest, and why."""

    outcome = forms.ChoiceField(choices=DeclarationOutcome, widget=forms.HiddenInput)
    reason = long_text(gettext_lazy("Reason"))


class LiftForm(Tidy, forms.Form):
    """Why a recusal was a mistake."""

    reason = long_text(gettext_lazy("Reason"))


class AppointForm(Tidy, forms.Form):
    """Who joins the panel, and why."""

    user = PersonField(label=gettext_lazy("Person"))
    expert = forms.BooleanField(
        label=gettext_lazy("Expert"),
        required=False,
        help_text=gettext_lazy("Counts as an expert for the quorum."),
    )
    reason = long_text(gettext_lazy("Reason"))

    def __init__(self, *args: Any, tender: Tender, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seated = tender.seats.filter(user__isnull=False).values("user")
        self.fields["user"].queryset = bank_people().filter(role=Role.MEMBER).exclude(pk__in=seated)
