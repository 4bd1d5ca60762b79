"""The audit trail, for auditors."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from procurement import queries, rules
from procurement.actions import verifying
from procurement.choices import Role
from procurement.forms.filters import TrailFilters
from procurement.views.lists import page_of
from procurement.views.trail_content import trail_state


@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    """Every action, newest first, and how the trail stands."""
    rules.can_read_trail(request.user).enforce()
    entries = queries.audit_entries_visible_to(request.user)
    filters = TrailFilters(request.GET, actions=queries.audit_actions(entries))
    narrowed = (filters.value(name) for name in ("tender", "person", "action", "q"))
    page = page_of(request, queries.search_audit_entries(entries, *narrowed))
    sealed_from = queries.first_sealed_number()
    for entry in page:
        entry.lines = _lines(entry.payload)
        entry.numbered = sealed_from is None or entry.seq < sealed_from
        entry.role = _role(entry.actor_role)
    context = {"page": page, "filters": filters, "state": trail_state(), "counted": sealed_from is None}
    return render(request, "procurement/trail.html", context)


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Recompute the whole chain against every checkpoint; the page then says what was found."""
    if verifying.verify(actor=request.user, now=request.now).intact:
        messages.success(request, _("The chain was recomputed. It is intact."))
    else:
        messages.error(request, _("The chain was recomputed. It is broken."))
    return redirect("trail")


def _role(stored: str) -> str:
    """The role that the person had, in words; as stored where there is no such role any more."""
    words = dict(Role.choices) | {"command line": _("command line")}
    return str(words.get(stored, stored))


def _lines(payload: str) -> str:
    """The content, a key a line; as it stands where somebody has made it unreadable."""
    try:
        return json.dumps(json.loads(payload), ensure_ascii=False, indent=1)
    except ValueError:
        return payload
