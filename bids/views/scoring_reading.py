"""What the marks page says to who reads: others' marks, what the panel agreed on, and first opinions."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from bids import queries, rules
from bids.forms.scoring import AgreedForm, OpinionForm
from bids.models import Agreed, Bid, FirstOpinion, Mark
from procurement.choices import Role, Stage
from procurement.models import Seat, Tender, User
from procurement.rules import Verdict

from .scoring_content import Place, Refusal, ScoringContent


@dataclass(frozen=True)
class Others:
    """One bid on the chosen criterion as others marked it, and what the panel agreed on."""

    bid: Bid
    name: str
    marks: list[Mark | None]
    agreed: Agreed | None
    form: AgreedForm | None
    opinion: FirstOpinion | None


@dataclass(frozen=True)
class Opinion:
    """One bid on the chosen criterion as the working group thinks of it; a form until it said so."""

    bid: Bid
    said: FirstOpinion | None
    form: OpinionForm | None


class MarksPage(ScoringContent):
    """The whole page; `refused` is the form of an agreed mark or of a first opinion that was not taken."""

    def __init__(
        self,
        user: User,
        tender: Tender,
        place: Place,
        now: datetime,
        *,
        refusal: Refusal | None = None,
        refused: Any = None,
    ) -> None:
        super().__init__(user, tender, place, now, refusal)
        self._refused = refused

    @cached_property
    def _seen(self) -> dict[object, dict[int, Mark]]:
        """The marks on the criterion that this person may see, by bid and seat; the last round counts."""
        seen: dict[object, dict[int, Mark]] = defaultdict(dict)
        if self.leaf is not None:
            for mark in (
                queries.marks_visible_to(self.user, self.tender, self.plan)
                .filter(criterion=self.leaf.row)
                .order_by("round")
            ):
                seen[mark.bid_id][mark.seat_id] = mark
        return seen

    @cached_property
    def members(self) -> list[Seat]:
        """The seats whose marks on the criterion this person may see."""
        shown = {seat for marks in self._seen.values() for seat in marks}
        return [seat for seat in self.plan.seats if seat.pk in shown]

    @cached_property
    def complete(self) -> bool:
        """Whether every sheet is in, so that the panel can agree."""
        return not queries.sheets_missing(self.tender, self.plan)

    @property
    def shows_all(self) -> bool:
        """Whether every sheet of the round is in, as far as the reader may know."""
        return self.complete and queries.may_read_round(self.user, self.tender, self.plan)

    @cached_property
    def can_agree(self) -> Verdict:
        """Whether this person may enter agreed marks on the criterion now."""
        if self.leaf is None:
            return Verdict(False)
        verdict = rules.can_agree(self.user, self.leaf.row)
        if not queries.is_marking(self.tender) or self.complete:
            return verdict
        return verdict & Verdict(False, _("The panel can agree once every sheet is submitted."))

    @cached_property
    def others(self) -> list[Others]:
        """The reading table; empty while one's own marks are on the page."""
        if self.leaf is None or self.cells:
            return []
        agreed = {
            row.bid_id: row
            for row in queries.agreed_visible_to(self.user, self.tender, self.plan)
            .filter(criterion=self.leaf.row)
            .order_by("round")
        }
        return [
            Others(
                bid,
                self.names[bid.pk],
                [self._seen[bid.pk].get(seat.pk) for seat in self.members],
                agreed.get(bid.pk),
                self._agreed_form(bid, agreed.get(bid.pk)),
                self.opinions.get((self.leaf.row.pk, bid.pk)),
            )
            for bid in self._readable
        ]

    @property
    def _readable(self) -> list[Bid]:
        """The bids in play but those that the reader is recused from."""
        hidden = {bid for seat, bid in self.plan.recused if self.seat and seat == self.seat.pk}
        bids = [bid for bid in self.plan.bids if bid.pk not in hidden]
        order = list(self.names) if self.masked else []
        return sorted(bids, key=lambda bid: order.index(bid.pk)) if order else bids

    def _agreed_form(self, bid: Bid, agreed: Agreed | None) -> AgreedForm | None:
        marked = any(self.plan.counts(mark) for mark in self._seen[bid.pk].values())
        if not self.can_agree or not rules.can_agree_alone(self.user, self.leaf.row, marked=marked):
            return None
        if isinstance(self._refused, AgreedForm) and self._refused["bid"].value() == str(bid.pk):
            return self._refused
        initial = {"bid": bid.pk}
        if agreed is not None:
            initial |= {"mark": agreed.mark, "replaces": agreed.mark, "reason": agreed.reason}
        return AgreedForm(
            initial=initial, bids=Bid.objects.filter(tender=self.tender), auto_id=f"id_{bid.position}_%s"
        )

    # --- first opinions -------------------------------------------------------------------------------------
    @cached_property
    def can_opine(self) -> Verdict:
        """Whether this person may enter first opinions on the criterion now."""
        if self.leaf is None or self.leaf.is_price:
            return Verdict(False)
        return rules.can_record_first_opinion(self.user, self.tender)

    @cached_property
    def first_opinions(self) -> list[Opinion]:
        """What the working group said of each bid, for the officer who enters it."""
        early = self.tender.stage == Stage.TECHNICAL_OPENED
        if self.leaf is None or self.leaf.is_price or self.user.role != Role.OFFICER or not early:
            return []
        said = [(bid, self.opinions.get((self.leaf.row.pk, bid.pk))) for bid in self.plan.bids]
        return [Opinion(bid, row, None if row else self._opinion_form(bid)) for bid, row in said]

    def _opinion_form(self, bid: Bid) -> OpinionForm | None:
        if not self.can_opine:
            return None
        if isinstance(self._refused, OpinionForm) and self._refused["bid"].value() == str(bid.pk):
            return self._refused
        bids = Bid.objects.filter(tender=self.tender)
        return OpinionForm(initial={"bid": bid.pk}, bids=bids, auto_id=f"id_first_{bid.position}_%s")
