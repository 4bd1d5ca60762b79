"""The audit trail, for auditors."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from procurement import queries, rules
from procurement.audit import ChainState, verify_chain
from procurement.choices import Role
from procurement.forms.filters import TrailFilters
from procurement.views.lists import page_of


@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    """Every action, newest first; `?verify=1` also recomputes the chain, which changes nothing."""
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
    state = verify_chain() if request.GET.get("verify") else None
    context = {"page": page, "filters": filters, "state": state, "why": _why(state)}
    context["counted"] = sealed_from is None
    return render(request, "procurement/trail.html", context)


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


def _why(state: ChainState | None) -> str:
    """What is wrong with the first entry that does not hold."""
    sentences = {
        "missing": _("It is missing."),
        "not chained to the entry before it": _("It is not chained to the entry before it."),
        "content does not match its hash": _("The content does not match its hash."),
        "the head row names another last entry": _("The trail does not end where its head row says."),
    }
    return sentences.get(state.why, "") if state else ""
