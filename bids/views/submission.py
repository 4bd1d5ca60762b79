"""The vendor's own bid: its draft, and handing in, replacing, confirming and withdrawing it."""

import io

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bids import queries, rules
from bids.actions import drafts, submission
from bids.actions.unsealing import content_of
from bids.forms.submission import DraftForm, HandInForm, OpenDraftForm, read_price
from bids.models import LateBid, Submission
from procurement.rules import YES
from procurement.views.saving import said

from .front_door import keep_drafts_open
from .submission_page import Desk


@require_http_methods(["GET", "POST"])
def bid(request: HttpRequest, pk: str) -> HttpResponse:
    """The bid page; a POST keeps the draft. Only the vendor's own people ever get here."""
    desk = Desk(request, pk)
    if request.method == "GET":
        return desk.page(desk.form())
    refused = _kept(desk, desk.form(request.POST))
    if refused is not None:
        return refused
    if request.htmx:
        desk = Desk(request, pk)
        context = {
            "tender": desk.tender,
            "content": desk.content(desk.form()),
            "saved": True,
            "can_bid": YES,
        }
        return render(request, "bids/submission/_saved.html", context)
    messages.success(request, _("The draft is saved. Nothing was handed in."))
    return redirect("bid", pk=pk)


def _kept(desk: Desk, form: DraftForm) -> HttpResponse | None:
    """Save the draft that was typed; the page again, with the reason, when it cannot be saved."""
    request, tender = desk.request, desk.tender
    verdict = rules.can_bid(request.user, tender, request.now)
    if not verdict:
        return desk.page(form, 403, refused=verdict.reason)
    if desk.opened is None:
        return _unsaved(
            desk, form, _("Your draft is locked: type your password to open it. Nothing was saved.")
        )
    if not form.is_valid():
        return _unsaved(desk, form, " ".join(text for texts in form.errors.values() for text in texts))
    try:
        drafts.save_draft(
            actor=request.user,
            tender=tender,
            opened=desk.opened,
            answers=form.answers,
            price=form.cleaned_data["price"],
            seen=form.cleaned_data["version"],
            now=request.now,
        )
    except ValidationError as error:
        return _unsaved(desk, form, said(error))
    return None


def _unsaved(desk: Desk, form: DraftForm, fault: str) -> HttpResponse:
    """What was typed, with the fault: beside the fields, or above the page where it is of no field."""
    if desk.request.htmx:
        return render(desk.request, "bids/submission/_chip.html", {"fault": fault}, status=422)
    return desk.page(form, 422, refused="" if form.errors else fault)


@require_GET
def time_left(request: HttpRequest, pk: str) -> HttpResponse:
    """The countdown alone: an open page learns of a later deadline without being loaded again."""
    desk = Desk(request, pk)
    has_dock = rules.can_bid(request.user, desk.tender, request.now) and desk.draft is not None
    return render(request, "bids/submission/_time.html", {"tender": desk.tender, "has_dock": has_dock})


@require_POST
def bid_open(request: HttpRequest, pk: str) -> HttpResponse:
    """Open the draft with one's password, where the browser lost what it kept."""
    desk = Desk(request, pk)
    form = OpenDraftForm(request.POST, actor=request.user, prefix="open")
    if not form.is_valid():
        return desk.page(desk.form(), 422, open_form=form)
    kept = drafts.open_drafts(actor=request.user, password=form.cleaned_data["password"], now=request.now)
    return keep_drafts_open(redirect("bid", pk=pk), kept)


@require_POST
def bid_anew(request: HttpRequest, pk: str) -> HttpResponse:
    """Begin a new draft in place of one that does not open."""
    desk = Desk(request, pk)
    try:
        if desk.opened is not None:
            drafts.start_anew(actor=request.user, tender=desk.tender, opened=desk.opened, now=request.now)
    except ValidationError as error:
        messages.error(request, said(error))
    return redirect("bid", pk=pk)


@require_POST
def bid_submit(request: HttpRequest, pk: str) -> HttpResponse:
    """Keep what was typed and hand it in; what is missing is said beside the draft."""
    desk = Desk(request, pk)
    form, sign = desk.form(request.POST), desk.hand_in_form(request.POST)
    signed = sign.is_valid()
    known = _sent_before(desk, sign)
    if known is not None:
        return _handed_in(request, known)
    rules.can_send(request.user, desk.tender).enforce()
    if rules.is_late(desk.tender, request.now):
        return _late(desk, form, sign)
    if not desk.holds(form):
        refused = _kept(desk, form)
        if refused is not None:
            return refused
        desk = Desk(request, pk)
    if not signed:
        return desk.page(desk.form(), 422, hand_in_form=sign)
    return _submit(desk, form, sign)


def _submit(desk: Desk, form: DraftForm, sign: HandInForm) -> HttpResponse:
    """Hand in the draft as it is saved."""
    try:
        price = read_price(desk.draft.price, desk.tender.currency)
        row = submission.submit_bid(
            actor=desk.request.user,
            tender=desk.tender,
            opened=desk.opened,
            price=price,
            seen=desk.bid.version,
            key=sign.cleaned_data["key"],
            ahead=submission.seal_ahead(desk.bid, desk.draft, form.requirements, price),
        )
    except ValidationError as error:
        return desk.page(desk.form(), 422, refused=said(error))
    except submission.Late as late:
        return _told_late(desk, form, late.row)
    return _handed_in(desk.request, row)


def _sent_before(desk: Desk, sign: HandInForm) -> Submission | None:
    """What was handed in with the same key: the answer to it was lost on the way."""
    sent = queries.submissions_visible_to(desk.request.user).filter(bid__tender=desk.tender)
    return sent.filter(idempotency_key=sign.cleaned_data.get("key")).first()


def _handed_in(request: HttpRequest, row: Submission) -> HttpResponse:
    messages.success(request, _("Version %(n)d is handed in. Its receipt stands below.") % {"n": row.number})
    return redirect(reverse("bid", args=[row.bid.tender_id]) + "#receipt")


def _late(desk: Desk, form: DraftForm, sign: HandInForm) -> HttpResponse:
    """Refuse what came in late, with a signed refusal where it was signed and can be read."""
    request = desk.request
    if not (sign.is_valid() and form.is_valid() and desk.draft is not None):
        verdict = rules.can_bid(request.user, desk.tender, request.now)
        return desk.page(form, 409, refused=verdict.reason, hand_in_form=sign)
    row = submission.refuse_late(
        actor=request.user,
        tender=desk.tender,
        opened=desk.opened,
        answers=form.answers,
        price=form.cleaned_data["price"],
    )
    return _told_late(desk, form, row)


def _told_late(desk: Desk, form: DraftForm, row: LateBid) -> HttpResponse:
    """What was typed, and that it came too late."""
    verdict = rules.can_bid(desk.request.user, desk.tender, row.at)
    return desk.page(form, 409, late=row, can_bid=verdict)


@require_POST
def bid_withdraw(request: HttpRequest, pk: str) -> HttpResponse:
    """Withdraw what was handed in."""
    desk = Desk(request, pk)
    own = get_object_or_404(queries.bids_visible_to(request.user), tender=desk.tender)
    form = HandInForm(request.POST, actor=request.user, prefix="withdraw")
    signed = form.is_valid()
    if _sent_before(desk, form) is None:
        rules.can_withdraw(request.user, own, request.now).enforce()
        if not signed:
            return desk.page(desk.form(), 422, withdraw_form=form)
        submission.withdraw_bid(actor=request.user, bid=own, key=form.cleaned_data["key"])
    messages.success(
        request, _("Your bid is withdrawn. The draft is kept, and you may hand in again until the deadline.")
    )
    return redirect("bid", pk=pk)


@require_POST
def bid_confirm(request: HttpRequest, pk: str) -> HttpResponse:
    """Let the bid stand as it is under an amendment."""
    desk = Desk(request, pk)
    own = get_object_or_404(queries.bids_visible_to(request.user), tender=desk.tender)
    rules.can_confirm(request.user, own, request.now).enforce()
    form = HandInForm(request.POST, actor=request.user, prefix="confirm")
    if not form.is_valid():
        return desk.page(desk.form(), 422, confirm_form=form)
    row = submission.confirm_bid(actor=request.user, bid=own)
    messages.success(request, _("Version %(n)d is confirmed and stands as it is.") % {"n": row.number})
    return redirect("bid", pk=pk)


@require_GET
def attachment(request: HttpRequest, pk: str) -> HttpResponse:
    """A file, always as a download that no browser runs; a sentence where it was altered meanwhile."""
    row = get_object_or_404(queries.attachments_visible_to(request.user), pk=pk)
    try:
        content = content_of(row)
    except ValidationError as error:
        return render(request, "bids/opening/damaged.html", {"file": row, "reason": said(error)}, status=409)
    response = FileResponse(
        io.BytesIO(content),
        as_attachment=True,
        filename=row.name,
        content_type="application/octet-stream",
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
