"""A person's opening key: made here, shown once, and proved again every month."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bids import queries, rules
from bids.actions import custody, keys
from bids.forms.keys import OpeningOfficersForm, PassphraseForm
from bids.forms.panel import PasswordForm
from bids.models.key import DRILL_HOLDS
from procurement.queries import tenders_visible_to
from procurement.views.saving import attempt

from .head import tender_head


def _page(request: HttpRequest, status: int = 200, **forms: forms.Form) -> HttpResponse:
    key = queries.key_of(request.user)
    context = {
        "key": key,
        "drilled": key is not None and key.is_drilled(request.now),
        "days": DRILL_HOLDS.days,
        "to_open": queries.to_be_opened_by(request.user),
        "enrol_form": PasswordForm(actor=request.user, prefix="enrol"),
        "drill_form": PassphraseForm(),
    }
    return render(request, "bids/keys/key.html", context | forms, status=status)


@require_GET
def opening_key(request: HttpRequest) -> HttpResponse:
    """The key that the reader opens bids with."""
    rules.can_hold_key(request.user).enforce()
    return _page(request)


@require_POST
def opening_key_enrol(request: HttpRequest) -> HttpResponse:
    """Make a key, signed with one's password; the passphrase is on this one answer and nowhere else."""
    rules.can_hold_key(request.user).enforce()
    form = PasswordForm(request.POST, actor=request.user, prefix="enrol")
    if not form.is_valid():
        return _page(request, 422, enrol_form=form)
    key, passphrase = keys.enrol_key(actor=request.user, now=request.now)
    return render(request, "bids/keys/passphrase.html", {"key": key, "words": passphrase.split()})


@require_POST
def opening_key_drill(request: HttpRequest) -> HttpResponse:
    """Prove that the passphrase is known."""
    rules.can_hold_key(request.user).enforce()
    form = PassphraseForm(request.POST)
    if form.is_valid() and attempt(
        form, keys.drill_key, actor=request.user, typed=form.cleaned_data["passphrase"], now=request.now
    ):
        messages.success(request, _("Your passphrase opens your key."))
        return redirect("opening-key")
    return _page(request, 422, drill_form=form)


@require_http_methods(["GET", "POST"])
def opening_officers(request: HttpRequest, pk: str) -> HttpResponse:
    """Name who opens the bids of a draft."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_appoint_opening_officers(request.user, tender).enforce()
    people, suggested = queries.people_with_keys(), custody.suggested_officers(tender, request.now)
    form = OpeningOfficersForm(request.POST or None, tender=tender, people=people, suggested=suggested)
    if form.is_valid() and attempt(
        form,
        custody.appoint_opening_officers,
        actor=request.user,
        tender=tender,
        users=form.users,
        now=request.now,
    ):
        messages.success(request, _("Stored."))
        return redirect("tender", pk)
    context = {"form": form, "keys": queries.keys_in_use()} | tender_head(request, tender, "tender")
    return render(request, "bids/keys/officers.html", context, status=422 if form.is_bound else 200)
