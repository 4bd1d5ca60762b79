"""Closed lists of the bids wing."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class BidStatus(models.TextChoices):
    """Whether a bid takes part (case file, Bids)."""

    VALID = "valid", _("Valid")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXCLUDED = "excluded", _("Excluded")


class Answer(models.TextChoices):
    """What a vendor says to a requirement. Silence counts as not met; so does "not applicable"."""

    MET = "met", _("Met")
    NOT_MET = "not_met", _("Not met")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


class SubmissionKind(models.TextChoices):
    """What a vendor handed in: a bid (again), or its withdrawal."""

    BID = "bid", _("Bid")
    WITHDRAWAL = "withdrawal", _("Withdrawal")


class ObjectionAnswer(models.TextChoices):
    """How a security warning was answered, by name."""

    UPHELD = "upheld", _("Uphold")
    ACCEPTED = "accepted", _("Accept the risk with conditions")
    REJECTED = "rejected", _("Reject")


#: What the audit trail calls what people do in this wing: stored in English, shown in the reader's language.
ACTIONS = (
    gettext_noop("publish tender"),
    gettext_noop("cancel tender"),
    gettext_noop("load case"),
    gettext_noop("submit bid"),
    gettext_noop("withdraw bid"),
    gettext_noop("open bids"),
    gettext_noop("recuse member"),
    gettext_noop("enter member as present"),
    gettext_noop("enter member as absent"),
    gettext_noop("record finding"),
    gettext_noop("waive requirement"),
    gettext_noop("exclude bid"),
    gettext_noop("save mark"),
    gettext_noop("submit marks"),
    gettext_noop("enter agreed mark"),
    gettext_noop("change agreed mark"),
    gettext_noop("record evaluation"),
    gettext_noop("lock marks"),
    gettext_noop("open prices"),
    gettext_noop("present ranking"),
    gettext_noop("raise objection"),
    gettext_noop("answer objection"),
    gettext_noop("award"),
    gettext_noop("export ranking"),
)
