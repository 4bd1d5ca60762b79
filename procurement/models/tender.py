"""A tender and the seats of its panel."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from procurement.choices import (
    OPENED_STAGES,
    PRICED_STAGES,
    Aggregation,
    Method,
    PriceFormula,
    Profile,
    QualityScale,
    RankScope,
    Stage,
    SystemClass,
    TiedRank,
)

from .fields import CODE_LENGTH, ExactDecimalField, Versioned
from .people import Unit, User, Vendor

#: How long before the deadline questions end where the tender says nothing else.
QUESTIONS_END_BEFORE = timedelta(days=5)


def default_thresholds() -> dict[str, str]:
    """Unit means 1.5 of 5 apart, or members 3 of 5, are red; unit means 1 of 5 apart are amber."""
    return {"unit_red": "0.3", "unit_amber": "0.2", "member_red": "0.6"}


class Tender(Versioned):
    """What the bank wants to buy, who answers for it and by which rules bids are judged.

    The rules carry the names and meanings of the case file. Columns that hold an object or a list of the case
    file (`price_parameters`, `unit_shares`, `pass_mark`, …) keep it as JSON with every number as text.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(_("reference"), max_length=CODE_LENGTH, unique=True)
    title = models.TextField(_("title"))
    currency = models.CharField(_("currency"), max_length=3, default="TWD")
    stage = models.CharField(_("stage"), max_length=20, choices=Stage, default=Stage.DRAFT, editable=False)

    # who answers
    #: Empty for a case that was loaded from a file.
    officer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="tenders_run", verbose_name=_("officer")
    )
    system = models.CharField(_("system concerned"), max_length=CODE_LENGTH, blank=True)
    system_class = models.CharField(_("system class"), max_length=1, choices=SystemClass, blank=True)
    owner_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("accountable unit")
    )
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )

    #: Answers security warnings and makes the award; above the units, and never who proposed.
    approver = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approver")
    )
    #: Answers in the approver's place once an answer is overdue.
    escalation = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("next above")
    )

    # by which rules
    profile = models.CharField(_("profile"), max_length=10, choices=Profile, default=Profile.BANK)
    method = models.CharField(_("method"), max_length=20, choices=Method, default=Method.TOTAL)
    quality_scale = models.CharField(
        _("quality scale"), max_length=20, choices=QualityScale, default=QualityScale.ABSOLUTE
    )
    fair_price_ceiling = ExactDecimalField(_("fair price ceiling"), null=True, blank=True)
    aggregation = models.CharField(
        _("aggregation"), max_length=10, choices=Aggregation, default=Aggregation.MEAN
    )
    unit_shares = models.JSONField(_("unit shares"), null=True, blank=True)
    total_points = ExactDecimalField(_("total points"), default="100")
    price_formula = models.CharField(
        _("price formula"), max_length=20, choices=PriceFormula, default=PriceFormula.NONE
    )
    price_parameters = models.JSONField(_("parameters of the price formula"), default=dict, blank=True)
    pass_mark = models.JSONField(_("pass mark"), null=True, blank=True)
    rank_scope = models.CharField(
        _("scope of ranks"), max_length=10, choices=RankScope, default=RankScope.PASSING
    )
    tied_rank = models.CharField(
        _("rank of equal bids"), max_length=12, choices=TiedRank, default=TiedRank.COMPETITION
    )
    tie_break = models.JSONField(_("tie rules"), default=list, blank=True)
    lots_drawn = models.JSONField(_("lots drawn"), default=list, blank=True, editable=False)
    rounding = models.JSONField(_("rounding"), null=True, blank=True)
    budget = ExactDecimalField(_("budget"), null=True, blank=True)
    reserve_price = ExactDecimalField(_("reserve price"), null=True, blank=True)
    low_price = models.JSONField(_("low price alarms"), default=list, blank=True)
    panel_rules = models.JSONField(_("panel rules"), null=True, blank=True)

    # how the panel works
    comment_at_ends = models.BooleanField(_("a reason for the lowest and the highest mark"), default=True)
    masked_bidders = models.BooleanField(_("bidders are named by letter while they are marked"), default=True)
    #: Shares of a leaf's scale, as text: `unit_red`, `unit_amber`, `member_red`.
    difference_thresholds = models.JSONField(
        _("thresholds of differences"), default=default_thresholds, blank=True
    )
    standstill_days = models.PositiveSmallIntegerField(_("standstill in days"), default=10)
    #: The round of evaluation that goes on, from 1.
    round = models.PositiveSmallIntegerField(_("round"), default=1, editable=False)

    # who may bid
    invited_only = models.BooleanField(_("only invited vendors bid"), default=False, editable=False)
    invited = models.ManyToManyField(
        Vendor, related_name="invitations", blank=True, editable=False, verbose_name=_("invited vendors")
    )

    # when
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    #: Empty: `QUESTIONS_END_BEFORE` the deadline.
    questions_until = models.DateTimeField(_("questions until"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    published_text = models.TextField(_("published specification"), blank=True, editable=False)
    fingerprint = models.CharField(_("publication fingerprint"), max_length=71, blank=True, editable=False)
    bidders_named_at = models.DateTimeField(_("bidders named"), null=True, blank=True, editable=False)
    opened_at = models.DateTimeField(_("bids opened"), null=True, blank=True, editable=False)
    priced_at = models.DateTimeField(_("prices opened"), null=True, blank=True, editable=False)
    cancelled_reason = models.TextField(_("reason of the cancellation"), blank=True, editable=False)

    class Meta:
        ordering: ClassVar = ["-created_at", "reference"]
        verbose_name = _("tender")
        verbose_name_plural = _("tenders")
        constraints: ClassVar = [
            models.CheckConstraint(name="tender_stage_known", condition=models.Q(stage__in=Stage.values)),
            models.CheckConstraint(
                name="tender_published_with_fingerprint",
                condition=models.Q(stage__in=[Stage.DRAFT, Stage.CANCELLED]) | ~models.Q(fingerprint=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def is_draft(self) -> bool:
        """Whether the specification may still be edited."""
        return self.stage == Stage.DRAFT

    def is_open_for_bids(self, now: datetime) -> bool:
        """Whether a bid may come in at `now`; at the deadline itself it is late."""
        return self.stage == Stage.PUBLISHED and self.deadline is not None and now < self.deadline

    @property
    def questions_end(self) -> datetime | None:
        """Until when vendors ask; None while there is no deadline."""
        if self.questions_until is not None or self.deadline is None:
            return self.questions_until
        return self.deadline - QUESTIONS_END_BEFORE

    def is_closed(self, now: datetime) -> bool:
        """Whether bidding is over and no bid has been opened yet."""
        return self.stage == Stage.PUBLISHED and not self.is_open_for_bids(now)

    @property
    def is_opened(self) -> bool:
        """Whether the non-price parts of bids may be read."""
        return self.stage in OPENED_STAGES

    @property
    def is_priced(self) -> bool:
        """Whether prices, and so totals and places, may be read."""
        return self.stage in PRICED_STAGES


class Seat(Versioned):
    """A place on the panel: who marks, for which unit. Imported seats may have no account behind them."""

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="seats", verbose_name=_("tender"))
    position = models.PositiveIntegerField(editable=False)
    code = models.CharField(_("code"), max_length=CODE_LENGTH)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="seats", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=CODE_LENGTH, blank=True)
    expert = models.BooleanField(_("expert"), default=False)
    present = models.BooleanField(_("present"), default=True)
    #: Since when the member is entered as absent; empty for those of a loaded case, who never came.
    absent_since = models.DateTimeField(_("absent since"), null=True, blank=True, editable=False)

    class Meta:
        ordering: ClassVar = ["position"]
        verbose_name = _("panel seat")
        verbose_name_plural = _("panel seats")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tender", "code"], name="seat_code_once_a_tender"),
            models.UniqueConstraint(fields=["tender", "user"], name="seat_person_once_a_tender"),
        ]

    def __str__(self) -> str:
        return self.name or self.code
