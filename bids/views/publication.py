"""The tender page: who answers, what is asked, how it is weighed, and the door to publication."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from bids import rules as bid_rules
from bids.actions.publication import cancel as cancel_tender
from bids.actions.publication import draft_fingerprint, is_as_published
from bids.actions.publication import publish as publish_tender
from bids.actions.readiness import blocking, publication_checks
from bids.forms.publication import CancelForm
from bids.views.changes_content import changes_of
from bids.views.head import tender_head
from bids.views.specification_content import Content, place_of
from procurement import rules
from procurement.choices import Role
from procurement.models import Tender
from procurement.queries import specifications_visible_to, tenders_visible_to
from procurement.views.saving import attempt, said


@require_safe
def tender(request: HttpRequest, pk: str) -> HttpResponse:
    """One tender, as its reader may see it."""
    row = get_object_or_404(specifications_visible_to(request.user), pk=pk)
    return _page(request, row, CancelForm())


def _page(request: HttpRequest, row: Tender, form: CancelForm) -> HttpResponse:
    """The tender page with its forms."""
    of_bank = request.user.role != Role.VENDOR
    context = {
        "of_bank": of_bank,
        "content": Content(row, of_bank=of_bank),
        "can_edit": rules.can_edit_tender(request.user, row),
        "can_bid": bid_rules.can_bid(request.user, row, request.now),
        "can_cancel": rules.can_cancel(request.user, row),
        "can_read_trail": rules.can_read_trail(request.user),
        "cancel_form": form,
    }
    if row.is_draft():
        context |= _checks(request, row)
    elif row.fingerprint:
        context |= _published(request, row)
    return render(request, "bids/publication/tender.html", context | tender_head(request, row, "tender"))


def _published(request: HttpRequest, row: Tender) -> dict[str, object]:
    """Whether what is stored is what was published, and what was changed since by two people."""
    of_bank = request.user.role != Role.VENDOR
    return {
        "unchanged": is_as_published(row),
        "package": row.packages.last(),
        "changes": changes_of(row, of_bank=of_bank),
        "can_amend": bid_rules.can_amend(request.user, row, request.now),
        "can_replace": bid_rules.can_propose_replacement(request.user, row),
    }


def _checks(request: HttpRequest, row: Tender) -> dict[str, object]:
    """What stands against publication, reminds, or passes; where to put it right for those who may."""
    found = publication_checks(row, request.now)
    may_edit = bool(rules.can_edit_tender(request.user, row))
    return {
        "checks": [(check, place_of(check, row) if may_edit else "") for check in found],
        "blocking": len(blocking(found)),
        "can_publish": rules.can_publish(request.user, row),
        "draft_fingerprint": draft_fingerprint(row),
    }


@require_POST
def publish(request: HttpRequest, pk: str) -> HttpResponse:
    """Freeze the specification and open the tender for bids."""
    row = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    try:
        publish_tender(actor=request.user, tender=row, now=request.now, seen=request.POST.get("seen", ""))
    except ValidationError as error:
        messages.error(request, said(error))
    return redirect("tender", pk)


@require_POST
def cancel(request: HttpRequest, pk: str) -> HttpResponse:
    """End a tender without an award."""
    row = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_cancel(request.user, row).enforce()
    form = CancelForm(request.POST)
    if form.is_valid() and attempt(
        form,
        cancel_tender,
        actor=request.user,
        tender=row,
        reason=form.cleaned_data["reason"],
        now=request.now,
    ):
        return redirect("tender", pk)
    return _page(request, row, form)
