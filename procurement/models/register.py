"""The register of exceptions: what was opened in a system, who asked, who warned, who decided, until when."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from procurement.choices import Advice, Decision, EntryState, Exposure

from .fields import CODE_LENGTH, SIGNATURE_LENGTH, Versioned
from .people import Unit, User, Vendor
from .tender import Tender


def _different(one: str, other: str) -> models.Q:
    """That two people, where both are known, are not the same."""
    known = {f"{one}__isnull": False, f"{other}__isnull": False}
    return ~models.Q(**{one: models.F(other)}, **known)


class RegisterEntry(Versioned):
    """A request to open a connection, port or function of a system, and everything that came of it.

    Nobody decides before security has answered. It ends on a day; who wants longer asks anew, and the new
    entry names the old one.
    """

    system = models.CharField(_("system"), max_length=CODE_LENGTH)
    kind = models.CharField(_("kind"), max_length=10, choices=Exposure)
    origin = models.CharField(pgettext_lazy("connection", "from"), max_length=CODE_LENGTH)
    target = models.CharField(pgettext_lazy("connection", "to"), max_length=CODE_LENGTH)
    opening = models.TextField(_("port or function"))
    reason = models.TextField(_("business reason"))
    risk = models.TextField(_("risk"))
    owner = models.ForeignKey(
        User, models.PROTECT, related_name="exceptions_owned", verbose_name=_("owner of the exception")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("proposing unit"))
    #: The last day on which it may be open, in Taipei.
    expires_on = models.DateField(_("expiry date"))
    tender = models.ForeignKey(
        Tender, models.PROTECT, null=True, blank=True, related_name="exceptions", verbose_name=_("tender")
    )
    vendor = models.ForeignKey(
        Vendor, models.PROTECT, null=True, blank=True, related_name="exceptions", verbose_name=_("vendor")
    )
    #: The entry that it asks to prolong; that one names its successor once this is granted.
    renews = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="renewals", verbose_name=_("prolongs")
    )
    prolonged_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("prolonged by")
    )
    proposer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("proposer"))
    proposed_by = models.CharField(_("proposed by"), max_length=SIGNATURE_LENGTH)
    proposed_at = models.DateTimeField(_("proposed"))

    advice = models.CharField(_("security’s answer"), max_length=10, choices=Advice, blank=True)
    advice_reason = models.TextField(_("reason, and conditions"), blank=True)
    adviser = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("adviser")
    )
    advised_by = models.CharField(_("answered by"), max_length=SIGNATURE_LENGTH, blank=True)
    advised_at = models.DateTimeField(_("answered"), null=True, blank=True)

    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True)
    decision_reason = models.TextField(_("reason"), blank=True)
    decider = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    decided_by = models.CharField(_("decided by"), max_length=SIGNATURE_LENGTH, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    closing_note = models.TextField(_("what was done"), blank=True)
    closed_by = models.CharField(_("closed by"), max_length=SIGNATURE_LENGTH, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="exception_advised_by_name_with_reason",
                condition=models.Q(advice="", advised_by="", advice_reason="")
                | (~models.Q(advice="") & ~models.Q(advised_by="") & ~models.Q(advice_reason="")),
            ),
            models.CheckConstraint(
                name="exception_decided_after_security",
                condition=models.Q(decision="", decided_by="", decision_reason="")
                | (
                    ~models.Q(decision="")
                    & ~models.Q(decided_by="")
                    & ~models.Q(decision_reason="")
                    & ~models.Q(advice="")
                ),
            ),
            models.CheckConstraint(
                name="exception_nobody_signs_twice",
                condition=_different("proposer", "adviser")
                & _different("proposer", "decider")
                & _different("adviser", "decider"),
            ),
            models.CheckConstraint(
                name="exception_closed_by_name_with_note",
                condition=models.Q(closed_by="", closing_note="")
                | (~models.Q(closed_by="") & ~models.Q(closing_note="") & models.Q(decision="granted")),
            ),
        ]

    def __str__(self) -> str:
        return f"EXC-{self.pk}"

    @property
    def is_overruled(self) -> bool:
        """Whether it was granted although security advised against it."""
        return self.decision == Decision.GRANTED and self.advice == Advice.AGAINST

    @property
    def is_standing(self) -> bool:
        """Whether it was granted and nobody has closed or prolonged it: open, in time or not."""
        return self.decision == Decision.GRANTED and not self.closed_by and self.prolonged_by_id is None

    def is_in_force(self, today: date) -> bool:
        """Whether it stands and its last day is not over."""
        return self.is_standing and today <= self.expires_on

    def state(self, today: date) -> EntryState:
        """Where it stands on the day; "overdue" is what the calendar says, no column."""
        if self.closed_by:
            return EntryState.CLOSED
        if self.prolonged_by_id is not None:
            return EntryState.PROLONGED
        if self.decision == Decision.REFUSED:
            return EntryState.REFUSED
        if self.decision == Decision.GRANTED:
            return EntryState.OPEN if today <= self.expires_on else EntryState.OVERDUE
        return EntryState.ADVISED if self.advice else EntryState.ASKED
