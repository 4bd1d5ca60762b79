"""What the page of a tender's promises shows."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property

from django.utils import timezone

from bids import rules
from bids.choices import AnswerKind, PromiseState
from bids.models import Acceptance, Promise
from bids.queries.objections import Standing, objections_visible_to, standings
from bids.queries.promises import promises_visible_to, standing_promises, uncovered, unsettled_gates
from procurement.choices import Exposure, Role
from procurement.models import RegisterEntry, Tender, User
from procurement.queries import register_entries_visible_to
from procurement.rules import Verdict


def as_of(promises: Iterable[Promise], today: date) -> None:
    """Tell each promise where it stands on the day, and whether it was kept too late or is just overdue."""
    for promise in promises:
        promise.stands = promise.state(today)
        promise.is_overdue = promise.stands == PromiseState.LATE and not promise.is_kept


class PromisesContent:
    """The promises of one tender as a person sees them, and what going live still needs."""

    def __init__(self, user: User, tender: Tender, now: datetime) -> None:
        self.user, self.tender, self.now = user, tender, now
        self.today = timezone.localdate(now)
        self.of_vendor = user.role == Role.VENDOR
        rows = promises_visible_to(user).filter(tender=tender)
        self.promises = list(rows.prefetch_related("sign_offs").order_by("position"))
        as_of(self.promises, self.today)
        for promise in self.promises:
            promise.last = next(reversed(promise.sign_offs.all()), None)
        self.acceptance = Acceptance.objects.filter(tender=tender).first()

    @cached_property
    def tally(self) -> list[tuple[PromiseState, int]]:
        """How many promises are in each state."""
        count = Counter(promise.stands for promise in self.promises)
        return [(state, count[state]) for state in PromiseState]

    @property
    def vendor(self) -> str:
        """Who promised."""
        return self.promises[0].bid.vendor.name if self.promises else ""

    @cached_property
    def is_whole(self) -> bool:
        """Whether the person sees every promise of the tender, and so what going live needs."""
        return standing_promises().filter(tender=self.tender).count() == len(self.promises)

    @cached_property
    def gates(self) -> list[Promise]:
        """Gate promises that are open or broken."""
        return unsettled_gates(self.tender)

    @cached_property
    def missing(self) -> list[Promise]:
        """Those of them that no exception in force covers."""
        return uncovered(self.gates, self.today)

    @cached_property
    def exceptions(self) -> list[RegisterEntry]:
        """Every request to go live with gate promises open, with where it stands."""
        rows = register_entries_visible_to(self.user).filter(tender=self.tender, kind=Exposure.GOING_LIVE)
        entries = list(rows.prefetch_related("promises").order_by("pk"))
        for entry in entries:
            entry.stands = entry.state(self.today)
        return entries

    @cached_property
    def accepted(self) -> list[Standing]:
        """Objections to the winning bid, or to the tender, whose risk was accepted, with their conditions."""
        bids = {promise.bid_id for promise in self.promises}
        rows = objections_visible_to(self.user).filter(tender=self.tender, withdrawn_by="")
        concerned = [row for row in rows.order_by("number") if row.bid_id is None or row.bid_id in bids]
        return [
            row
            for row in standings(concerned, self.now)
            if row.answer is not None and row.answer.kind == AnswerKind.ACCEPTED
        ]

    @property
    def can_go_live(self) -> Verdict:
        """Whether the person may say that the system is live, gate promises apart."""
        return rules.can_go_live(self.user, self.tender, self.now)

    @property
    def can_ask(self) -> Verdict:
        """Whether the person may ask for an exception."""
        return rules.can_ask_to_go_live(self.user, self.tender)

    @property
    def can_set_contract_end(self) -> Verdict:
        """Whether the person may say until when the contract runs."""
        if self.acceptance is None:
            return self.can_ask
        return rules.can_set_contract_end(self.user, self.acceptance)

    @property
    def can_move_target(self) -> Verdict:
        """Whether the person may move the day of going live."""
        if self.acceptance is None:
            return self.can_ask
        return rules.can_move_target(self.user, self.acceptance)
