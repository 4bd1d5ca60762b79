"""The register of exceptions: the list, asking, security's answer, the decision, the end, the workbook."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procurement import queries, rules
from procurement.actions import register as steps
from procurement.forms.register import AdviceForm, ClosingForm, DecisionForm, RegisterFilters, RequestForm
from procurement.models import RegisterEntry
from procurement.views.lists import page_of
from procurement.views.saving import attempt

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: What of an entry is asked for again when it is to be prolonged.
_COPIED = ("system", "kind", "origin", "target", "opening", "reason", "risk", "owner", "tender", "vendor")


def _listed(request: HttpRequest) -> tuple[RegisterFilters, QuerySet[RegisterEntry]]:
    """The filters, and the entries that they leave."""
    rules.can_read_register(request.user).enforce()
    entries = queries.register_entries_visible_to(request.user)
    filters = RegisterFilters(
        request.GET,
        systems=queries.register_systems(entries),
        units=queries.register_units(entries),
        vendors=queries.register_vendors(entries),
    )
    today = timezone.localdate(request.now)
    return filters, queries.search_register(entries, today=today, **filters.chosen)


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Entries that the person may read, newest first."""
    filters, entries = _listed(request)
    page, today = page_of(request, entries), timezone.localdate(request.now)
    for entry in page:
        entry.stands = entry.state(today)
    context = {"page": page, "filters": filters, "can_request": rules.can_request_entry(request.user)}
    context["known_tenders"] = queries.known_tenders(request.user, page)
    return render(request, "procurement/register/register.html", context)


@require_safe
def workbook(request: HttpRequest) -> HttpResponse:
    """The same list, whole, as a workbook."""
    _filters, entries = _listed(request)
    rows = list(entries)
    known = queries.known_tenders(request.user, rows)
    data = steps.export_register(actor=request.user, entries=rows, known_tenders=known, now=request.now)
    response = HttpResponse(data, content_type=XLSX)
    day = timezone.localdate(request.now).isoformat()
    response.headers["Content-Disposition"] = f'attachment; filename="register-{day}.xlsx"'
    return response


def _entry(request: HttpRequest, pk: int) -> RegisterEntry:
    rules.can_read_register(request.user).enforce()
    return get_object_or_404(queries.register_entries_visible_to(request.user), pk=pk)


def _renewed(request: HttpRequest) -> RegisterEntry | None:
    """The entry that `?renews=` names, if it may be prolonged."""
    asked = request.GET.get("renews", "")
    if not asked.isdecimal() or len(asked) > 9:
        return None
    entry = _entry(request, int(asked))
    rules.can_renew(request.user, entry).enforce()
    return entry


@require_http_methods(["GET", "POST"])
def register_new(request: HttpRequest) -> HttpResponse:
    """Ask for an exception; `?renews=` names the one that it would prolong."""
    rules.can_request_entry(request.user).enforce()
    renews = _renewed(request)
    initial = {name: getattr(renews, name) for name in _COPIED} if renews else {"owner": request.user}
    form = RequestForm(
        request.POST or None,
        initial=initial,
        people=queries.bank_people(),
        tenders=queries.tenders_visible_to(request.user),
        vendors=queries.known_companies(),
    )
    if form.is_valid():
        values = form.cleaned_data
        entry = attempt(
            form, steps.request_entry, actor=request.user, values=values, renews=renews, now=request.now
        )
        if entry:
            messages.success(request, _("%(entry)s is on record and waits for security.") % {"entry": entry})
            return redirect("register-entry", entry.pk)
    return render(request, "procurement/register/new.html", {"form": form, "renews": renews})


@require_safe
def register_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry: what is asked, who said what, and what this person may do about it."""
    return _page(request, _entry(request, pk))


def _page(request: HttpRequest, entry: RegisterEntry, **forms: Any) -> HttpResponse:
    version, actor = {"version": entry.version}, request.user
    context = {
        "entry": entry,
        "state": entry.state(timezone.localdate(request.now)),
        "tender_known": bool(queries.known_tenders(actor, [entry])),
        "renewals": entry.renewals.order_by("pk"),
        "can_advise": rules.can_advise(actor, entry),
        "can_decide": rules.can_decide(actor, entry),
        "can_close": rules.can_close_entry(actor, entry),
        "can_renew": rules.can_renew(actor, entry),
        "advice_form": AdviceForm(actor=actor, initial=version),
        "decision_form": DecisionForm(actor=actor, initial=version),
        "closing_form": ClosingForm(initial=version),
    }
    status = 422 if forms else 200
    return render(request, "procurement/register/entry.html", context | forms, status=status)


@require_POST
def register_advise(request: HttpRequest, pk: int) -> HttpResponse:
    """Security's answer."""
    entry = _entry(request, pk)
    rules.can_advise(request.user, entry).enforce()
    form = AdviceForm(request.POST, actor=request.user)
    if form.is_valid():
        said = {"advice": form.cleaned_data["advice"], "reason": form.cleaned_data["reason"]}
        seen = form.cleaned_data["version"]
        if attempt(form, steps.advise, actor=request.user, entry=entry, seen=seen, now=request.now, **said):
            return redirect("register-entry", pk)
    return _page(request, entry, advice_form=form)


@require_POST
def register_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The approver's decision."""
    entry = _entry(request, pk)
    rules.can_decide(request.user, entry).enforce()
    form = DecisionForm(request.POST, actor=request.user)
    if form.is_valid():
        said = {"decision": form.cleaned_data["decision"], "reason": form.cleaned_data["reason"]}
        seen = form.cleaned_data["version"]
        if attempt(form, steps.decide, actor=request.user, entry=entry, seen=seen, now=request.now, **said):
            return redirect("register-entry", pk)
    return _page(request, entry, decision_form=form)


@require_POST
def register_close(request: HttpRequest, pk: int) -> HttpResponse:
    """The end of an exception."""
    entry = _entry(request, pk)
    rules.can_close_entry(request.user, entry).enforce()
    form = ClosingForm(request.POST)
    if form.is_valid():
        note, seen = form.cleaned_data["note"], form.cleaned_data["version"]
        if attempt(form, steps.close, actor=request.user, entry=entry, note=note, seen=seen, now=request.now):
            return redirect("register-entry", pk)
    return _page(request, entry, closing_form=form)
