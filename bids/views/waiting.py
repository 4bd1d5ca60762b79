"""What waits for whom on tenders, role by role. Nothing here tells what is sealed."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bids import queries, rules
from bids.choices import SubmissionKind
from bids.queries import Standing
from procurement.choices import Role, Stage
from procurement.models import Seat, Tender, User
from procurement.templatetags.figures import listed

from .tasks import Task, Wait
from .waiting_amendments import amendments_awaited, amendments_to_decide, bids_to_confirm
from .waiting_award import awards_to_sign, recommendations_to_record
from .waiting_clearances import drafts_to_sign
from .waiting_companies import companies
from .waiting_intake import lowerings
from .waiting_keys import envelopes_to_unlock, lapsed_officers, own_key, replacements_to_agree
from .waiting_objections import freezing, objections, objections_awaited
from .waiting_panel import declarations_awaited, declarations_of_member, declarations_of_officer
from .waiting_promises import promises
from .waiting_questions import questions
from .waiting_register import exceptions, exceptions_awaited
from .waiting_waivers import waivers

SOON = timedelta(days=2)


class Desk:
    """A person's tenders in progress, and what waits on them."""

    def __init__(self, user: User, now: datetime) -> None:
        self.user, self.now = user, now
        self.tenders: list[Tender] = list(queries.tenders_in_progress(user))
        self.seats: dict[object, list[Seat]] = defaultdict(list)
        self.objections: list[Standing] = freezing(user, now)
        if user.role in (Role.OFFICER, Role.MEMBER, Role.APPROVER):
            for seat in queries.seats_to_fill(self.tenders):
                self.seats[seat.tender_id].append(seat)

    def tasks(self) -> list[Task]:
        """What waits for the person, the earliest deadline first."""
        found = [*_TASKS.get(self.user.role, _nothing)(self), *waivers(self.user, self.now)]
        found += objections(self.user, self.objections)
        found += [*exceptions(self.user, self.now), *promises(self.user, self.now)]
        found += [*questions(self.user, self.tenders, self.now), *drafts_to_sign(self.user)]
        found += [*self._keys(), *lowerings(self.user), *companies(self.user, self.now)]
        return sorted(found, key=lambda task: (task.due is None, task.due or self.now, task.reference))

    def _keys(self) -> Iterator[Task]:
        """What waits for whoever opens bids."""
        if rules.can_hold_key(self.user):
            places = queries.places_of_opener(self.user)
            yield from own_key(self.user, places, self.now)
            yield from envelopes_to_unlock(self.user, places, self.now)
            yield from replacements_to_agree(self.user, places) if places else ()

    def waits(self) -> list[Wait]:
        """What the person waits for."""
        found = list(_WAITS.get(self.user.role, _nothing)(self))
        found += objections_awaited(self.user, self.objections)
        return [*found, *exceptions_awaited(self.user)]

    def overdue(self, tasks: list[Task]) -> int:
        """How many of the tasks are late."""
        return sum(task.due is not None and task.due <= self.now for task in tasks)

    def soon(self, tasks: list[Task]) -> int:
        """How many of the tasks are due within two days."""
        return sum(task.due is not None and self.now < task.due <= self.now + SOON for task in tasks)

    @cached_property
    def standing(self) -> dict[object, str]:
        """What the vendor handed in last, by tender."""
        return queries.vendors_standing(self.user)

    def own(self, tender: Tender) -> bool:
        """Whether the officer runs the tender, or nobody does."""
        return tender.officer_id in (None, self.user.pk)


def _nothing(_desk: Desk) -> Iterator[Task]:
    """For roles for which nothing waits here."""
    return iter(())


def next_step(tender: Tender, now: datetime) -> tuple[str, str]:
    """What comes next on a tender and whose move it is, for the list of tenders."""
    if tender.is_closed(now):
        return _("Name the bidders"), str(tender.officer or "")
    steps = {
        Stage.DRAFT: (_("Complete and publish"), str(tender.officer or "")),
        Stage.PUBLISHED: (_("Bids come in"), _("Vendors")),
        Stage.BIDDERS_NAMED: (_("Declare interests"), _("Panel")),
        Stage.TECHNICAL_OPENED: (_("Verify and mark"), _("Panel")),
        Stage.TECHNICAL_LOCKED: (_("Open the prices"), str(tender.officer or "")),
        Stage.PRICE_OPENED: (_("Look at the ranking"), str(tender.officer or "")),
        Stage.RANKED: (_("Recommend, approve and award"), _who_awards(tender)),
    }
    return steps[Stage(tender.stage)]


def _who_awards(tender: Tender) -> str:
    """The approver named in the tender, or the next above; a case that was loaded may name neither."""
    return str(tender.approver or tender.escalation or _("Approver"))


# --- officers -------------------------------------------------------------------------------------------
def _officer(desk: Desk) -> Iterator[Task]:
    """Every move of the tenders that the officer runs."""
    for tender in filter(desk.own, desk.tenders):
        at = [tender.pk]
        if tender.is_draft():
            url = reverse("tender", args=at)
            yield Task(_("Complete and publish"), tender, tender.deadline, _("Draft"), url, _("See checks"))
        elif tender.is_closed(desk.now):
            url, detail = reverse("opening", args=at), _("Bidding is over")
            yield Task(_("Name the bidders"), tender, tender.deadline, detail, url, _("To the opening"))
        elif tender.stage == Stage.TECHNICAL_OPENED and not desk.seats[tender.pk]:
            url, detail = reverse("differences", args=at), _("Every member has submitted")
            what = _("Settle the differences and lock the marks")
            yield Task(what, tender, None, detail, url, _("To the differences"))
        elif tender.stage == Stage.TECHNICAL_LOCKED:
            url = reverse("opening", args=at)
            yield Task(_("Open the prices"), tender, None, _("Marks are locked"), url, _("To the opening"))
        elif tender.stage == Stage.PRICE_OPENED and not desk.seats[tender.pk]:
            url = reverse("decision", args=at)
            yield Task(_("Put the ranking before the approver"), tender, None, "", url, _("To the ranking"))
    yield from amendments_to_decide(desk.user, desk.tenders, desk.now)
    yield from lapsed_officers(desk.user, desk.now)
    yield from declarations_of_officer(filter(desk.own, desk.tenders))
    yield from recommendations_to_record(filter(desk.own, desk.tenders))


def _officer_waits(desk: Desk) -> Iterator[Wait]:
    """Bids until the deadline, marks by name, the award."""
    for tender in filter(desk.own, desk.tenders):
        if tender.is_open_for_bids(desk.now):
            yield Wait(_("Bids"), tender, _("Vendors"), tender.deadline, _("Sealed until then"))
        for seat in desk.seats[tender.pk]:
            yield Wait(_("Marks"), tender, f"{seat.unit} {seat}")
        if tender.stage == Stage.RANKED:
            yield Wait(_("Award"), tender, _who_awards(tender))
    yield from amendments_awaited(desk.user, desk.tenders, desk.now)
    yield from declarations_awaited(filter(desk.own, desk.tenders))


# --- panel members --------------------------------------------------------------------------------------
def _member(desk: Desk) -> Iterator[Task]:
    """Marks on the own seat, and claims on requirements of the own unit."""
    by_id = {tender.pk: tender for tender in desk.tenders}
    yield from declarations_of_member(desk.user, desk.tenders)
    for tender in desk.tenders:
        if any(seat.user_id == desk.user.pk for seat in desk.seats[tender.pk]):
            url, detail = reverse("marks", args=[tender.pk]), _("Others’ stay hidden until yours are in")
            yield Task(_("Give your marks"), tender, None, detail, url, _("To the marks"))
    claims = queries.claims_to_verify(desk.user).values_list("bid__tender", "requirement__code")
    waiting = Counter(claims.order_by("bid__tender", "requirement__position"))
    codes: dict[object, list[str]] = defaultdict(list)
    for tender_id, code in waiting:
        codes[tender_id].append(code)
    for tender_id, found in codes.items():
        number = sum(count for (tender, _code), count in waiting.items() if tender == tender_id)
        text = ngettext("%(n)d answer on %(codes)s", "%(n)d answers on %(codes)s", number)
        detail = text % {"n": number, "codes": listed(found)}
        url = reverse("verification", args=[tender_id])
        yield Task(_("Verify the evidence"), by_id[tender_id], None, detail, url, _("Verify"))


def _member_waits(desk: Desk) -> Iterator[Wait]:
    """Drafts of systems that one answers for."""
    for tender in desk.tenders:
        if tender.is_draft() and tender.owner_id == desk.user.pk:
            yield Wait(_("Publication"), tender, str(tender.officer or ""), tender.deadline)


# --- approvers ------------------------------------------------------------------------------------------
def _approver(desk: Desk) -> Iterator[Task]:
    """Signatures for awards that no objection holds up, and complaints."""
    yield from amendments_to_decide(desk.user, desk.tenders, desk.now)
    frozen = {row.objection.tender_id for row in desk.objections if row.waits}
    yield from awards_to_sign(desk.user, desk.tenders, frozen)


# --- vendors --------------------------------------------------------------------------------------------
def _vendor(desk: Desk) -> Iterator[Task]:
    """Bids that may still come in and have not, and those to confirm."""
    yield from bids_to_confirm(desk.user, desk.tenders, desk.now)
    details = {
        None: "",
        "": _("Your draft is kept"),
        SubmissionKind.WITHDRAWAL: _("Withdrawn; you may bid again"),
    }
    for tender in desk.tenders:
        kind = desk.standing.get(tender.pk)
        if tender.is_open_for_bids(desk.now) and kind in details:
            url = reverse("bid", args=[tender.pk])
            yield Task(_("Hand in your bid"), tender, tender.deadline, details[kind], url, _("To your bid"))


def _vendor_waits(desk: Desk) -> Iterator[Wait]:
    """What was handed in."""
    for tender_id, kind in desk.standing.items():
        tender = next((tender for tender in desk.tenders if tender.pk == tender_id), None)
        if tender is not None and kind == SubmissionKind.BID:
            due = tender.deadline if tender.is_open_for_bids(desk.now) else None
            yield Wait(_("Your bid is handed in"), tender, _("The bank"), due)


_TASKS: dict[str, Callable[[Desk], Iterator[Task]]] = {
    Role.OFFICER: _officer,
    Role.MEMBER: _member,
    Role.APPROVER: _approver,
    Role.VENDOR: _vendor,
}
_WAITS: dict[str, Callable[[Desk], Iterator[Wait]]] = {
    Role.OFFICER: _officer_waits,
    Role.MEMBER: _member_waits,
    Role.VENDOR: _vendor_waits,
}
