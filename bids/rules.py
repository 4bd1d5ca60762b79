"""Who may do what in the bids wing, and why not."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bids.choices import BidStatus
from bids.models import Bid, Claim, Objection, ScoreSheet
from bids.queries import standing_submission
from procurement.choices import Aggregation, Kind, Method, PriceFormula, Role, Stage
from procurement.models import Criterion, Requirement, Seat, Tender, User
from procurement.rules import YES, Verdict, can_move, has_role, no_unless

#: The roles of the bank that follow a tender.
BANK = (Role.OFFICER, Role.MEMBER, Role.APPROVER, Role.AUDITOR)


def at_stage(tender: Tender, *stages: Stage) -> Verdict:
    """Whether the tender stands at one of the stages."""
    return no_unless(
        tender.stage in stages,
        _("This belongs to the stage “%(stage)s”; the tender is at “%(now)s”.")
        % {"stage": stages[0].label, "now": tender.get_stage_display()},
    )


# --- submission ---------------------------------------------------------------------------------------------
def can_read_own_bid(actor: User) -> Verdict:
    """The bid page is the vendor's own."""
    return has_role(actor, Role.VENDOR)


def can_bid(actor: User, tender: Tender, now: datetime) -> Verdict:
    """Vendors write, hand in, replace and withdraw a bid before the deadline; at the deadline it is late."""
    return has_role(actor, Role.VENDOR) & _is_open_for_bids(tender, now)


def _is_open_for_bids(tender: Tender, now: datetime) -> Verdict:
    if tender.is_open_for_bids(now):
        return YES
    if tender.stage in (Stage.DRAFT, Stage.CANCELLED) or tender.deadline is None:
        return Verdict(False, _("This tender takes no bids."))
    return Verdict(False, _("The deadline has passed: nothing was accepted, and your draft was kept."))


def can_withdraw(actor: User, bid: Bid, now: datetime) -> Verdict:
    """The vendor withdraws what it handed in, until the deadline."""
    return (
        can_bid(actor, bid.tender, now)
        & no_unless(bid.vendor_id == actor.vendor_id, _("This is another vendor's bid."))
        & no_unless(standing_submission(bid) is not None, _("There is no bid to withdraw."))
    )


# --- opening ------------------------------------------------------------------------------------------------
def can_read_opening(actor: User) -> Verdict:
    """Everybody of the bank who may know of the tender may read its opening record."""
    return has_role(actor, *BANK)


def can_read_bids(actor: User, tender: Tender) -> Verdict:
    """The bank reads bids once they are opened, and not a moment sooner."""
    return has_role(actor, *BANK) & no_unless(tender.is_opened, _("The bids have not been opened yet."))


def can_open_technical(actor: User, tender: Tender, now: datetime) -> Verdict:
    """Officers open bids, prices apart, once bidding is over."""
    return (
        has_role(actor, Role.OFFICER)
        & can_move(tender, Stage.TECHNICAL_OPENED)
        & no_unless(tender.is_closed(now), _("Bids stay closed until the deadline has passed."))
    )


def can_run_panel(actor: User, tender: Tender) -> Verdict:
    """Officers enter recusals, absences and exclusions while bids are verified and marked."""
    return has_role(actor, Role.OFFICER) & at_stage(tender, Stage.TECHNICAL_OPENED)


def can_lock_marks(actor: User, tender: Tender) -> Verdict:
    """Officers lock the marks. Whose sheets are missing is asked of the panel itself, not of this rule."""
    return has_role(actor, Role.OFFICER) & can_move(tender, Stage.TECHNICAL_LOCKED)


def can_open_prices(actor: User, tender: Tender) -> Verdict:
    """Officers open the prices once the marks are locked."""
    return (
        has_role(actor, Role.OFFICER)
        & no_unless(
            tender.stage != Stage.TECHNICAL_OPENED, _("Prices stay closed until the marks are locked.")
        )
        & can_move(tender, Stage.PRICE_OPENED)
    )


def can_record_evaluation(actor: User, tender: Tender, now: datetime) -> Verdict:
    """Officers enter an evaluation held on paper, where bidding is over and no bid came in here."""
    return (
        has_role(actor, Role.OFFICER)
        & no_unless(tender.is_closed(now), _("This is possible between the deadline and the opening."))
        & can_move(tender, Stage.TECHNICAL_OPENED)
    )


# --- verification -------------------------------------------------------------------------------------------
def is_accountable(actor: User, tender: Tender, requirement: Requirement) -> Verdict:
    """Whether it is the actor's to say what was found: the owner, or a member of the unit on this tender."""
    accountable = requirement.owner_id == actor.pk or (
        actor.role == Role.MEMBER
        and requirement.unit_id is not None
        and actor.unit_id == requirement.unit_id
        and (tender.owner_id == actor.pk or actor.seats.filter(tender=tender).exists())
    )
    unit = requirement.unit.name if requirement.unit else "—"
    return no_unless(
        accountable,
        _("%(unit)s is accountable for this requirement and says what was found.") % {"unit": unit},
    )


def can_verify_requirement(actor: User, tender: Tender, requirement: Requirement) -> Verdict:
    """Those accountable for a requirement verify it between the opening and the lock."""
    return is_accountable(actor, tender, requirement) & at_stage(tender, Stage.TECHNICAL_OPENED)


def can_verify(actor: User, claim: Claim) -> Verdict:
    """The same for one bid: it must be in play, and the actor not recused from it."""
    return (
        can_verify_requirement(actor, claim.bid.tender, claim.requirement)
        & is_in_play(claim.bid)
        & no_unless(
            not claim.bid.recusals.filter(seat__user=actor).exists(), _("You are recused from this bid.")
        )
    )


def can_waive(actor: User, claim: Claim) -> Verdict:
    """Approvers accept that a gate is not met."""
    return (
        has_role(actor, Role.APPROVER)
        & at_stage(claim.bid.tender, Stage.TECHNICAL_OPENED)
        & is_in_play(claim.bid)
        & no_unless(claim.requirement.mandatory, _("Only a gate can be waived."))
        & no_unless(not claim.counts_as_met, _("The requirement is met: there is nothing to waive."))
        & no_unless(not claim.waived_by, _("This was waived already."))
    )


def can_exclude(actor: User, bid: Bid) -> Verdict:
    """Officers exclude a bid, with a reason, while bids are verified and marked."""
    return can_run_panel(actor, bid.tender) & is_in_play(bid)


def is_in_play(bid: Bid) -> Verdict:
    """Whether the bid is neither withdrawn nor excluded."""
    return no_unless(bid.status == BidStatus.VALID, _("This bid was withdrawn or excluded."))


# --- marks --------------------------------------------------------------------------------------------------
def can_read_marks(actor: User, tender: Tender) -> Verdict:
    """Panel members and officers from the opening on, the rest of the bank once the marks are locked."""
    opened = can_read_bids(actor, tender)
    early = actor.role == Role.OFFICER or actor.seats.filter(tender=tender).exists()
    locked = tender.stage != Stage.TECHNICAL_OPENED
    return opened & no_unless(early or locked, _("Marks are confidential until they are locked."))


def on_panel(seat: Seat | None) -> Verdict:
    """Whether there is a seat at all."""
    return no_unless(seat is not None, _("Only members of this tender’s panel mark."))


def can_fill_sheet(actor: User, seat: Seat) -> Verdict:
    """A member marks on the own seat, until the sheet is submitted."""
    return (
        no_unless(seat.user_id == actor.pk, _("Only the member on this seat marks here."))
        & at_stage(seat.tender, Stage.TECHNICAL_OPENED)
        & no_unless(seat.present, _("You are entered as absent."))
        & no_unless(
            not ScoreSheet.objects.filter(seat=seat).exists(), _("Your marks are submitted and locked.")
        )
    )


def can_mark_prices(actor: User, seat: Seat) -> Verdict:
    """Where the panel marks prices it does so between their opening and the ranking."""
    return (
        no_unless(seat.user_id == actor.pk, _("Only the member on this seat marks here."))
        & at_stage(seat.tender, Stage.PRICE_OPENED)
        & no_unless(seat.present, _("You are entered as absent."))
    )


def can_mark(actor: User, seat: Seat, criterion: Criterion) -> Verdict:
    """Marks come before the prices are open, those on the price itself after."""
    return can_mark_prices(actor, seat) if is_marked_price(criterion) else can_fill_sheet(actor, seat)


def is_marked_price(criterion: Criterion) -> bool:
    """Whether the criterion is the price, marked by people."""
    return criterion.kind == Kind.PRICE and criterion.tender.price_formula == PriceFormula.MARKED


def can_abstain(tender: Tender) -> Verdict:
    """Where marks or ranks are summed, everybody marks everything (case file, Aggregation)."""
    return no_unless(
        not needs_every_mark(tender), _("This tender adds up marks or ranks, so every cell needs a mark.")
    )


def needs_every_mark(tender: Tender) -> bool:
    """Whether every counted member must mark every leaf of every bid."""
    return tender.aggregation == Aggregation.SUM or tender.method == Method.RANK_SUM


def can_agree(actor: User, criterion: Criterion) -> Verdict:
    """Officers enter what the panel agreed on. Whether all sheets are in is asked of the panel itself."""
    tender = criterion.tender
    stage = Stage.PRICE_OPENED if is_marked_price(criterion) else Stage.TECHNICAL_OPENED
    return (
        has_role(actor, Role.OFFICER)
        & at_stage(tender, stage)
        & no_unless(
            not needs_every_mark(tender),
            _("This tender adds up marks or ranks; an agreed mark has no place in it."),
        )
    )


# --- decision -----------------------------------------------------------------------------------------------
def can_see_ranking(actor: User, tender: Tender) -> Verdict:
    """The bank from the opening of prices on; a vendor that took part, once the award is made."""
    if actor.role == Role.VENDOR:
        return no_unless(
            tender.stage == Stage.AWARDED, _("The outcome is shown to bidders once the award is made.")
        )
    return has_role(actor, *BANK) & no_unless(
        tender.is_priced,
        _("Prices, totals and places are shown once the marks are locked and prices are open."),
    )


def can_export(actor: User, tender: Tender) -> Verdict:
    """Case, result and workbook hold every mark and price: for the bank, once it may see the ranking."""
    return has_role(actor, *BANK) & can_see_ranking(actor, tender)


def can_present(actor: User, tender: Tender) -> Verdict:
    """Officers put the ranking before the approver."""
    return has_role(actor, Role.OFFICER) & can_move(tender, Stage.RANKED)


def can_object(actor: User, tender: Tender) -> Verdict:
    """Panel members of the tender raise warnings from the opening of bids until the award."""
    return (
        has_role(actor, Role.MEMBER)
        & no_unless(
            tender.owner_id == actor.pk or actor.seats.filter(tender=tender).exists(),
            _("You are not on the panel of this tender."),
        )
        & no_unless(
            tender.is_opened and tender.stage != Stage.AWARDED,
            _("Warnings are raised between the opening of bids and the award."),
        )
    )


def can_read_objections(actor: User) -> Verdict:
    """Warnings are the bank's own."""
    return has_role(actor, *BANK)


def can_answer_objection(actor: User, objection: Objection) -> Verdict:
    """Approvers answer, once, as long as the tender goes on."""
    return (
        has_role(actor, Role.APPROVER)
        & no_unless(objection.tender.stage != Stage.CANCELLED, _("This tender was cancelled."))
        & no_unless(
            objection.is_open, _("%(name)s answered this warning already.") % {"name": objection.answered_by}
        )
    )


def can_award(actor: User, tender: Tender) -> Verdict:
    """An approver who did not mark awards, when no warning is unanswered."""
    return (
        has_role(actor, Role.APPROVER)
        & can_move(tender, Stage.AWARDED)
        & no_unless(
            not actor.seats.filter(tender=tender).exists(),
            _("Who sits on the panel cannot award the tender."),
        )
        & no_unless(
            not tender.objections.filter(answer="").exists(),
            _("A security warning is unanswered: it must be answered by name first."),
        )
    )
