"""The panel between naming and lock: declarations of interest, recusals, absences, further members."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.submission import hold, signature
from bids.choices import DeclarationOutcome, Ground
from bids.models import Bid, Declaration, Recusal
from procurement import audit
from procurement.actions.changes import next_position
from procurement.actions.locking import advance, enforce_and_lock
from procurement.choices import Role
from procurement.models import Seat, Tender, User
from procurement.templatetags.figures import listed

#: What is said about every interest.
_INTEREST = ("vendor", "ground", "detail")


# --- declarations -------------------------------------------------------------------------------------------
def declare(
    *,
    actor: User,
    seat: Seat,
    interests: Sequence[Mapping[str, str]],
    undertakings: Sequence[str],
    typed_name: str,
    now: datetime,
) -> Declaration:
    """Sign which bidders one has an interest in, if any, and what one undertakes as a member of the panel.

    An interest has `vendor` (a bidder's name), `ground` (a value of `Ground`) and `detail` (words);
    `undertakings` are the texts as they were read. Raises `Forbidden`, and `ValidationError` where the name
    is not the actor's own or an interest is in nobody who bid.
    """
    if not is_same_name(typed_name, actor.name):
        raise ValidationError(
            {"signed_name": _("Type your full name as it stands here: %(name)s.") % {"name": actor.name}}
        )
    with transaction.atomic():
        hold(seat.tender)
        last = queries.last_declaration(seat)
        seat = enforce_and_lock(lambda person, row: rules.can_declare(person, row, last), actor, seat)
        _check_interests(interests, queries.bidders_visible_to(actor, seat.tender))
        declaration = Declaration.objects.create(
            seat=seat,
            number=1 if last is None else last.number + 1,
            interests=[{key: row[key] for key in _INTEREST} for row in interests],
            undertakings=list(undertakings),
            signed_name=signature(actor),
            at=now,
        )
        audit.record(
            actor=actor,
            action="declare interests",
            object=seat,
            now=now,
            tender=seat.tender,
            number=declaration.number,
            interests=declaration.interests,
            undertakings=declaration.undertakings,
        )
    return declaration


def is_same_name(typed: str, name: str) -> bool:
    """Whether two names are one, whatever the width of their letters and the spaces between."""
    return _folded(typed) == _folded(name) != ""


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())


def _check_interests(interests: Iterable[Mapping[str, str]], bidders: Iterable[Bid]) -> None:
    names = {str(bid) for bid in bidders}
    for row in interests:
        if row["vendor"] not in names or row["ground"] not in Ground.values:
            raise ValidationError(_("%(vendor)s is no bidder of this tender.") % {"vendor": row["vendor"]})
        if not row["detail"]:
            raise ValidationError(_("Say what connects you with %(vendor)s.") % {"vendor": row["vendor"]})


def settle_by_recusal(*, actor: User, declaration: Declaration, reason: str, now: datetime) -> Declaration:
    """Recuse the member from every bid of the declared interests, or from the case where that is the rule.

    Raises `Forbidden`.
    """
    with transaction.atomic():
        declaration = _settled(actor, declaration, DeclarationOutcome.RECUSED, reason, now)
        named = {interest["vendor"] for interest in declaration.interests}
        tender = declaration.seat.tender
        bids = [bid for bid, _last in queries.handed_in(tender) if str(bid) in named]
        _keep_apart(actor, declaration.seat, bids, reason, now)
    return declaration


def ask_again(*, actor: User, declaration: Declaration, reason: str, now: datetime) -> Declaration:
    """Return a declared interest to the member, who declares anew; what was signed stays on record.

    Raises `Forbidden`.
    """
    with transaction.atomic():
        declaration = _settled(actor, declaration, DeclarationOutcome.ASKED, reason, now)
        audit.record(
            actor=actor,
            action="ask for another declaration",
            object=declaration.seat,
            now=now,
            tender=declaration.seat.tender,
            number=declaration.number,
            reason=reason,
        )
    return declaration


def _settled(
    actor: User, declaration: Declaration, outcome: DeclarationOutcome, reason: str, now: datetime
) -> Declaration:
    """The declaration with what was done about it, stored."""
    hold(declaration.seat.tender)
    declaration = enforce_and_lock(rules.can_settle, actor, declaration)
    _conclude(actor, declaration, outcome, reason, now)
    return declaration


def _conclude(
    actor: User, declaration: Declaration, outcome: DeclarationOutcome, reason: str, now: datetime
) -> None:
    declaration.outcome, declaration.outcome_reason = outcome, reason
    declaration.settled_by, declaration.settled_at = signature(actor), now
    declaration.save(update_fields=["outcome", "outcome_reason", "settled_by", "settled_at"])


# --- recusals -----------------------------------------------------------------------------------------------
def recuse(*, actor: User, seat: Seat, bid: Bid, reason: str, now: datetime) -> Recusal:
    """Take a bid away from a member, or every bid where the rules put a recused member out of the case.

    Marks given before stay on record and count nowhere. Raises `Forbidden` and `ValidationError`.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_staff_panel, actor, seat.tender)
        if bid.tender_id != tender.pk or Recusal.objects.filter(seat=seat, bid=bid).exists():
            raise ValidationError(_("This member is recused from this bid already."))
        _keep_apart(actor, seat, [bid], reason, now)
    return Recusal.objects.get(seat=seat, bid=bid)


def _keep_apart(actor: User, seat: Seat, bids: list[Bid], reason: str, now: datetime) -> None:
    """One recusal a bid, and an entry of the trail for each; the tender is locked."""
    tender = seat.tender
    if queries.recusal_is_of_all(tender):
        bids = _everybodys(tender)
    known = set(seat.recusals.values_list("bid", flat=True))
    first = next_position(seat.recusals.all())
    for position, bid in enumerate((bid for bid in bids if bid.pk not in known), first):
        Recusal.objects.create(
            seat=seat, bid=bid, position=position, reason=reason, by_name=signature(actor), at=now
        )
        audit.record(
            actor=actor,
            action="recuse member",
            object=seat,
            now=now,
            tender=tender,
            bid=str(bid),
            reason=reason,
        )


def _everybodys(tender: Tender) -> list[Bid]:
    """Every bid that came in, withdrawn ones, too: handed in here, or entered from paper."""
    handed_in = [bid for bid, _last in queries.handed_in(tender)]
    return handed_in or list(tender.bids.filter(opened_at__isnull=False).select_related("vendor"))


def lift_recusal(*, actor: User, recusal: Recusal, reason: str, now: datetime) -> None:
    """Take a mistaken recusal back before the opening; from the whole case where it was of the whole case.

    If it followed from a declaration, the member declares anew. Raises `Forbidden`.
    """
    with transaction.atomic():
        hold(recusal.seat.tender)
        recusal = enforce_and_lock(rules.can_lift_recusal, actor, recusal)
        seat, tender = recusal.seat, recusal.seat.tender
        of_all = queries.recusal_is_of_all(tender)
        rows = seat.recusals.all() if of_all else seat.recusals.filter(pk=recusal.pk)
        lifted = [str(row.bid) for row in rows.select_related("bid__vendor")]
        rows.delete()
        last = queries.last_declaration(seat)
        named = {row["vendor"] for row in last.interests} if last else set()
        if last and last.outcome == DeclarationOutcome.RECUSED and (of_all or str(recusal.bid) in named):
            _conclude(actor, last, DeclarationOutcome.ASKED, reason, now)
        audit.record(
            actor=actor,
            action="lift recusal",
            object=seat,
            now=now,
            tender=tender,
            bids=lifted,
            reason=reason,
        )


# --- who takes part -----------------------------------------------------------------------------------------
def set_presence(*, actor: User, seat: Seat, present: bool, reason: str, seen: int, now: datetime) -> Seat:
    """Enter a member as absent or as present again; nobody waits for an absent one's marks, and none count.

    Who comes in after the opening must have declared before. Raises `Forbidden`, `Stale` and
    `ValidationError`.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_staff_panel, actor, seat.tender)
        advance(seat, seen)
        if present and tender.is_opened:
            _check_declared(tender, seat)
            rules.can_rejoin(seat).enforce()
        seat.present, seat.absent_since = present, None if present else (seat.absent_since or now)
        seat.save(update_fields=["present", "absent_since", "version"])
        action = "enter member as present" if present else "enter member as absent"
        audit.record(actor=actor, action=action, object=seat, now=now, tender=tender, reason=reason)
    return seat


def _check_declared(tender: Tender, seat: Seat) -> None:
    if tender.bidders_named_at is None or seat.user_id is None:
        return
    last = queries.last_declaration(seat)
    if last is None or not last.is_settled:
        raise ValidationError(
            _("%(name)s has not declared interests yet, or they are not settled.") % {"name": seat}
        )


def appoint(*, actor: User, tender: Tender, user: User, expert: bool, reason: str, now: datetime) -> Seat:
    """Add a member to the panel before the opening, for the member's own unit, in place of one who is out.

    Raises `Forbidden`, and `ValidationError` for who is no member or sits here already.
    """
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_appoint, actor, tender)
        if user.role != Role.MEMBER or user.unit is None:
            raise ValidationError({"user": _("%(name)s is not a panel member.") % {"name": user.name}})
        taken = tender.seats.filter(code=user.username).exists()
        if taken or tender.seats.filter(user=user).exists():
            raise ValidationError({"user": _("%(name)s sits on this panel already.") % {"name": user.name}})
        seat = Seat.objects.create(
            tender=tender,
            position=next_position(tender.seats.all()),
            code=user.username,
            unit=user.unit,
            user=user,
            name=str(user),
            expert=expert,
        )
        audit.record(
            actor=actor,
            action="appoint member",
            object=seat,
            now=now,
            tender=tender,
            unit=user.unit.code,
            expert=expert,
            reason=reason,
        )
    return seat


# --- what stands in the way ---------------------------------------------------------------------------------
def obstacles_to_open(tender: Tender) -> list[str]:
    """Why the bids cannot be opened yet, a sentence each with names; empty when they can."""
    states = queries.declaration_states(tender)
    found = []
    missing = [state.seat for state in states if state.is_missing]
    if missing:
        text = _("Interests have not been declared yet by: %(names)s.")
        found.append(text % {"names": listed(missing)})
    unsettled = [state.seat for state in states if state.waits_for_officer]
    if unsettled:
        text = _("Declared interests wait for the officer: %(names)s.")
        found.append(text % {"names": listed(unsettled)})
    free = [state.seat for state in states if not state.recusals]
    if states and len(free) < rules.LEAST_VOTERS:
        text = _(
            "It takes two members to decide about the tender, and %(free)d of %(n)d are recused from no bid:"
            " appoint another one."
        )
        found.append(text % {"free": len(free), "n": len(states)})
    return found + broken_composition(tender, states)


def broken_composition(tender: Tender, states: Iterable[queries.DeclarationState]) -> list[str]:
    """The rules on size and experts that bind the tender and do not hold once recused members are out."""
    states = list(states)
    seats = [state.seat for state in states]
    return [
        rule.text for rule in rules.composition(tender, seats, out_of_case(tender, states)) if rule.blocks
    ]


def without_quorum(tender: Tender) -> list[str]:
    """The rules on quorum that bind the tender and do not hold."""
    states = queries.declaration_states(tender)
    seats = [state.seat for state in states]
    return [rule.text for rule in rules.attendance(tender, seats, out_of_case(tender, states)) if rule.blocks]


def panel_rules(tender: Tender) -> list[rules.PanelRule]:
    """Every rule of composition, and of attendance once the bidders are named, as things stand."""
    states = queries.declaration_states(tender)
    seats, out = [state.seat for state in states], out_of_case(tender, states)
    found = rules.composition(tender, seats, out)
    began = tender.bidders_named_at is not None or tender.is_opened
    return found + rules.attendance(tender, seats, out) if began else found


def out_of_case(tender: Tender, states: Iterable[queries.DeclarationState]) -> set[int]:
    """Keys of the seats that recusals put out of the whole case."""
    of_all = queries.recusal_is_of_all(tender)
    return {row.seat.pk for row in states if row.is_out or (of_all and row.recusals)}
