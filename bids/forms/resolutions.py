"""What is entered about differences: corrections, resolutions, differing opinions, and lots."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bids.choices import ResolutionKind
from bids.models import Bid
from procurement.forms.fields import NumberField, Tidy, WholeField
from procurement.models import Criterion, Seat

from .panel import long_text

#: What a decision means, said beside it.
CONSEQUENCES = {
    ResolutionKind.KEEP: _("The difference has good reasons; the marks count as they stand."),
    ResolutionKind.CORRECTED: _("Originals and reasons stay; the corrected marks count."),
    ResolutionKind.AGREED: _("Members’ marks stay on record; the agreed one counts."),
    ResolutionKind.REMOVE: _("Say whose result is removed; the rest is counted again."),
    ResolutionKind.REDO: _("The same members mark the named criteria anew; the old marks stay on record."),
    ResolutionKind.LOTS: _("First place is tied and the published rules have lots."),
    ResolutionKind.NO_AWARD: _("The tender ends without an award."),
}


class CorrectionForm(Tidy, forms.Form):
    """Another mark of one's own, and why."""

    corrected = NumberField(label=_("Corrected mark"), required=True, least=0, max_length=40)
    reason = long_text(_("Reason of the correction"))
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ResolutionForm(Tidy, forms.Form):
    """The minutes of one decision. Which fields count depends on what was decided."""

    kind = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    criterion = forms.ModelChoiceField(Criterion.objects.none(), required=False, widget=forms.HiddenInput)
    bid = forms.ModelChoiceField(Bid.objects.none(), required=False, widget=forms.HiddenInput)
    seat = forms.ModelChoiceField(
        Seat.objects.none(), label=_("Whose result is removed"), required=False, empty_label=_("Choose")
    )
    mark = NumberField(label=_("Agreed mark"), least=0, max_length=40)
    replaces = NumberField(required=False, widget=forms.HiddenInput)
    again = forms.ModelMultipleChoiceField(
        Criterion.objects.none(),
        label=_("Criteria marked again"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    present = forms.ModelMultipleChoiceField(
        Seat.objects.none(), label=_("Present"), required=False, widget=forms.CheckboxSelectMultiple
    )
    in_favour = WholeField(label=_("In favour"), required=True, least=0, most=1000)
    against = WholeField(label=_("Against"), required=True, least=0, most=1000)
    reason = long_text(_("Reason, as it goes into the minutes"), rows=3)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self,
        *args: Any,
        kinds: Iterable[str],
        leaves: Sequence[Criterion],
        bids: Any,
        voters: Sequence[Seat],
        judges: Sequence[Seat] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, ResolutionKind(kind).label) for kind in kinds]
        criteria = Criterion.objects.filter(pk__in=[leaf.pk for leaf in leaves]).order_by("position")
        self.fields["criterion"].queryset = criteria
        self.fields["again"].queryset = criteria
        self.fields["bid"].queryset = bids
        self.fields["present"].queryset = _seats(voters)
        self.fields["seat"].queryset = _seats(judges)

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The decisions that can be taken, each with what it means."""
        chosen = self["kind"].value()
        return [
            {"kind": kind, "label": label, "what": CONSEQUENCES[ResolutionKind(kind)], "on": kind == chosen}
            for kind, label in self.fields["kind"].choices
        ]


def _seats(seats: Iterable[Seat]) -> Any:
    keys = [seat.pk for seat in seats]
    return Seat.objects.filter(pk__in=keys).select_related("unit").order_by("position")


class DissentForm(Tidy, forms.Form):
    """A differing opinion."""

    text = long_text(_("Differing opinion"), rows=3)


class DrawForm(Tidy, forms.Form):
    """Lots as they were drawn in the open: one vendor a line, the first one drawn on top."""

    order = long_text(
        _("Order in which the lots came out"),
        rows=3,
        help_text=_("One vendor a line, the first one drawn on top."),
    )
    witnesses = long_text(_("Witnesses, by name"), rows=2)

    def clean_order(self) -> list[str]:
        """The names, line by line."""
        text: str = self.cleaned_data["order"]
        return [line.strip() for line in text.splitlines() if line.strip()]


class SourceForm(Tidy, forms.Form):
    """Where a seed will come from."""

    source = long_text(
        _("Source of the seed"),
        rows=3,
        help_text=_(
            "Something public that nobody can know or choose yet, such as the winning numbers of a lottery"
            " draw of a day to come, and how they are written down."
        ),
    )


class SeedForm(Tidy, forms.Form):
    """The seed, once it is known."""

    seed = forms.CharField(
        label=_("Seed, exactly as it is published"),
        max_length=400,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    witnesses = long_text(_("Witnesses, by name"), rows=2, required=False)
