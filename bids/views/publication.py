"""The tender page: who answers, what is asked, how it is weighed, and the door to publication."""

from collections.abc import Iterator

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bids import queries
from bids import rules as bid_rules
from bids.actions.clearances import Signing, sign_off_draft, signings_of
from bids.actions.publication import cancel as cancel_tender
from bids.actions.publication import draft_fingerprint, is_as_published
from bids.actions.publication import publish as publish_tender
from bids.actions.readiness import blocking, publication_checks
from bids.forms.panel import PasswordForm
from bids.forms.publication import CancelForm
from bids.views.changes_content import changes_of
from bids.views.head import tender_head
from bids.views.specification_content import Content, place_of
from procurement import rules
from procurement.choices import ClearanceSide, Role
from procurement.models import Tender, User
from procurement.queries import specifications_visible_to, tenders_visible_to
from procurement.rules import Verdict
from procurement.views.saving import attempt, said


@require_safe
def tender(request: HttpRequest, pk: str) -> HttpResponse:
    """One tender, as its reader may see it."""
    row = get_object_or_404(specifications_visible_to(request.user), pk=pk)
    return _page(request, row, CancelForm())


def _page(
    request: HttpRequest,
    row: Tender,
    form: CancelForm,
    signed: dict[str, PasswordForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The tender page with its forms; `signed` are the faulty signatures by side."""
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
        context |= _checks(request, row, signed or {})
    elif row.fingerprint:
        context |= _published(request, row)
    context |= tender_head(request, row, "tender")
    return render(request, "bids/publication/tender.html", context, status=status)


def _published(request: HttpRequest, row: Tender) -> dict[str, object]:
    """Whether what is stored is what was published, and what was changed since by two people."""
    of_bank = request.user.role != Role.VENDOR
    return {
        "unchanged": is_as_published(row),
        "signed_off": list(queries.clearances_of(row, row.fingerprint).values()) if of_bank else [],
        "package": row.packages.last(),
        "changes": changes_of(row, of_bank=of_bank),
        "released": list(queries.released_questions(row)),
        "can_amend": bid_rules.can_amend(request.user, row, request.now),
        "can_replace": bid_rules.can_propose_replacement(request.user, row),
    }


def _checks(request: HttpRequest, row: Tender, signed: dict[str, PasswordForm]) -> dict[str, object]:
    """What stands against publication, reminds, or passes; where to put it right for those who may."""
    fingerprint = draft_fingerprint(row)
    found = publication_checks(row, request.now, fingerprint)
    may_edit = bool(rules.can_edit_tender(request.user, row))
    return {
        "checks": [(check, place_of(check, row) if may_edit else "") for check in found],
        "blocking": len(blocking(found)),
        "can_publish": rules.can_publish(request.user, row),
        "draft_fingerprint": fingerprint,
        "signings": list(_signings(request.user, row, fingerprint, signed)),
    }


def _signings(
    actor: User, row: Tender, fingerprint: str, signed: dict[str, PasswordForm]
) -> Iterator[tuple[Signing, Verdict, PasswordForm]]:
    """Both signatures under a draft, whether this person can give them, and the forms to do so."""
    found = list(signings_of(row, fingerprint))
    standing = {one.side: one.row for one in found if one.row is not None}
    for one in found:
        form = signed.get(one.side) or PasswordForm(actor=actor, prefix=one.side)
        yield one, bid_rules.can_sign_off_draft(actor, row, one.side, standing), form


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
def draft_sign_off(request: HttpRequest, pk: str, side: str) -> HttpResponse:
    """Sign a draft as it stands for one side, with the password."""
    row = get_object_or_404(specifications_visible_to(request.user), pk=pk)
    if side not in ClearanceSide.values:
        raise Http404
    asked, standing = ClearanceSide(side), queries.clearances_of(row, draft_fingerprint(row))
    bid_rules.can_sign_off_draft(request.user, row, asked, standing).enforce()
    form = PasswordForm(request.POST, actor=request.user, prefix=side)
    said_seen = {"seen": request.POST.get("seen", ""), "now": request.now}
    if form.is_valid() and attempt(
        form, sign_off_draft, actor=request.user, tender=row, side=asked, **said_seen
    ):
        messages.success(request, _("Your name stands under the draft. It lapses when the draft changes."))
        return redirect("tender", pk)
    return _page(request, row, CancelForm(), {side: form}, 422)


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
