"""Vendors: their records over all tenders, their tiers, and what went wrong with them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bids import rules
from bids.actions import incidents
from bids.forms.promises import IncidentForm, NoteForm, VendorFilters
from bids.models import Bid, Incident
from bids.queries import latest_profile, registrations_waiting
from bids.queries import vendors as queries
from bids.queries.concentration import concentration
from procurement.choices import Stage
from procurement.models import User, Vendor
from procurement.queries import tenders_visible_to
from procurement.views.lists import page_of
from procurement.views.saving import attempt

from .promises_content import as_of

#: How many promises and exceptions a vendor's page shows of each before it leads to the whole list.
SHOWN = 25


@require_GET
def vendors(request: HttpRequest) -> HttpResponse:
    """Every vendor with its record and tier, by name."""
    rules.can_read_vendors(request.user).enforce()
    filters, today = VendorFilters(request.GET), timezone.localdate(request.now)
    rows = list(queries.vendors_on_record(request.user, filters.value("q")))
    records = queries.records_of(rows, today)
    for vendor in rows:
        vendor.record = records[vendor.pk]
        vendor.tier = queries.tier_of(vendor.record)
    wanted = filters.value("tier")
    page = page_of(request, [vendor for vendor in rows if wanted in ("", vendor.tier)])
    bids = queries.bids_counted(request.user, page)
    exceptions = queries.exceptions_counted(request.user, page, today)
    for vendor in page:
        vendor.bid_count, vendor.exception_count = bids.get(vendor.pk, 0), exceptions.get(vendor.pk, 0)
    context = {"page": page, "filters": filters}
    if rules.can_read_registrations(request.user):
        context |= {"can_register": True, "asked": registrations_waiting().count()}
    return render(request, "bids/vendors/vendors.html", context)


@require_GET
def vendor_concentration(request: HttpRequest) -> HttpResponse:
    """How much of the running contracts lies with one vendor."""
    rules.can_read_vendors(request.user).enforce()
    page = page_of(request, concentration(timezone.localdate(request.now)))
    return render(request, "bids/vendors/concentration.html", {"page": page})


def _vendor(request: HttpRequest, pk: int) -> Vendor:
    rules.can_read_vendors(request.user).enforce()
    return get_object_or_404(queries.vendors_on_record(request.user), pk=pk)


@require_GET
def vendor(request: HttpRequest, pk: int) -> HttpResponse:
    """One vendor's record over all tenders, and the tier with its rule."""
    return _page(request, _vendor(request, pk))


def _page(request: HttpRequest, row: Vendor, **forms: Any) -> HttpResponse:
    today, actor = timezone.localdate(request.now), request.user
    record = queries.records_of([row], today)[row.pk]
    page = page_of(request, queries.bids_on_record(actor).filter(vendor=row))
    promises = list(queries.promises_of(row)[: SHOWN + 1])
    as_of(promises, today)
    entries = list(queries.exceptions_of(actor, row)[: SHOWN + 1])
    for entry in entries:
        entry.stands = entry.state(today)
    context = {
        "vendor": row,
        "record": record,
        "tier": queries.tier_of(record),
        "page": _with_places(page, actor),
        "promises": promises,
        "entries": entries,
        "incidents": queries.incidents_of(row),
        "shown": SHOWN,
        "counted_from": queries.counted_from(today),
        "can_record": rules.can_record_incident(actor),
        "note_form": NoteForm(),
        "profile": latest_profile(row),
    }
    return render(request, "bids/vendors/vendor.html", context | forms, status=422 if forms else 200)


def _with_places(page: Any, actor: User) -> Any:
    """Tell each bid its place, whether it won, and whether the reader knows its tender."""
    bids: list[Bid] = list(page)
    awards = queries.awards_of(bids)
    known = set(
        tenders_visible_to(actor).filter(pk__in=[bid.tender_id for bid in bids]).values_list("pk", flat=True)
    )
    for bid in bids:
        award = awards.get(bid.tender_id)
        bid.place = queries.place_of(bid, award)
        bid.won = award is not None and award.bid_id == bid.pk
        bid.is_running = bid.tender.stage != Stage.AWARDED
        bid.tender_known = bid.tender_id in known
    page.object_list = bids
    return page


@require_http_methods(["GET", "POST"])
def incident_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an incident on the vendor's record."""
    row = _vendor(request, pk)
    rules.can_record_incident(request.user).enforce()
    tenders = queries.tenders_awarded_to(request.user, row)
    form = IncidentForm(request.POST or None, tenders=tenders)
    if form.is_valid() and attempt(
        form,
        incidents.record_incident,
        actor=request.user,
        vendor=row,
        now=request.now,
        **form.cleaned_data,
    ):
        return redirect("vendor", pk)
    return render(request, "bids/vendors/incident.html", {"vendor": row, "form": form})


@require_POST
def incident_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Add the closing note of an incident."""
    rules.can_read_vendors(request.user).enforce()
    incident: Incident = get_object_or_404(queries.incidents_visible_to(request.user), pk=pk)
    rules.can_close_incident(request.user, incident).enforce()
    form = NoteForm(request.POST)
    if form.is_valid():
        note = form.cleaned_data["note"]
        incidents.close_incident(actor=request.user, incident=incident, note=note, now=request.now)
        return redirect("vendor", incident.vendor_id)
    return _page(request, incident.vendor, note_form=form, faulty=incident.pk)
