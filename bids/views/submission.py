"""The vendor's own bid: answers, files, price; handing in, replacing, withdrawing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bids import queries, rules
from bids.actions import submission
from bids.forms.submission import DraftForm, FileForm, read_price
from bids.models import Bid
from procurement.models import Tender
from procurement.queries import tenders_visible_to
from procurement.rules import YES
from procurement.views.saving import said

from .head import tender_head
from .submission_content import BidContent


def _own_tender(request: HttpRequest, pk: str) -> Tender:
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_read_own_bid(request.user).enforce()
    return tender


def _form(tender: Tender, bid: Bid | None, data: Any = None) -> DraftForm:
    requirements = list(tender.requirements.select_related("unit").order_by("position"))
    return DraftForm(data, requirements=requirements, bid=bid)


def _content(request: HttpRequest, tender: Tender, form: DraftForm) -> BidContent:
    return BidContent(tender, form, timezone.localdate(request.now))


def _page(request: HttpRequest, tender: Tender, form: DraftForm, **more: Any) -> HttpResponse:
    context = {
        "content": _content(request, tender, form),
        "form": form,
        "can_bid": rules.can_bid(request.user, tender, request.now),
    }
    context |= tender_head(request, tender, "bid") | more
    return render(request, "bids/submission/bid.html", context, status=more.get("status", 200))


@require_http_methods(["GET", "POST"])
def bid(request: HttpRequest, pk: str) -> HttpResponse:
    """The bid page; a POST keeps the draft. Only the vendor's own people ever get here."""
    tender = _own_tender(request, pk)
    own = queries.own_bid(request.user, tender)
    if request.method == "GET":
        return _page(request, tender, _form(tender, own))
    form = _form(tender, own, request.POST)
    refused = _kept(request, tender, form)
    if refused is not None:
        return refused
    if request.htmx:
        fresh = _form(tender, queries.own_bid(request.user, tender))
        context = {
            "tender": tender,
            "content": _content(request, tender, fresh),
            "saved": True,
            "can_bid": YES,
        }
        return render(request, "bids/submission/_saved.html", context)
    messages.success(request, _("The draft is saved. Nothing was handed in."))
    return redirect("bid", pk=pk)


def _kept(request: HttpRequest, tender: Tender, form: DraftForm) -> HttpResponse | None:
    """Save the draft that was typed; the page again, with the reason, when it is late or unreadable."""
    verdict = rules.can_bid(request.user, tender, request.now)
    if not verdict:
        return _page(request, tender, form, status=403, refused=verdict.reason)
    if not form.is_valid():
        if request.htmx:
            faults = " ".join(text for texts in form.errors.values() for text in texts)
            return render(request, "bids/submission/_chip.html", {"fault": faults}, status=422)
        return _page(request, tender, form, status=422)
    submission.save_draft(
        actor=request.user,
        tender=tender,
        answers=form.answers,
        price=form.cleaned_data["price"],
        seen=form.cleaned_data["version"],
        now=request.now,
    )
    return None


@require_POST
def bid_submit(request: HttpRequest, pk: str) -> HttpResponse:
    """Keep what was typed and hand it in; what is missing is said beside the draft."""
    tender = _own_tender(request, pk)
    form = _form(tender, queries.own_bid(request.user, tender), request.POST)
    refused = _kept(request, tender, form)
    if refused is not None:
        return refused
    own = queries.own_bid(request.user, tender)
    try:
        price = read_price(own.draft["price"], tender.currency)
        receipt = submission.submit_bid(
            actor=request.user, tender=tender, price=price, seen=own.version, now=request.now
        )
    except ValidationError as error:
        return _page(request, tender, _form(tender, own), status=422, refused=said(error))
    messages.success(request, _("Version %(n)d is handed in. It counts from now on.") % {"n": receipt.number})
    return redirect("bid", pk=pk)


@require_POST
def bid_withdraw(request: HttpRequest, pk: str) -> HttpResponse:
    """Withdraw what was handed in."""
    tender = _own_tender(request, pk)
    own = get_object_or_404(queries.bids_visible_to(request.user), tender=tender)
    submission.withdraw_bid(actor=request.user, bid=own, now=request.now)
    messages.success(
        request, _("Your bid is withdrawn. The draft is kept, and you may hand in again until the deadline.")
    )
    return redirect("bid", pk=pk)


@require_POST
def bid_file_add(request: HttpRequest, pk: str) -> HttpResponse:
    """Put a file beside an answer."""
    tender = _own_tender(request, pk)
    rules.can_bid(request.user, tender, request.now).enforce()
    form = FileForm(request.POST, request.FILES, requirements=tender.requirements.all())
    fault = "" if form.is_valid() else " ".join(form.errors.get("file", []))
    requirement = form.cleaned_data.get("requirement")
    if requirement is None:
        raise Http404
    if not fault:
        name, content = form.cleaned_data["file"]
        try:
            submission.add_file(
                actor=request.user,
                tender=tender,
                requirement=requirement,
                name=name,
                content=content,
                now=request.now,
            )
        except ValidationError as error:
            fault = said(error)
    return _files(request, tender, requirement.pk, fault)


@require_POST
def bid_file_remove(request: HttpRequest, pk: str, file: str) -> HttpResponse:
    """Take a file out of the draft."""
    tender = _own_tender(request, pk)
    row = get_object_or_404(
        queries.attachments_visible_to(request.user), pk=file, bid__tender=tender, removed=False
    )
    submission.remove_file(actor=request.user, attachment=row, now=request.now)
    return _files(request, tender, row.requirement_id, "")


def _files(request: HttpRequest, tender: Tender, requirement: int, fault: str) -> HttpResponse:
    """The files of one answer as a region, or the whole page where no script asked."""
    own = queries.own_bid(request.user, tender)
    form = _form(tender, own)
    if not request.htmx:
        if fault:
            return _page(request, tender, form, status=422, fault_at=requirement, fault=fault)
        return redirect(reverse("bid", args=[tender.pk]) + f"#r{requirement}")
    content = _content(request, tender, form)
    row = next(row for row in content.rows if row.requirement.pk == requirement)
    context = {"tender": tender, "row": row, "can_bid": YES, "content": content}
    context |= {"fault_at": requirement if fault else None, "fault": fault, "swapped": True}
    return render(request, "bids/submission/_files.html", context, status=422 if fault else 200)


@require_GET
def attachment(request: HttpRequest, pk: str) -> HttpResponse:
    """A file, always as a download that no browser runs."""
    row = get_object_or_404(queries.attachments_visible_to(request.user), pk=pk)
    response = FileResponse(
        row.file.open("rb"), as_attachment=True, filename=row.name, content_type="application/octet-stream"
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
