"""The audit trail, for auditors."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from procurement import queries, rules
from procurement.audit import verify_chain
from procurement.forms.filters import TrailFilters
from procurement.views.lists import page_of


@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    """Every action, newest first; `?verify=1` also recomputes the chain, which changes nothing."""
    rules.can_read_trail(request.user).enforce()
    entries = queries.audit_entries_visible_to(request.user)
    filters = TrailFilters(request.GET, actions=queries.audit_actions(entries))
    rows = queries.search_audit_entries(
        entries, *(filters.value(name) for name in ("tender", "person", "action", "q"))
    )
    page = page_of(request, rows)
    for entry in page:
        entry.lines = json.dumps(json.loads(entry.payload), ensure_ascii=False, indent=1)
    state = verify_chain() if request.GET.get("verify") else None
    return render(request, "procurement/trail.html", {"page": page, "filters": filters, "state": state})
