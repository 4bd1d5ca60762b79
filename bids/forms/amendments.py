"""Amendments, outages, and who opens in another's place: what is proposed, and the second person's word."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bids.choices import AmendmentKind
from bids.models import OfficerKey, OpeningOfficer
from bids.queries import people_with_keys, standing_officers
from procurement.forms.fields import MomentField, Tidy, WholeField
from procurement.models import Tender

from .panel import long_text


class _BothLanguages(Tidy, forms.Form):
    """What vendors of either language read."""

    text_zh = long_text(_("What vendors read in Chinese"), rows=4)
    text_en = long_text(_("What vendors read in English"), rows=4)


class AmendmentForm(_BothLanguages):
    """A later deadline, or what was changed or made clear."""

    kind = forms.ChoiceField(
        label=_("What it is about"),
        choices=[(kind.value, kind.label) for kind in AmendmentKind if kind != AmendmentKind.OUTAGE],
    )
    deadline = MomentField(label=_("New deadline for bids (Taipei)"), required=False)

    field_order = ("kind", "deadline", "text_zh", "text_en")


class OutageForm(_BothLanguages):
    """From when until when bids could not come in, and what happened."""

    begins_at = MomentField(label=_("From (Taipei)"))
    ends_at = MomentField(label=_("Until (Taipei)"))

    field_order = ("begins_at", "ends_at", "text_zh", "text_en")


class ExtensionForm(forms.Form):
    """How much time every tender gets."""

    minutes = WholeField(label=_("Minutes for every tender"), least=1, most=60 * 24 * 365, required=True)


class RefusalForm(Tidy, forms.Form):
    """Why a proposal is refused."""

    reason = long_text(_("Reason"))


class ReplacementForm(Tidy, forms.Form):
    """Who opens in whose place, and why."""

    leaving = forms.ModelChoiceField(OpeningOfficer.objects.none(), label=_("In the place of"))
    successor = forms.ModelChoiceField(None, label=_("Who opens from now on"))
    reason = long_text(_("Reason"))

    def __init__(self, *args: Any, tender: Tender, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["leaving"].queryset = standing_officers(tender)
        self.fields["successor"].queryset = people_with_keys().filter(
            pk__in=OfficerKey.objects.filter(retired_at=None).values("user")
        )
