"""My work: what waits for me by deadline, what I wait for, and where tenders stand."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bids.views.waiting import Desk, next_step
from procurement import clock
from procurement.audit import standing
from procurement.choices import Role
from procurement.views.lists import page_of
from procurement.views.stages import steps
from procurement.views.trail_content import why

#: Who is told that the clock went back, and that a backup was restored.
TOLD_OF_CLOCK = (Role.OFFICER, Role.AUDITOR, Role.ADMINISTRATOR)


def clock_alarm(request: HttpRequest) -> clock.Alarm | None:
    """What those who answer for the site are told of its clock."""
    return clock.alarm(request.now) if request.user.role in TOLD_OF_CLOCK else None


def trail_alarm(request: HttpRequest) -> str:
    """What those who answer for the site are told of its trail; empty where all is well."""
    if request.user.role not in TOLD_OF_CLOCK:
        return ""
    state = standing.look()
    return why(state.why) if state.why else ""


@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """The first page after signing in."""
    desk = Desk(request.user, request.now)
    tasks = desk.tasks()
    page = page_of(request, desk.tenders)
    for tender in page:
        tender.steps = steps(tender, request.now)
        tender.next_step, tender.next_by = next_step(tender, request.now)
    context = {
        "tasks": tasks,
        "waits": desk.waits(),
        "overdue": desk.overdue(tasks),
        "soon": desk.soon(tasks),
        "page": page,
        "is_administrator": request.user.role == Role.ADMINISTRATOR,
        "is_auditor": request.user.role == Role.AUDITOR,
        "clock_alarm": clock_alarm(request),
        "trail_alarm": trail_alarm(request),
        "is_paused": standing.is_another_database(),
    }
    return render(request, "bids/work/work.html", context)
