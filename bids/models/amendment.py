"""What changes between publication and deadline, and who opens in another's place: always by two people."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bids.choices import AmendmentKind, AmendmentState, Decided
from procurement.models import Tender, User
from procurement.models.fields import SIGNATURE_LENGTH

from .sealing import OpeningOfficer, Package


class _InBothLanguages(models.Model):
    """A text that vendors of either language read."""

    text_zh = models.TextField(_("in Chinese"))
    text_en = models.TextField(_("in English"))

    class Meta:
        abstract = True

    @property
    def text(self) -> str:
        """The text in the reader's language."""
        return self.text_en if (get_language() or "").startswith("en") else self.text_zh


class Outage(_InBothLanguages):
    """That bids could not come in for a time. It is about the whole site, and never changes."""

    begins_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    recorder = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_by = models.CharField(_("recorded by"), max_length=SIGNATURE_LENGTH)
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        ordering: ClassVar = ["-begins_at", "-pk"]
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="outage_begins_before_it_ends",
                condition=models.Q(begins_at__lt=models.F("ends_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"OUT-{self.pk}"


class _Proposal(models.Model):
    """What one person proposes and another one decides."""

    proposer = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_by = models.CharField(_("proposed by"), max_length=SIGNATURE_LENGTH)
    proposed_at = models.DateTimeField(_("proposed"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Decided, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=SIGNATURE_LENGTH, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    #: What was published with it; only what was agreed has one.
    package = models.OneToOneField(Package, models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True

    @property
    def number(self) -> int:
        """The number under which it was published; 0 until then."""
        return self.package.amendment if self.package else 0


def _decided_by_name(prefix: str) -> list[models.BaseConstraint]:
    """One proposal a tender waits at a time; what is decided is so by name, and published once agreed."""
    decided = ~models.Q(outcome="") & ~models.Q(decided_by="") & models.Q(decided_at__isnull=False)
    waits = models.Q(outcome="", decided_by="", decided_at__isnull=True)
    agreed = models.Q(outcome=Decided.AGREED)
    return [
        models.UniqueConstraint(
            fields=["tender"], condition=models.Q(outcome=""), name=f"{prefix}_waits_once_a_tender"
        ),
        models.CheckConstraint(name=f"{prefix}_decided_by_name", condition=decided | waits),
        models.CheckConstraint(
            name=f"{prefix}_published_once_agreed",
            condition=(agreed & models.Q(package__isnull=False)) | (~agreed & models.Q(package__isnull=True)),
        ),
    ]


class Amendment(_InBothLanguages, _Proposal):
    """A later deadline, or what was changed or made clear in the documents. Weights and gates stay."""

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="amendments", verbose_name=_("tender"))
    kind = models.CharField(_("kind"), max_length=10, choices=AmendmentKind)
    deadline_before = models.DateTimeField(_("deadline before"))
    #: The new deadline; None leaves it.
    deadline = models.DateTimeField(_("new deadline"), null=True, blank=True)
    outage = models.ForeignKey(Outage, models.PROTECT, null=True, related_name="amendments")
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        ordering: ClassVar = ["proposed_at", "pk"]
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        constraints: ClassVar = [
            *_decided_by_name("amendment"),
            models.CheckConstraint(
                name="amendment_deadline_later",
                condition=models.Q(deadline__gt=models.F("deadline_before"))
                | models.Q(deadline__isnull=True, kind=AmendmentKind.DOCUMENTS),
            ),
            models.CheckConstraint(
                name="amendment_of_outage_names_it",
                condition=models.Q(kind=AmendmentKind.OUTAGE, outage__isnull=False)
                | (~models.Q(kind=AmendmentKind.OUTAGE) & models.Q(outage__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tender.reference} {self.get_kind_display()}"

    def state(self, now: datetime) -> AmendmentState:
        """Where it stands: a proposal that the deadline overtook has lapsed."""
        if self.outcome:
            return AmendmentState(self.outcome)
        return AmendmentState.WAITS if self.tender.is_open_for_bids(now) else AmendmentState.LAPSED


class OfficerReplacement(_Proposal):
    """Another person, or the same one with a new key, opens in an officer's place: two officers agree."""

    tender = models.ForeignKey(
        Tender, models.PROTECT, related_name="officer_replacements", verbose_name=_("tender")
    )
    leaving = models.ForeignKey(OpeningOfficer, models.PROTECT, related_name="+")
    successor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("successor"))
    reason = models.TextField(_("reason"))
    #: The first officer's turn; the halves lie under the system key and are gone once used or out of time.
    first = models.ForeignKey(OpeningOfficer, models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField(_("first turn"), null=True, blank=True)
    first_by = models.CharField(_("first officer"), max_length=SIGNATURE_LENGTH, blank=True)
    halves = models.TextField(editable=False, blank=True)

    class Meta:
        ordering: ClassVar = ["proposed_at", "pk"]
        verbose_name = _("replacement of an opening officer")
        verbose_name_plural = _("replacements of opening officers")
        constraints: ClassVar = _decided_by_name("replacement")

    def __str__(self) -> str:
        return f"{self.leaving} → {self.successor}"
