"""Promises: the list of a tender and over all tenders, one promise and its sign-offs, and going live."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bids import rules
from bids.actions import promises as steps
from bids.choices import Outcome
from bids.forms.promises import (
    ContractForm,
    GoLiveForm,
    LiveExceptionForm,
    PlanForm,
    PromiseFilters,
    SignOffForm,
    TargetForm,
)
from bids.models import Acceptance, Promise
from bids.queries import promises as queries
from procurement.models import Tender
from procurement.queries import bank_people, specifications_visible_to
from procurement.views.lists import page_of
from procurement.views.saving import attempt

from .head import tender_head
from .promises_content import PromisesContent, as_of


@require_GET
def acceptance(request: HttpRequest) -> HttpResponse:
    """Promises over all tenders, the next due first; a vendor's own for a vendor."""
    rules.can_list_promises(request.user).enforce()
    filters, today = PromiseFilters(request.GET), timezone.localdate(request.now)
    rows = queries.promises_visible_to(request.user).order_by("due_on", "tender_id", "position")
    page = page_of(request, queries.search_promises(rows, today=today, **filters.chosen))
    as_of(page, today)
    return render(request, "bids/promises/acceptance.html", {"page": page, "filters": filters})


def _tender(request: HttpRequest, pk: str) -> Tender:
    tender = get_object_or_404(queries.tenders_with_promises(request.user), pk=pk)
    rules.can_read_promises(request.user, tender).enforce()
    return tender


def _head(request: HttpRequest, tender: Tender) -> dict[str, Any]:
    """The head of the tender's pages; one tab for who answers for a promise and knows no more of it."""
    head = tender_head(request, tender, "promises")
    if not specifications_visible_to(request.user).filter(pk=tender.pk).exists():
        head["tabs"] = [tab for tab in head["tabs"] if tab["current"]]
    return head


@require_GET
def promises(request: HttpRequest, pk: str) -> HttpResponse:
    """What the winner promised, and what going live still needs; its own promises for the vendor."""
    return _page(request, _tender(request, pk))


def _page(request: HttpRequest, tender: Tender, **forms: Any) -> HttpResponse:
    content = PromisesContent(request.user, tender, request.now)
    row = content.acceptance
    context: dict[str, Any] = {"content": content, "tender": tender}
    if row is not None:
        context["target_form"] = TargetForm(initial={"target_on": row.target_on, "version": row.version})
        context["contract_form"] = ContractForm(
            initial={"contract_until": row.contract_until, "version": row.version}
        )
        context["live_form"] = GoLiveForm(actor=request.user, initial={"version": row.version})
    status = 422 if forms else 200
    context |= forms | _head(request, tender)
    template = "bids/promises/own.html" if content.of_vendor else "bids/promises/promises.html"
    return render(request, template, context, status=status)


@require_POST
def target_set(request: HttpRequest, pk: str) -> HttpResponse:
    """Move the day of going live, and the promises that are due on it."""
    tender = _tender(request, pk)
    row = get_object_or_404(Acceptance, tender=tender)
    rules.can_move_target(request.user, row).enforce()
    form = TargetForm(request.POST)
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("target_on", "reason")}
        seen = form.cleaned_data["version"]
        if attempt(
            form,
            steps.set_target,
            actor=request.user,
            acceptance=row,
            seen=seen,
            now=request.now,
            **said,
        ):
            messages.success(request, _("The day is moved, and the reason is on record."))
            return redirect("promises", pk)
    return _page(request, tender, target_form=form)


@require_POST
def contract_end(request: HttpRequest, pk: str) -> HttpResponse:
    """Say until when the contract runs."""
    tender = _tender(request, pk)
    row = get_object_or_404(Acceptance, tender=tender)
    rules.can_set_contract_end(request.user, row).enforce()
    form = ContractForm(request.POST)
    if form.is_valid():
        said = {"until": form.cleaned_data["contract_until"], "seen": form.cleaned_data["version"]}
        if attempt(form, steps.set_contract_end, actor=request.user, acceptance=row, now=request.now, **said):
            messages.success(request, _("The end of the contract is on record."))
            return redirect("promises", pk)
    return _page(request, tender, contract_form=form)


@require_POST
def go_live(request: HttpRequest, pk: str) -> HttpResponse:
    """Say that the system is in operation."""
    tender = _tender(request, pk)
    rules.can_go_live(request.user, tender, request.now).enforce()
    form = GoLiveForm(request.POST, actor=request.user)
    if form.is_valid():
        seen = form.cleaned_data["version"]
        if attempt(form, steps.go_live, actor=request.user, tender=tender, seen=seen, now=request.now):
            messages.success(request, _("The system is in operation, and it is on record who said so."))
            return redirect("promises", pk)
    return _page(request, tender, live_form=form)


@require_http_methods(["GET", "POST"])
def live_exception(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask to go live although gate promises are open: an entry of the register."""
    tender = _tender(request, pk)
    rules.can_ask_to_go_live(request.user, tender).enforce()
    initial = {"owner": tender.owner or request.user}
    form = LiveExceptionForm(request.POST or None, initial=initial, people=bank_people())
    if form.is_valid():
        entry = attempt(
            form,
            steps.ask_to_go_live,
            actor=request.user,
            tender=tender,
            now=request.now,
            **form.cleaned_data,
        )
        if entry:
            messages.success(request, _("%(entry)s is on record and waits for security.") % {"entry": entry})
            return redirect("promises", pk)
    context = {"form": form, "tender": tender, "gates": queries.unsettled_gates(tender)}
    return render(request, "bids/promises/live_exception.html", context | _head(request, tender))


def _promise(request: HttpRequest, pk: int) -> Promise:
    rules.can_read_promise(request.user).enforce()
    return get_object_or_404(queries.promises_visible_to(request.user), pk=pk)


@require_GET
def promise(request: HttpRequest, pk: int) -> HttpResponse:
    """One promise, everything that was signed about it, and what this person may do."""
    return _promise_page(request, _promise(request, pk))


def _promise_page(request: HttpRequest, row: Promise, **forms: Any) -> HttpResponse:
    version, outcomes = {"version": row.version}, rules.next_outcomes(row)
    as_of([row], timezone.localdate(request.now))
    initial = version | {"due_on": row.due_on, "proof": row.proof}
    context = {
        "promise": row,
        "tender": row.tender,
        "sign_offs": row.sign_offs.order_by("-number"),
        "can_sign": rules.can_sign_off(request.user, row, request.now),
        "can_plan": rules.can_plan_promise(request.user, row),
        "sign_form": SignOffForm(outcomes=outcomes, initial=version),
        "plan_form": PlanForm(initial=initial),
    }
    status = 422 if forms else 200
    context |= forms | _head(request, row.tender)
    return render(request, "bids/promises/promise.html", context, status=status)


@require_POST
def promise_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign that a promise is kept or broken."""
    row = _promise(request, pk)
    rules.can_sign_off(request.user, row, request.now).enforce()
    form = SignOffForm(request.POST, request.FILES, outcomes=rules.next_outcomes(row))
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("outcome", "text", "file")}
        seen = form.cleaned_data["version"]
        if attempt(form, steps.sign_off, actor=request.user, promise=row, seen=seen, now=request.now, **said):
            text = _("%(code)s is signed by name: %(outcome)s.")
            messages.success(request, text % {"code": row.code, "outcome": Outcome(said["outcome"]).label})
            return redirect("promises", row.tender_id)
    return _promise_page(request, row, sign_form=form)


@require_POST
def promise_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Set when a promise is due and what shows that it is kept."""
    row = _promise(request, pk)
    rules.can_plan_promise(request.user, row).enforce()
    form = PlanForm(request.POST)
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("due_on", "proof", "reason")}
        seen = form.cleaned_data["version"]
        if attempt(
            form, steps.plan_promise, actor=request.user, promise=row, seen=seen, now=request.now, **said
        ):
            messages.success(request, _("Day and evidence are on record."))
            return redirect("promise", pk)
    return _promise_page(request, row, plan_form=form)


@require_GET
def sign_off_file(request: HttpRequest, pk: str) -> HttpResponse:
    """The file of a sign-off, always as a download that no browser runs."""
    rules.can_read_promise(request.user).enforce()
    row = get_object_or_404(queries.sign_offs_visible_to(request.user).exclude(file=""), pk=pk)
    response = FileResponse(
        row.file.open("rb"),
        as_attachment=True,
        filename=row.file_name,
        content_type="application/octet-stream",
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
