"""What every page's frame shows."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from procurement import rules
from procurement.choices import Role


@dataclass(frozen=True)
class NavItem:
    """One entry of the top bar."""

    url: str
    label: str | Promise
    current: bool


def _entries(request: HttpRequest) -> list[tuple[str, str | Promise]]:
    """URL names and labels that this person may open."""
    entries: list[tuple[str, str | Promise]] = [("work", _("My work"))]
    if request.user.role != Role.ADMINISTRATOR:
        entries.append(("tenders", _("Tenders")))
    if request.user.role not in (Role.ADMINISTRATOR, Role.VENDOR):
        entries.append(("objections", _("Objections")))
    if rules.can_read_catalogues(request.user):
        entries.append(("catalogues", _("Catalogues")))
    if request.user.role == Role.VENDOR:
        entries.append(("company", _("Our company")))
    if rules.can_read_register(request.user):
        entries += [("register", _("Exceptions")), ("vendors", _("Vendors"))]
    if rules.can_read_ledger(request.user):
        entries.append(("ledger", _("Ledger")))
    if rules.can_read_board(request.user):
        entries.append(("board", _("Board")))
    if rules.can_manage_people(request.user):
        entries += [("people", _("People")), ("outages", _("Outages"))]
    if rules.can_read_trail(request.user):
        entries.append(("trail", _("Audit trail")))
    return entries


def frame(request: HttpRequest) -> dict[str, object]:
    """Bank name, theme, time of the page and the navigation of the person who looks."""
    user = getattr(request, "user", None)
    known = user is not None and user.is_authenticated
    here = request.resolver_match.view_name if request.resolver_match else ""
    return {
        "bank_name": settings.BANK_NAME,
        "theme": user.theme if known else "auto",
        "now": getattr(request, "now", None),
        "nav": [NavItem(reverse(name), label, name == here) for name, label in _entries(request)]
        if known
        else [],
    }
