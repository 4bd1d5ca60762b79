"""The opening: bidders first, then bids, prices last, and in between who sits on the panel."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bids import queries, rules
from bids.actions import opening as steps
from bids.actions import panel as panel_steps
from bids.actions.unlocking import unlock_envelope
from bids.choices import Envelope
from bids.forms.declarations import AppointForm
from bids.forms.keys import UnlockForm
from bids.forms.panel import PresenceForm, RecusalForm
from bids.models import Bid
from bids.queries.relations import compared
from procurement.choices import Stage
from procurement.models import Tender
from procurement.queries import seats_visible_to, tenders_visible_to
from procurement.views.saving import attempt

from .head import tender_head
from .opening_content import OpeningContent

#: Seconds that one request reads bids for: a server that waits for answers gives up after 30.
STRETCH = 20.0


def tender_of(request: HttpRequest, pk: str) -> Tender:
    """The tender, for who may read its opening record."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_read_opening(request.user).enforce()
    return tender


def page(request: HttpRequest, tender: Tender, **more: Any) -> HttpResponse:
    """The opening page, with the forms in `more` as they were sent where one was refused."""
    content = OpeningContent(request.user, tender, request.now)
    context = {"content": content, "unlock_form": UnlockForm(actor=request.user)}
    if content.panel.can_staff:
        context["recusal_form"] = RecusalForm(tender=tender, bids=_bids(request, tender))
    if content.panel.can_appoint:
        context["appoint_form"] = AppointForm(tender=tender)
    if rules.can_read_relations(request.user, tender):
        context |= {"can_read_relations": True, "related": len(compared(tender).relations)}
    context |= tender_head(request, tender, "opening") | more
    return render(request, "bids/opening/opening.html", context, status=more.get("status", 200))


def _bids(request: HttpRequest, tender: Tender) -> Any:
    """The bids from which a member can be recused: those that are named, later those that are opened."""
    if tender.stage == Stage.BIDDERS_NAMED:
        named = [bid.pk for bid in queries.bidders_visible_to(request.user, tender)]
        return Bid.objects.filter(pk__in=named).select_related("vendor").order_by("vendor__name")
    return queries.bids_visible_to(request.user).filter(tender=tender)


@require_GET
def opening(request: HttpRequest, pk: str) -> HttpResponse:
    """What came in, in order of receipt, once it is opened; before that not a word about it."""
    return page(request, tender_of(request, pk))


def _step(
    request: HttpRequest, pk: str, action: Callable[..., Tender], done: str | Callable[[Tender], str]
) -> HttpResponse:
    """Take one step of the opening, or say on the page what stands in its way."""
    tender = tender_of(request, pk)
    try:
        tender = action(actor=request.user, tender=tender, now=request.now)
    except ValidationError as error:
        return page(request, tender, faults=error.messages, status=422)
    messages.success(request, done if isinstance(done, str) else done(tender))
    return redirect("opening", pk=pk)


@require_POST
def name_bidders(request: HttpRequest, pk: str) -> HttpResponse:
    """Say who bid."""
    return _step(
        request, pk, steps.name_bidders, _("The bidders are named. The panel declares its interests.")
    )


@require_POST
def open_technical(request: HttpRequest, pk: str) -> HttpResponse:
    """Open everything but the prices; many large bids take more than one request."""
    return _step(request, pk, partial(steps.open_technical, seconds=STRETCH), _how_far)


def _how_far(tender: Tender) -> str:
    if tender.is_opened:
        return _("The bids are open. Prices stay closed until the marks are locked.")
    handed_in = queries.handed_in(tender)
    read = sum(bid.unsealed_at is not None for bid, _last in handed_in)
    return _("%(read)d of %(all)d bids are read so far. Open the bids once more to go on.") % {
        "read": read,
        "all": len(handed_in),
    }


@require_POST
def unlock(request: HttpRequest, pk: str, envelope: str) -> HttpResponse:
    """Take one's turn at an envelope, with password and passphrase."""
    tender = tender_of(request, pk)
    which = next((row for row in Envelope if row.value == envelope), None)
    if which is None:
        raise Http404
    rules.can_unlock(request.user, tender, which).enforce()
    form = UnlockForm(request.POST, actor=request.user)
    if form.is_valid():
        typed = form.cleaned_data["passphrase"]
        arguments = {"actor": request.user, "tender": tender, "envelope": which, "typed": typed}
        if attempt(form, unlock_envelope, now=request.now, **arguments):
            messages.success(request, _("Your turn is on record."))
            return redirect("opening", pk=pk)
    return page(request, tender, unlock_form=form, status=422)


@require_POST
def lock_marks(request: HttpRequest, pk: str) -> HttpResponse:
    """Lock the marks."""
    return _step(request, pk, steps.lock_marks, _("The marks are locked. The prices can be opened now."))


@require_POST
def open_prices(request: HttpRequest, pk: str) -> HttpResponse:
    """Open the prices."""
    return _step(request, pk, steps.open_prices, _("The prices are open, and the ranking can be read."))


@require_POST
def recuse(request: HttpRequest, pk: str) -> HttpResponse:
    """Take a bid away from a member."""
    tender = tender_of(request, pk)
    rules.can_staff_panel(request.user, tender).enforce()
    form = RecusalForm(request.POST, tender=tender, bids=_bids(request, tender))
    if form.is_valid() and attempt(
        form, panel_steps.recuse, actor=request.user, now=request.now, **form.cleaned_data
    ):
        return redirect("opening", pk=pk)
    return page(request, tender, recusal_form=form, status=422)


@require_POST
def seat_presence(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter a member as absent, or as present again."""
    seat = get_object_or_404(seats_visible_to(request.user), pk=pk)
    rules.can_staff_panel(request.user, seat.tender).enforce()
    form = PresenceForm(request.POST)
    if form.is_valid():
        words = form.cleaned_data
        entered = {"present": words["present"], "reason": words["reason"], "seen": words["version"]}
        action = panel_steps.set_presence
        if attempt(form, action, actor=request.user, seat=seat, now=request.now, **entered):
            return redirect("opening", pk=seat.tender_id)
    return page(request, seat.tender, presence_form=form, presence_of=seat.pk, status=422)
