"""People, units and vendors, for administrators."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procurement import queries, rules
from procurement.actions import people as actions
from procurement.forms.filters import PeopleFilters
from procurement.forms.people import PersonForm, UnitForm, VendorForm
from procurement.views.lists import page_of
from procurement.views.saving import attempt

#: No version of a row has as many.
MOST_DIGITS = 10


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, with units and vendors beside."""
    rules.can_manage_people(request.user).enforce()
    filters = PeopleFilters(request.GET)
    rows = queries.search_people(
        queries.people_visible_to(request.user), filters.value("q"), filters.value("role")
    )
    context = {
        "page": page_of(request, rows),
        "filters": filters,
        "units": queries.units_visible_to(request.user),
        "vendors": queries.vendors_visible_to(request.user),
    }
    return render(request, "procurement/people.html", context)


def _page(request: HttpRequest, form: Any, heading: str, **more: Any) -> HttpResponse:
    """A form of one row."""
    context = {"form": form, "heading": heading, "back": reverse("people")}
    return render(request, "procurement/row_form.html", context | more)


@require_http_methods(["GET", "POST"])
def person_new(request: HttpRequest) -> HttpResponse:
    """Enter a person."""
    rules.can_manage_people(request.user).enforce()
    form = PersonForm(request.POST or None)
    if form.is_valid() and attempt(
        form,
        actions.create_person,
        actor=request.user,
        values=form.cleaned_data,
        password=form.cleaned_data["password"],
        now=request.now,
    ):
        messages.success(request, _("%(name)s can sign in now.") % {"name": form.cleaned_data["name"]})
        return redirect("people")
    return _page(request, form, _("New person"))


@require_http_methods(["GET", "POST"])
def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a person."""
    rules.can_manage_people(request.user).enforce()
    person = get_object_or_404(queries.people_visible_to(request.user), pk=pk)
    form = PersonForm(request.POST or None, instance=person)
    if form.is_valid() and attempt(
        form,
        actions.edit_person,
        actor=request.user,
        person=person,
        values=form.cleaned_data,
        password=form.cleaned_data["password"],
        seen=form.seen,
        now=request.now,
    ):
        messages.success(request, _("Stored."))
        return redirect("people")
    verdict = rules.can_change_activity(request.user, person)
    return _page(request, form, person.username, person=person, can_change_activity=verdict)


@require_POST
def person_activity(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a person sign in, or end that."""
    rules.can_manage_people(request.user).enforce()
    person = get_object_or_404(queries.people_visible_to(request.user), pk=pk)
    version = request.POST.get("version", "")
    actions.set_active(
        actor=request.user,
        person=person,
        active="activate" in request.POST,
        seen=int(version) if version.isdecimal() and len(version) < MOST_DIGITS else 0,
        now=request.now,
    )
    return redirect("people")


@require_http_methods(["GET", "POST"])
def unit_new(request: HttpRequest) -> HttpResponse:
    """Enter a unit."""
    rules.can_manage_people(request.user).enforce()
    form = UnitForm(request.POST or None)
    if form.is_valid() and attempt(
        form, actions.create_unit, actor=request.user, values=form.cleaned_data, now=request.now
    ):
        return redirect("people")
    return _page(request, form, _("New unit"))


@require_http_methods(["GET", "POST"])
def unit_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a unit."""
    rules.can_manage_people(request.user).enforce()
    unit = get_object_or_404(queries.units_visible_to(request.user), pk=pk)
    form = UnitForm(request.POST or None, instance=unit)
    if form.is_valid() and attempt(
        form,
        actions.edit_unit,
        actor=request.user,
        unit=unit,
        values=form.cleaned_data,
        seen=form.seen,
        now=request.now,
    ):
        return redirect("people")
    return _page(request, form, _("Unit %(code)s") % {"code": unit.code})


@require_http_methods(["GET", "POST"])
def vendor_new(request: HttpRequest) -> HttpResponse:
    """Enter a vendor."""
    rules.can_manage_people(request.user).enforce()
    form = VendorForm(request.POST or None)
    if form.is_valid() and attempt(
        form, actions.create_vendor, actor=request.user, values=form.cleaned_data, now=request.now
    ):
        return redirect("people")
    return _page(request, form, _("New vendor"))


@require_http_methods(["GET", "POST"])
def vendor_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a vendor."""
    rules.can_manage_people(request.user).enforce()
    vendor = get_object_or_404(queries.vendors_visible_to(request.user), pk=pk)
    form = VendorForm(request.POST or None, instance=vendor)
    if form.is_valid() and attempt(
        form,
        actions.edit_vendor,
        actor=request.user,
        vendor=vendor,
        values=form.cleaned_data,
        seen=form.seen,
        now=request.now,
    ):
        return redirect("people")
    return _page(request, form, _("Vendor"))
