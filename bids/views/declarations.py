"""Declarations of interest: the member's page, and what the officer does about them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bids import queries, rules
from bids.actions import panel as steps
from bids.choices import DeclarationOutcome, Ground
from bids.forms.declarations import AppointForm, DeclarationForm, LiftForm, SettleForm
from bids.models import Declaration
from procurement.models import Seat, Tender
from procurement.queries import tenders_visible_to
from procurement.views.saving import attempt

from .head import tender_head
from .opening import page, tender_of


def _own_seat(request: HttpRequest, tender: Tender) -> Seat:
    """The reader's seat; the page is not there for who has none, or before the bidders are named."""
    seat = tender.seats.filter(user=request.user).first()
    if seat is None or tender.bidders_named_at is None:
        raise Http404
    return seat


@require_http_methods(["GET", "POST"])
def declaration(request: HttpRequest, pk: str) -> HttpResponse:
    """Who bid, and what one has to do with them, signed with one's name."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    seat = _own_seat(request, tender)
    form = DeclarationForm(request.POST or None, bidders=queries.bidders_visible_to(request.user, tender))
    if request.method == "POST":
        rules.can_declare(request.user, seat, queries.last_declaration(seat)).enforce()
        if form.is_valid() and attempt(
            form,
            steps.declare,
            actor=request.user,
            seat=seat,
            interests=form.interests,
            undertakings=form.undertakings,
            typed_name=form.cleaned_data["signed_name"],
            now=request.now,
        ):
            messages.success(request, _("Your declaration is signed."))
            return redirect("declaration", pk=pk)
    return _member_page(request, seat, form)


def _member_page(request: HttpRequest, seat: Seat, form: DeclarationForm) -> HttpResponse:
    """The member's page: what was signed, and the form where something is to sign."""
    signed = list(seat.declarations.order_by("-number"))
    context = {
        "form": form,
        "seat": seat,
        "signed": [(row, _interests(row)) for row in signed],
        "asked": signed[0] if signed and signed[0].outcome == DeclarationOutcome.ASKED else None,
        "can_declare": rules.can_declare(request.user, seat, signed[0] if signed else None),
    } | tender_head(request, seat.tender, "declaration")
    status = 422 if form.is_bound else 200
    return render(request, "bids/panel/declaration.html", context, status=status)


def _interests(row: Declaration) -> list[tuple[str, str, str]]:
    """Vendor, ground in words and particulars of every interest."""
    return [(said["vendor"], str(Ground(said["ground"]).label), said["detail"]) for said in row.interests]


@require_POST
def declaration_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Recuse the member for a declared interest, or ask again."""
    row = get_object_or_404(queries.declarations_visible_to(request.user), pk=pk)
    rules.can_settle(request.user, row).enforce()
    form = SettleForm(request.POST)
    if not form.is_valid():
        return page(request, row.seat.tender, settle_form=form, settled=row.pk, status=422)
    recused = form.cleaned_data["outcome"] == DeclarationOutcome.RECUSED
    action = steps.settle_by_recusal if recused else steps.ask_again
    action(actor=request.user, declaration=row, reason=form.cleaned_data["reason"], now=request.now)
    messages.success(request, _("The recusal is entered.") if recused else _("The member is asked again."))
    return redirect("opening", pk=row.seat.tender_id)


@require_POST
def recusal_lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a mistaken recusal back."""
    row = get_object_or_404(queries.recusals_visible_to(request.user), pk=pk)
    rules.can_lift_recusal(request.user, row).enforce()
    form = LiftForm(request.POST)
    if not form.is_valid():
        return page(request, row.seat.tender, lift_form=form, lifted=row.pk, status=422)
    steps.lift_recusal(actor=request.user, recusal=row, reason=form.cleaned_data["reason"], now=request.now)
    messages.success(request, _("The recusal is lifted."))
    return redirect("opening", pk=row.seat.tender_id)


@require_POST
def member_appoint(request: HttpRequest, pk: str) -> HttpResponse:
    """Add a member to the panel before the opening."""
    tender = tender_of(request, pk)
    rules.can_appoint(request.user, tender).enforce()
    form = AppointForm(request.POST, tender=tender)
    if form.is_valid() and attempt(
        form, steps.appoint, actor=request.user, tender=tender, now=request.now, **form.cleaned_data
    ):
        messages.success(request, _("The member is appointed, and declares interests next."))
        return redirect("opening", pk=pk)
    return page(request, tender, appoint_form=form, status=422)
