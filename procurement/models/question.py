"""What vendors ask about a published tender, and what all of them are answered."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .fields import SIGNATURE_LENGTH, Versioned
from .people import Unit, User, Vendor
from .specification import Criterion, Requirement
from .tender import Tender

#: In how many days a question is to be answered.
ANSWER_WITHIN = timedelta(days=3)


class Question(Versioned):
    """A vendor's question, routed to a unit, answered in draft there, and released to all at once.

    The bank reads it without its vendor. `vendor` and `asker` are for the vendor's own page, and for the
    trail once bids are opened. The key is drawn by lot, so that it tells nobody how many questions there are.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tender = models.ForeignKey(Tender, models.PROTECT, related_name="questions", verbose_name=_("tender"))
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+", editable=False)
    asker = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)
    text = models.TextField(_("question"))
    asked_at = models.DateTimeField(_("asked"))
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("requirement")
    )
    criterion = models.ForeignKey(
        Criterion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("criterion")
    )

    # who answers
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answering unit")
    )
    #: The question that asks the same; one answer goes out for both.
    same_as = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="likes",
        verbose_name=_("asks the same as"),
    )

    # what all vendors read
    public_zh = models.TextField(_("question in Chinese"), blank=True)
    public_en = models.TextField(_("question in English"), blank=True)
    answer_zh = models.TextField(_("answer in Chinese"), blank=True)
    answer_en = models.TextField(_("answer in English"), blank=True)
    changes = models.BooleanField(_("the answer changes what was published"), default=False)
    #: The amendment that carries the change, by its number; the wing that amends is not known here.
    amendment = models.PositiveIntegerField(_("amendment"), null=True, blank=True)
    drafted_by = models.CharField(_("drafted by"), max_length=SIGNATURE_LENGTH, blank=True)
    drafted_at = models.DateTimeField(_("drafted"), null=True, blank=True)

    #: From 1 in the order of release; those that ask the same as another have none.
    number = models.PositiveIntegerField(_("number"), null=True, blank=True, editable=False)
    released_by = models.CharField(_("released by"), max_length=SIGNATURE_LENGTH, blank=True)
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["asked_at", "pk"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tender", "number"], name="question_number_once_a_tender"),
            models.CheckConstraint(
                name="question_released_by_name",
                condition=models.Q(released_by="", released_at__isnull=True, number__isnull=True)
                | (~models.Q(released_by="") & models.Q(released_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tender.reference} {self.number or ''}".strip()

    @property
    def is_drafted(self) -> bool:
        """Whether an answer is written that could go out."""
        return bool(self.drafted_by)

    @property
    def is_ready(self) -> bool:
        """Whether the answer can go out: one that changes what was published names its amendment."""
        return self.is_drafted and (not self.changes or self.amendment is not None)

    @property
    def answered_under(self) -> int | None:
        """The number under which its answer was released."""
        return self.number or (self.same_as.number if self.same_as else None)

    @property
    def due_at(self) -> datetime:
        """When it is to be answered."""
        return self.asked_at + ANSWER_WITHIN

    @property
    def shown(self) -> str:
        """The question as all vendors read it, in the reader's language."""
        english = (get_language() or "").startswith("en")
        return self.public_en if english else self.public_zh

    @property
    def shown_answer(self) -> str:
        """The answer in the reader's language."""
        english = (get_language() or "").startswith("en")
        return self.answer_en if english else self.answer_zh
