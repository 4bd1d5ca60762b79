"""What the accountable unit enters about a claim."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from bids.choices import Evidence
from bids.models import Claim

from .panel import VersionForm, long_text


class FindingForm(VersionForm):
    """What the bank found about a claim, and what stands behind it."""

    verified = forms.TypedChoiceField(
        label=gettext_lazy("Finding"),
        choices=[
            ("yes", gettext_lazy("Met")),
            ("no", gettext_lazy("Not met")),
            ("", gettext_lazy("No finding")),
        ],
        coerce=lambda word: word == "yes",
        empty_value=None,
        required=False,
    )
    finding = long_text(gettext_lazy("What was found"), required=False)
    level = forms.ChoiceField(
        label=gettext_lazy("Evidence found"),
        choices=Evidence,
        required=False,
        widget=forms.Select(attrs={"class": "fld small"}),
    )
    until = forms.DateField(
        label=gettext_lazy("good until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "fld small"}, format="%Y-%m-%d"),
    )

    @property
    def arguments(self) -> dict[str, Any]:
        """What the action wants to know."""
        words = self.cleaned_data
        return {
            "verified": words["verified"],
            "finding": words["finding"],
            "level": Evidence(words["level"]) if words["level"] else None,
            "until": words["until"],
            "seen": words["version"],
        }


def finding_form(claim: Claim) -> FindingForm:
    """The finding as it is stored, to be changed."""
    said = {True: "yes", False: "no", None: ""}[claim.verified]
    return FindingForm(
        initial={
            "verified": said,
            "finding": claim.finding,
            "level": claim.evidence_found or claim.evidence or Evidence.CLAIMED.value,
            "until": claim.evidence_until,
            "version": claim.version,
        },
        auto_id=f"id_{claim.pk}_%s",
    )
