"""Closed lists of the bids wing."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BidStatus(models.TextChoices):
    """Whether a bid takes part (case file, Bids)."""

    VALID = "valid", _("Valid")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXCLUDED = "excluded", _("Excluded")


class Answer(models.TextChoices):
    """What a vendor says to a requirement. Silence is no answer and counts as not met; so does "not applicable"."""

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
