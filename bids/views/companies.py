"""What companies declare, who asks to be let in, and who is invited to bid."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bids import queries, rules
from bids.actions import companies as actions
from bids.forms.companies import InvitationForm, ProfileForm, RegistrationDecision, RegistrationForm
from procurement.models import Registration
from procurement.queries import known_companies, tenders_visible_to
from procurement.throttle import address_of
from procurement.views.lists import page_of
from procurement.views.saving import attempt

from .companies_content import history, shown
from .head import tender_head


# --- the company's own page -------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def company(request: HttpRequest) -> HttpResponse:
    """What the own company declared, and the form of the next declaration."""
    vendor = request.user.vendor
    rules.can_declare_company(request.user, vendor).enforce()
    last = queries.latest_profile(vendor)
    form = ProfileForm(request.POST or None, instance=None, initial=_initial(last))
    if form.is_valid() and _declared(request, form):
        messages.success(request, _("What your company declares is on record."))
        return redirect("company")
    today = timezone.localdate(request.now)
    context = {"vendor": vendor, "last": last, "form": form, "profile": shown(last, today)}
    context["people"] = vendor.people.filter(is_active=True).order_by("name", "pk")
    status = 422 if form.is_bound else 200
    return render(request, "bids/companies/company.html", context, status=status)


def _declared(request: HttpRequest, form: ProfileForm) -> Any:
    seen = request.POST.get("seen", "")
    return attempt(
        form,
        actions.declare_company,
        actor=request.user,
        vendor=request.user.vendor,
        values=form.cleaned_data,
        seen=int(seen) if seen.isdecimal() and len(seen) < 9 else -1,
        now=request.now,
    )


def _initial(last: Any) -> dict[str, Any]:
    return {name: getattr(last, name) for name in actions.PROFILE} if last else {}


@require_GET
def vendor_company(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that a vendor ever declared, the last first, with what became different each time."""
    rules.can_read_companies(request.user).enforce()
    vendor = get_object_or_404(known_companies(), pk=pk)
    profiles = list(queries.company_profiles_visible_to(request.user).filter(vendor=vendor))
    today = timezone.localdate(request.now)
    context = {
        "vendor": vendor,
        "last": profiles[0] if profiles else None,
        "profile": shown(profiles[0], today) if profiles else [],
        "history": history(profiles),
    }
    return render(request, "bids/companies/declared.html", context)


# --- being let in -----------------------------------------------------------------------------------------
@login_not_required
@require_http_methods(["GET", "POST"])
def registration_new(request: HttpRequest) -> HttpResponse:
    """A company asks to be let in. The answer is the same whoever is known here already."""
    form = RegistrationForm(request.POST or None)
    if form.is_valid() and attempt(
        form,
        actions.ask_registration,
        values=form.cleaned_data,
        password=form.cleaned_data["password"],
        language=get_language() or "",
        address=address_of(request),
        now=request.now,
    ):
        return render(request, "bids/companies/asked.html", {"email": form.cleaned_data["email"]})
    status = 422 if form.is_bound else 200
    return render(request, "bids/companies/register.html", {"form": form}, status=status)


@require_GET
def registrations(request: HttpRequest) -> HttpResponse:
    """Who asked, those that nobody has decided first."""
    rules.can_read_registrations(request.user).enforce()
    rows = queries.registrations_visible_to(request.user).order_by("decided_at", "-asked_at", "-pk")
    waiting = [row for row in rows if row.approved is None]
    decided = [row for row in rows if row.approved is not None]
    page = page_of(request, waiting + decided[::-1])
    return render(request, "bids/companies/registrations.html", {"page": page})


@require_GET
def registration(request: HttpRequest, pk: int) -> HttpResponse:
    """What a company says of itself, what it shares with others, and the answer."""
    rules.can_read_registrations(request.user).enforce()
    row = get_object_or_404(queries.registrations_visible_to(request.user), pk=pk)
    return _registration_page(request, row, RegistrationDecision(vendors=known_companies()))


def _registration_page(
    request: HttpRequest, row: Registration, form: RegistrationDecision, status: int = 200
) -> HttpResponse:
    same = known_companies().filter(tax_id=row.tax_id) if row.tax_id else known_companies().none()
    context = {
        "row": row,
        "form": form,
        "same": same,
        "can_decide": rules.can_decide_registration(request.user, row),
    }
    return render(request, "bids/companies/registration.html", context, status=status)


@require_POST
def registration_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the company in, or not."""
    rules.can_read_registrations(request.user).enforce()
    row = get_object_or_404(queries.registrations_visible_to(request.user), pk=pk)
    rules.can_decide_registration(request.user, row).enforce()
    form = RegistrationDecision(request.POST, vendors=known_companies())
    if form.is_valid() and _decided(request, row, form):
        messages.success(request, _("The answer is on record, and mailed."))
        return redirect("registrations")
    return _registration_page(request, row, form, status=422)


def _decided(request: HttpRequest, row: Registration, form: RegistrationDecision) -> Any:
    seen, given = request.POST.get("version", ""), form.cleaned_data
    common = {
        "actor": request.user,
        "registration": row,
        "reason": given["reason"],
        "seen": int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
        "now": request.now,
    }
    if "approve" in request.POST:
        return attempt(form, actions.approve_registration, vendor=given["vendor"], **common)
    return attempt(form, actions.refuse_registration, **common)


# --- who may bid ------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def invitations(request: HttpRequest, pk: str) -> HttpResponse:
    """Who may bid on a tender: everybody, or those who are invited."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_read_invitations(request.user, tender).enforce()
    can_invite = rules.can_invite(request.user, tender)
    if request.method == "POST":
        can_invite.enforce()
    chosen = list(tender.invited.order_by("name"))
    initial = {"invited_only": tender.invited_only, "vendors": chosen, "version": tender.version}
    form = InvitationForm(request.POST or None, vendors=known_companies(), initial=initial)
    if form.is_valid() and _invited(request, tender, form):
        messages.success(request, _("Stored."))
        return redirect("invitations", tender.pk)
    context = {"form": form, "chosen": chosen, "can_invite": can_invite}
    head = tender_head(request, tender, "invitations")
    return render(request, "bids/companies/invitations.html", context | head)


def _invited(request: HttpRequest, tender: Any, form: InvitationForm) -> Any:
    given = form.cleaned_data
    return attempt(
        form,
        actions.invite_vendors,
        actor=request.user,
        tender=tender,
        invited_only=given["invited_only"],
        vendors=given["vendors"],
        seen=given["version"],
        now=request.now,
    )
