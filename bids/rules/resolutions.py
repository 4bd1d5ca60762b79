"""Who may look at differences, correct a mark, record what the panel decided, and dissent from it."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from bids.choices import ResolutionKind
from bids.evaluation.agreement import has_quorum
from bids.models import Mark, Resolution
from bids.queries import is_marking, is_told_the_round
from procurement.choices import Method, Profile, Role, Stage
from procurement.models import Seat, Tender, User
from procurement.rules import YES, Verdict, has_role, no_unless

from .bank import BANK, at_stage
from .marks import is_marked_price, needs_every_mark
from .opening import can_read_bids

#: Rounds of evaluation in all.
MOST_ROUNDS = 3

#: Votes that a decision takes at least: one person is no panel.
LEAST_VOTERS = 2

#: After one of these the marks of an item no longer change in the round.
SETTLING = (ResolutionKind.KEEP, ResolutionKind.AGREED)

#: At which stages the panel can decide what.
_STAGES: dict[str, tuple[Stage, ...]] = {
    ResolutionKind.KEEP: (Stage.TECHNICAL_OPENED, Stage.PRICE_OPENED),
    ResolutionKind.CORRECTED: (Stage.TECHNICAL_OPENED, Stage.PRICE_OPENED),
    ResolutionKind.AGREED: (Stage.TECHNICAL_OPENED,),
    ResolutionKind.REMOVE: (Stage.TECHNICAL_OPENED, Stage.PRICE_OPENED),
    ResolutionKind.REDO: (Stage.TECHNICAL_OPENED, Stage.PRICE_OPENED),
    ResolutionKind.LOTS: (Stage.PRICE_OPENED, Stage.RANKED),
    ResolutionKind.NO_AWARD: (
        Stage.TECHNICAL_OPENED,
        Stage.TECHNICAL_LOCKED,
        Stage.PRICE_OPENED,
        Stage.RANKED,
    ),
}


def _of_meeting(actor: User, tender: Tender) -> bool:
    """Whether the actor takes part in the panel's meetings: the officer, or a member of this panel."""
    return actor.role == Role.OFFICER or actor.seats.filter(tender=tender).exists()


def can_read_differences(actor: User, tender: Tender) -> Verdict:
    """Officers and the panel from the last sheet of the round on, the rest of the bank once it is locked."""
    opened = can_read_bids(actor, tender)
    if not opened or not is_marking(tender):
        return opened
    return no_unless(
        _of_meeting(actor, tender), _("Marks are confidential until they are locked.")
    ) and no_unless(
        is_told_the_round(actor, tender),
        _("Differences are shown once every sheet of this round is submitted."),
    )


def can_read_resolutions(actor: User, tender: Tender) -> Verdict:
    """Officers and the panel from the opening on, the rest of the bank once the marks are locked.

    A tender that ended after the opening keeps its minutes.
    """
    opened = has_role(actor, *BANK) & no_unless(
        tender.opened_at is not None, _("The bids have not been opened yet.")
    )
    if not opened or tender.stage != Stage.TECHNICAL_OPENED:
        return opened
    return no_unless(_of_meeting(actor, tender), _("Marks are confidential until they are locked."))


def can_correct(actor: User, mark: Mark) -> Verdict:
    """A member corrects an own mark between the last sheet of its round and the lock.

    Whether every sheet is in is asked of the panel itself, not of this rule.
    """
    tender = mark.seat.tender
    marking = is_marking(tender) and not is_marked_price(mark.criterion)
    return (
        no_unless(mark.seat.user_id == actor.pk, _("A mark is corrected by the member who gave it."))
        & no_unless(marking, _("The marks are locked."))
        & no_unless(mark.seat.present, _("You are entered as absent."))
        & no_unless(
            mark.round == tender.round,
            _("This mark stands from an earlier round, and the criterion is not marked again."),
        )
        & no_unless(mark.mark is not None, _("You abstained: there is no mark to correct."))
        & _is_unsettled(mark)
    )


def _is_unsettled(mark: Mark) -> Verdict:
    """Whether the panel has neither kept the marks of the item nor agreed on one."""
    settled = Resolution.objects.filter(
        bid=mark.bid_id, criterion=mark.criterion_id, round=mark.round, kind__in=SETTLING
    ).first()
    if settled is None:
        return YES
    text = _("%(resolution)s settled this item: its marks no longer change.")
    return Verdict(False, text % {"resolution": settled})


def can_rejoin(seat: Seat) -> Verdict:
    """A later round is marked by the members of the first one, and by nobody who was not there."""
    return no_unless(
        seat.tender.round == 1 or seat.sheets.filter(round=1).exists(),
        _("Only members who marked in the first round mark in a later one."),
    )


def can_open_round(tender: Tender) -> Verdict:
    """Whether there may be one more round."""
    return no_unless(tender.round < MOST_ROUNDS, _("A tender is evaluated three times at most."))


def can_resolve(actor: User, tender: Tender, kind: str) -> Verdict:
    """Officers record what the panel decided: what can be decided depends on the stage and the rules."""
    return (
        has_role(actor, Role.OFFICER)
        & at_stage(tender, *_STAGES[kind])
        & no_unless(
            kind != ResolutionKind.CORRECTED or is_marking(tender),
            _("Marks are corrected before they are locked."),
        )
        & no_unless(
            kind != ResolutionKind.AGREED or not needs_every_mark(tender),
            _("This tender adds up marks or ranks; an agreed mark has no place in it."),
        )
        & (can_open_round(tender) if kind == ResolutionKind.REDO else YES)
        & (can_draw_lots(tender) if kind == ResolutionKind.LOTS else YES)
    )


def can_draw_lots(tender: Tender) -> Verdict:
    """Whether lots come next for bids that are equal in first place; who is equal is not asked here.

    Published rules may name them. Where they do not, lots are still the last step of every way there is
    (最有利標評選辦法 §14, §15-1): after another published rule that split nothing, and after one more
    evaluation, for which it is too late once the ranking was presented. Prices alone are not marked again.
    """
    late = tender.round > 1 or tender.stage == Stage.RANKED
    return no_unless(
        bool(tender.tie_break) or late or tender.method == Method.LOWEST_PRICE,
        _("No tie rule was published: evaluate once more first, and draw lots if first place is still tied."),
    )


def has_a_quorum(tender: Tender, electorate: Sequence[Seat], present: Sequence[Seat]) -> Verdict:
    """Whether those present can decide for those who have a say.

    Under the Procurement Act as its 審議規則 §9 says, which takes two experts; elsewhere half of the members,
    and two at least, a default (check). Recused members leave the count on both sides.
    """
    here, experts = len(present), sum(seat.expert for seat in present)
    words = {"present": here, "members": len(electorate), "experts": experts}
    if here < LEAST_VOTERS:
        text = _(
            "No quorum: nobody decides alone. Members with a vote on this: %(members)d, present: %(present)d."
        )
        return Verdict(False, text % words)
    if tender.profile == Profile.TW_PUBLIC:
        return no_unless(
            has_quorum(len(electorate), here, experts),
            _(
                "No quorum: %(present)d of %(members)d members and %(experts)d experts are present;"
                " half of the members, two experts and a third of those present are needed."
            )
            % words,
        )
    return no_unless(
        2 * here >= len(electorate),
        _("No quorum: %(present)d of %(members)d members are present; half of them are needed.") % words,
    )


def has_a_majority(in_favour: int, present: int) -> Verdict:
    """More than half of those present decide (審議規則 §9); who abstains is present, too."""
    return no_unless(
        2 * in_favour > present,
        _("%(in_favour)d of %(present)d is no majority: more than half of those present are needed.")
        % {"in_favour": in_favour, "present": present},
    )


def can_dissent(actor: User, resolution: Resolution) -> Verdict:
    """Any member of the panel, until the award; a differing opinion may not be refused (審議規則 §12)."""
    return no_unless(
        actor.seats.filter(tender=resolution.tender_id).exists(),
        _("Differing opinions are those of the panel’s members."),
    ) & no_unless(resolution.tender.stage != Stage.AWARDED, _("The award is made."))
