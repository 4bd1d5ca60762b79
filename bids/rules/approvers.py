"""Who stands above a tender, and who names another approver when nobody named can answer any more."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from bids.models import Objection
from procurement.choices import Role, Stage, UnitKind
from procurement.models import Tender, User
from procurement.rules import Verdict, has_role, no_unless

#: A draft is edited instead, and what is over needs no answer.
_RUNNING = frozenset(Stage) - {Stage.DRAFT, Stage.AWARDED, Stage.CANCELLED}


def _standing_objections(tender: Tender) -> list[Objection]:
    """Those that were not withdrawn: an answer to one can lapse."""
    return list(tender.objections.filter(withdrawn_by=""))


def can_still_answer(person: User | None, tender: Tender, objections: Iterable[Objection] = ()) -> bool:
    """Whether somebody named could decide on the tender and answer the objections.

    Not who has left, is no approver any more, runs or owns the tender, marks it, or belongs to the unit that
    proposes it or that objects.
    """
    return (
        person is not None
        and person.is_active
        and person.role == Role.APPROVER
        and person.pk not in (tender.officer_id, tender.owner_id)
        and person.unit_id != tender.owner_unit_id
        and not person.seats.filter(tender=tender).exists()
        and not any(_is_a_side(person, row) for row in objections)
    )


def _is_a_side(person: User, objection: Objection) -> bool:
    """Whether the person, or the person's unit, objects."""
    return person.pk == objection.raiser_id or person.unit_id == objection.unit_id


def stands_above(person: User, tender: Tender) -> Verdict:
    """Whether a person may be named: able to answer everything, and of no unit of security."""
    of_security = person.unit is not None and person.unit.kind == UnitKind.SECURITY
    return no_unless(
        can_still_answer(person, tender, _standing_objections(tender)) and not of_security,
        _(
            "%(name)s is no approver above the units: not of security, of the accountable or of an objecting"
            " unit, and neither running, owning nor marking the tender."
        )
        % {"name": person},
    )


def can_name_approver(actor: User, tender: Tender) -> Verdict:
    """The officer who runs the tender, and only where neither of the two named can answer or decide.

    Nobody chooses who answers: while one of them can, nobody else is named.
    """
    runs = has_role(actor, Role.OFFICER) & no_unless(
        tender.officer_id in (None, actor.pk), _("The officer who runs the tender names another approver.")
    )
    going = no_unless(
        tender.stage in _RUNNING, _("Another approver is named between the publication and the award.")
    )
    return runs & going and no_unless(
        _nobody_can(tender),
        _("The approver, or the one next above, can answer: nobody else is named in their place."),
    )


def _nobody_can(tender: Tender) -> bool:
    """Whether there is a matter, an objection or the award, that neither of the two named can settle."""
    named = [person for person in (tender.approver, tender.escalation) if person is not None]
    able = [person for person in named if can_still_answer(person, tender)]
    return not able or any(
        all(_is_a_side(person, row) for person in able) for row in _standing_objections(tender)
    )
