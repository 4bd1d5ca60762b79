"""What waits between a ranking and a final award: a recommendation, signatures, answers to complaints."""

from collections.abc import Collection, Iterable, Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from bids import queries, rules
from procurement.choices import Stage
from procurement.models import Tender, User

from .tasks import Task


def recommendations_to_record(tenders: Iterable[Tender]) -> Iterator[Task]:
    """Rankings about which the panel has not said what it recommends."""
    ranked = _ranked(tenders)
    known = queries.recommendations_of(ranked) if ranked else {}
    for tender in ranked:
        if tender.pk not in known:
            what, url = _("Record the panel's recommendation"), reverse("recommendation", args=[tender.pk])
            yield Task(what, tender, None, _("The ranking is presented"), url, _("Record"))


def awards_to_sign(user: User, tenders: Iterable[Tender], frozen: Collection[object]) -> Iterator[Task]:
    """What the approver signs for a side, decides, and answers. `frozen` are keys of tenders."""
    ranked = [tender for tender in _ranked(tenders) if tender.pk not in frozen]
    known = queries.recommendations_of(ranked) if ranked else {}
    seated = set(user.seats.values_list("tender", flat=True)) if known else set()
    for tender in ranked:
        resolution = known.get(tender.pk)
        if resolution is None or tender.pk in seated or user.pk in (tender.officer_id, tender.owner_id):
            continue
        missing = queries.sides_missing(resolution)
        signed = any(row.signer_id == user.pk for row in resolution.approvals.all())
        if not signed and rules.side_of(user) in missing:
            what, url = _("Approve the recommendation"), reverse("approve", args=[tender.pk])
            yield Task(what, tender, None, str(resolution.bid), url, _("Approve or refuse"))
        elif not signed and not missing and rules.decides(user, tender):
            url = reverse("award", args=[tender.pk])
            yield Task(_("Decide the award"), tender, None, str(resolution.bid), url, _("Decide"))
    for row in queries.complaints_waiting(user):
        url = reverse("complaint", args=[row.pk])
        yield Task(_("Answer a complaint"), row.award.tender, None, row.complainant, url, _("Answer"))


def _ranked(tenders: Iterable[Tender]) -> list[Tender]:
    return [tender for tender in tenders if tender.stage == Stage.RANKED]
