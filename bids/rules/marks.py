"""Who may give, read and agree on marks."""

from django.utils.translation import gettext_lazy as _

from bids.models import ScoreSheet
from bids.queries import is_marking, submitted_sheets
from procurement.choices import Aggregation, Kind, Method, PriceFormula, Role, Stage
from procurement.models import Criterion, Seat, Tender, User
from procurement.rules import YES, Verdict, has_role, no_unless

from .bank import at_stage
from .opening import can_read_bids


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
        & (YES if is_marking(seat.tender) else at_stage(seat.tender, Stage.TECHNICAL_OPENED))
        & no_unless(seat.present, _("You are entered as absent."))
        & no_unless(
            not submitted_sheets(seat.tender).filter(seat=seat).exists(),
            _("Your marks are submitted and locked."),
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


def can_agree_alone(actor: User, criterion: Criterion, *, marked: bool) -> Verdict:
    """Without a resolution officers enter agreed marks only where they take the place of nobody's marks.

    That is where every mark is agreed on, on a price, and where nobody's mark counts. Elsewhere (`marked`)
    those present decide, with quorum and majority.
    """
    alone = criterion.tender.aggregation == Aggregation.CONSENSUS or is_marked_price(criterion) or not marked
    return can_agree(actor, criterion) & no_unless(
        alone,
        _("An agreed mark takes the place of members’ marks: record it as a resolution, at “Differences”."),
    )


def can_record_first_opinion(actor: User, tender: Tender) -> Verdict:
    """Officers enter what the working group thought before the first member submits, and never after."""
    return (
        has_role(actor, Role.OFFICER)
        & at_stage(tender, Stage.TECHNICAL_OPENED)
        & no_unless(
            not ScoreSheet.objects.filter(seat__tender=tender).exists(),
            _("A member has submitted marks: a first opinion would come too late."),
        )
    )
