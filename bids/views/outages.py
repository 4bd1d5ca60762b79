"""Outages of the site: on record, and the same extension for every tender that one touched."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bids import queries, rules
from bids.actions import outages as actions
from bids.forms.amendments import ExtensionForm, OutageForm, RefusalForm
from bids.forms.panel import PasswordForm
from bids.models import Amendment, Outage
from procurement.choices import Role
from procurement.models import Tender
from procurement.queries import tenders_visible_to
from procurement.views.lists import page_of
from procurement.views.saving import attempt


def _list(request: HttpRequest, form: OutageForm, status: int = 200) -> HttpResponse:
    context = {
        "page": page_of(request, queries.outages()),
        "form": form,
        "can_record": rules.can_record_outage(request.user),
    }
    return render(request, "bids/amendments/outages.html", context, status=status)


@require_GET
def outages(request: HttpRequest) -> HttpResponse:
    """What was recorded, and the form that records."""
    rules.can_read_outages(request.user).enforce()
    return _list(request, OutageForm())


@require_POST
def outage_record(request: HttpRequest) -> HttpResponse:
    """Put an outage on record."""
    rules.can_record_outage(request.user).enforce()
    form = OutageForm(request.POST)
    if form.is_valid():
        row = attempt(form, actions.record_outage, actor=request.user, now=request.now, **form.cleaned_data)
        if row:
            return redirect("outage", row.pk)
    return _list(request, form, 422)


def _outage(request: HttpRequest, pk: int) -> Outage:
    rules.can_read_outages(request.user).enforce()
    return get_object_or_404(queries.outages(), pk=pk)


def _page(request: HttpRequest, row: Outage, status: int = 200, **forms: Any) -> HttpResponse:
    """One outage: the tenders that it touched, what is proposed for them, and who decides."""
    waiting = queries.waiting_after(row, request.now)
    context = {
        "outage": row,
        "least": actions.least_minutes(row),
        "places": _places(request, row),
        "waiting": waiting,
        "knows_tenders": request.user.role != Role.ADMINISTRATOR,
        "can_extend": rules.can_extend_after_outage(request.user),
        "can_decide": rules.can_decide_outage(request.user, waiting),
        "can_take_back": rules.can_take_back_outage(request.user, waiting),
        "extension_form": ExtensionForm(initial={"minutes": actions.least_minutes(row)}),
        "agree_form": PasswordForm(actor=request.user, prefix="agree"),
        "refuse_form": RefusalForm(prefix="refuse"),
    }
    return render(request, "bids/amendments/outage.html", context | forms, status=status)


def _places(request: HttpRequest, row: Outage) -> list[tuple[Tender, Amendment | None, str]]:
    """The tenders that it touched and the reader knows of, with what was proposed and where that stands."""
    tenders = list(queries.tenders_touched(row).filter(pk__in=tenders_visible_to(request.user).values("pk")))
    last = {found.tender_id: found for found in queries.amendments_after(row)}
    busy = {found.tender_id for found in queries.amendments_to_decide(tenders)}
    return [
        (tender, last.get(tender.pk), _state(tender, last.get(tender.pk), tender.pk in busy, request.now))
        for tender in tenders
    ]


def _state(tender: Tender, found: Amendment | None, is_busy: bool, now: datetime) -> str:
    if found is not None:
        return str(found.state(now).label)
    if not tender.is_open_for_bids(now):
        return _("The deadline has passed: it cannot be moved")
    return _("Another proposal waits: it is decided first") if is_busy else _("Nothing is proposed yet")


@require_GET
def outage(request: HttpRequest, pk: int) -> HttpResponse:
    """One outage."""
    return _page(request, _outage(request, pk))


@require_POST
def outage_extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose more time for all tenders that it touched."""
    row = _outage(request, pk)
    rules.can_extend_after_outage(request.user).enforce()
    form = ExtensionForm(request.POST)
    if form.is_valid() and attempt(
        form,
        actions.extend_after_outage,
        actor=request.user,
        outage=row,
        minutes=form.cleaned_data["minutes"],
    ):
        messages.success(request, _("It is proposed. Nothing changes before a second person agrees."))
        return redirect("outage", pk)
    return _page(request, row, 422, extension_form=form)


@require_POST
def outage_agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Give all of them the time that was proposed, signed with the password."""
    row = _outage(request, pk)
    rules.can_decide_outage(request.user, queries.waiting_after(row, request.now)).enforce()
    form = PasswordForm(request.POST, actor=request.user, prefix="agree")
    if form.is_valid() and attempt(form, actions.agree_after_outage, actor=request.user, outage=row):
        messages.success(request, _("All of them have the later deadline, and all vendors are told."))
        return redirect("outage", pk)
    return _page(request, row, 422, agree_form=form)


@require_POST
def outage_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse what was proposed, for all of them."""
    row = _outage(request, pk)
    rules.can_decide_outage(request.user, queries.waiting_after(row, request.now)).enforce()
    form = RefusalForm(request.POST, prefix="refuse")
    if form.is_valid() and attempt(
        form,
        actions.refuse_after_outage,
        actor=request.user,
        outage=row,
        reason=form.cleaned_data["reason"],
    ):
        return redirect("outage", pk)
    return _page(request, row, 422, refuse_form=form)


@require_POST
def outage_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own proposal back, for all of them."""
    row = _outage(request, pk)
    actions.take_back_after_outage(actor=request.user, outage=row)
    return redirect("outage", pk)
