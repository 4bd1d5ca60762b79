"""The head of every page of a tender: where it stands, its facts, and the pages that this person may open."""

from datetime import datetime
from fractions import Fraction
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bids import queries, rules
from bids.cases import criteria_tree
from bids.models import Objection
from procurement.choices import Kind, Role, Stage
from procurement.models import Tender, User
from procurement.queries import tenders_visible_to
from procurement.templatetags.figures import money, plain
from procurement.views.stages import CLOSED, stage_name, stands_at, steps

#: URL names of the pages that whoever may read the specification may open.
_SPECIFICATION, _INTAKE, _OBJECTIONS = "tender", "intake", "tender-objections"


def tender_head(request: HttpRequest, tender: Tender, current: str) -> dict[str, Any]:
    """Context of `procurement/_tender_head.html`; `current` is the URL name of the page it stands on.

    `inside` says whether the reader may know of more than the specification.
    """
    inside, objections = _is_inside(request.user, tender), _objections(request.user, tender)
    return {
        "inside": inside,
        "tender": tender,
        "reference": tender.reference,
        "title": tender.title,
        "state": _state(tender, request.now),
        "frozen": _frozen(objections, tender, request.now),
        "facts": _facts(tender),
        "stages": steps(tender, request.now),
        "tabs": _tabs(request, tender, current, inside=inside, objections=len(objections)),
    }


def _state(tender: Tender, now: datetime) -> dict[str, str]:
    """The chip beside the reference."""
    shown = stands_at(tender, now)
    if shown == Stage.CANCELLED:
        return {"kind": "no", "label": _("Cancelled")}
    if shown == Stage.AWARDED:
        return {"kind": "ok", "label": _("Awarded"), "sign": "gavel"}
    if shown == Stage.DRAFT:
        return {"kind": "", "label": _("Draft, not published"), "sign": "doc"}
    if shown == CLOSED:
        return {"kind": "warn", "label": _("Bidding is over"), "sign": "lock"}
    return {"kind": "act", "label": stage_name(tender, now)}


def _frozen(objections: list[Objection], tender: Tender, now: datetime) -> str:
    """What objections hold up, of those that the person may read; empty where nothing is held up."""
    standing = [row for row in objections if not row.withdrawn_by]
    number = sum(row.freezes for row in queries.standings(standing, now)) if standing else 0
    if not number:
        return ""
    if tender.is_draft():
        text = ngettext("Publication frozen: %(n)d objection", "Publication frozen: %(n)d objections", number)
    else:
        text = ngettext("Award frozen: %(n)d objection", "Award frozen: %(n)d objections", number)
    return text % {"n": number}


def _facts(tender: Tender) -> list[tuple[str, str]]:
    """What everybody may know: class, budget, method and weights."""
    facts = []
    if tender.system_class:
        name = _("Class %(class)s") % {"class": tender.system_class}
        facts.append((_("System class"), _with(name, tender.system)))
    if tender.budget is not None:
        facts.append((_("Budget"), money(tender.budget, tender.currency)))
    facts.append((_("Method"), tender.get_method_display()))
    weights = _weights(tender)
    if weights:
        facts.append((_("Weights"), weights))
    return facts


def _with(name: str, words: str) -> str:
    """A name with words in brackets after it, or alone."""
    return _("%(name)s (%(words)s)") % {"name": name, "words": words} if words else name


def _weights(tender: Tender) -> str:
    """Effective points of security, quality and price, in a line."""
    tree = criteria_tree(tender)
    points = {kind: sum((tree.effective[leaf] for leaf in tree.of_kind(kind)), Fraction(0)) for kind in Kind}
    return " · ".join(f"{kind.label} {plain(points[kind])}" for kind in Kind if points[kind])


def _tabs(
    request: HttpRequest, tender: Tender, current: str, *, inside: bool, objections: int
) -> list[dict[str, Any]]:
    """Pages of the tender in the order of its stages; those that are not this person's are not there."""
    counts = {_OBJECTIONS: objections or None}
    return [
        {
            "url": reverse(name, args=[tender.pk]),
            "label": label,
            "count": counts.get(name),
            "current": name == current,
        }
        for name, label, shown in _pages(request.user, tender, request.now)
        if shown and (inside or name in (_SPECIFICATION, _INTAKE, _OBJECTIONS, current))
    ]


def _is_inside(user: User, tender: Tender) -> bool:
    """Whether the person may know of more than the specification; for members it can be less."""
    if user.role != Role.MEMBER or user.unit is None:
        return True
    return tenders_visible_to(user).filter(pk=tender.pk).exists()


def _objections(user: User, tender: Tender) -> list[Objection]:
    """The objections to the tender that the person may read."""
    if not (rules.can_read_objections(user) and tender.objections.exists()):
        return []  # who may read which is a long question, and on most tenders there are none
    visible = queries.objections_visible_to(user).filter(tender=tender)
    rows = list(visible.select_related(None).select_related("bid"))
    for row in rows:
        row.tender = tender
        if row.bid:
            row.bid.tender = tender
    return rows


def _pages(user: User, tender: Tender, now: datetime) -> list[tuple[str, str, bool]]:
    """URL name and label of each page, and whether this person may open it now."""
    of_vendor = user.role == Role.VENDOR
    running = tender.stage not in (Stage.DRAFT, Stage.CANCELLED)
    return [
        (_SPECIFICATION, _("Specification and criteria"), True),
        (_INTAKE, _("Intake"), not of_vendor),
        ("bid", _("Your bid"), of_vendor and running),
        ("invitations", _("Who may bid"), _may_be_invited(user, tender)),
        ("opening", _("Opening"), not of_vendor and running and not tender.is_open_for_bids(now)),
        ("questions", _("Questions"), tender.stage == Stage.PUBLISHED),
        ("amendments", _("Amendments"), not of_vendor and tender.stage == Stage.PUBLISHED),
        ("declaration", _("Declaration of interests"), _declares(user, tender)),
        ("verification", _("Verification"), bool(rules.can_read_bids(user, tender))),
        ("waivers", _("Waivers"), bool(rules.can_read_bids(user, tender))),
        ("marks", _("Marks"), bool(rules.can_read_marks(user, tender))),
        ("differences", _("Differences"), bool(rules.can_read_differences(user, tender))),
        (
            "resolutions",
            _("Resolutions"),
            _has_minutes(tender) and bool(rules.can_read_resolutions(user, tender)),
        ),
        ("decision", _("Ranking and decision"), bool(rules.can_see_ranking(user, tender))),
        (_OBJECTIONS, _("Objections"), bool(rules.can_read_objections(user))),
        ("papers", _("Papers"), bool(rules.can_see_papers(user, tender))),
        ("promises", _("Promises"), bool(rules.can_read_promises(user, tender))),
        ("ocds", _("Open data"), bool(rules.can_export_release(user, tender))),
    ]


def _may_be_invited(user: User, tender: Tender) -> bool:
    """Whether there is something to choose, or to read, about who may bid."""
    chosen = tender.invited_only and bool(rules.can_read_invitations(user, tender))
    return chosen or bool(rules.can_invite(user, tender))


def _has_minutes(tender: Tender) -> bool:
    """Whether the minutes have their own tab; before the first lock they are reached from differences."""
    return tender.round > 1 or tender.stage != Stage.TECHNICAL_OPENED


def _declares(user: User, tender: Tender) -> bool:
    """Whether the person sits on the panel while it declares its interests."""
    return (
        user.role == Role.MEMBER
        and tender.stage == Stage.BIDDERS_NAMED
        and user.seats.filter(tender=tender).exists()
    )
