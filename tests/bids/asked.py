"""What the tests of the intake do by hand: answer, take over, fill in, lower and agree."""

import pytest

from bids.actions.asking import standing_of
from bids.actions.readiness import BLOCKS, publication_checks
from procurement import intake as asking
from procurement.actions import intake as steps
from procurement.actions.blanks import fill_blanks
from procurement.actions.taking import People, take_over
from procurement.choices import Agreement, Part
from procurement.models import Intake, User
from tests.cast import ANSWERS, NOW, PASSPHRASES
from tests.remembered import remembered
from tests.signing_off import sign_off

MILD = {question.code: question.options[0].code for question in asking.QUESTIONS} | {"bought": ["hardware"]}


@pytest.fixture
def bare(draft):
    """A draft that asks nothing yet: who answers for what, three who open bids, a budget and a deadline."""
    draft.requirements.all().delete()
    draft.criteria.all().delete()
    draft.seats.all().delete()
    Intake.objects.all().delete()
    return draft


def answer(cast, tender, seen=0, **changes):
    return steps.answer_intake(
        actor=cast.officer, tender=tender, answers=ANSWERS | changes, seen=seen, now=NOW
    )


def everybody(cast, units):
    it = User.objects.create(
        username="operator", name="Operator", role="member", unit=units["it"], password="x"
    )
    owners = {"security": cast.security, "it": it, "business": cast.business, "procurement": cast.officer}
    return People(owners, {"security": cast.security, "it": it, "business": cast.business})


def take(cast, units, tender, parts=tuple(Part)):
    people = everybody(cast, units)
    return take_over(actor=cast.officer, tender=tender, parts=parts, people=people, now=NOW)


def fill(cast, tender):
    values = {
        (row.pk, blank["id"]): blank["suggested"] or "2026/11/01"
        for row in tender.requirements.all()
        for blank in row.blanks
    }
    return fill_blanks(actor=cast.officer, tender=tender, values=values, now=NOW)


def confirm(cast, tender):
    notes = dict.fromkeys(("feasibility", "concentration", "cost"), "Memo 115-3")
    steps.confirm_steps(actor=cast.officer, tender=tender, notes=notes, now=NOW)


def blocking(tender):
    found = publication_checks(sign_off(tender), NOW)
    return [check.text for check in found if check.level == BLOCKS]


def lower(cast, tender, keys, reason="Covered elsewhere."):
    found = {one.proposal.key: one for one in standing_of(tender).unasked}
    items = [asking.lowering_of(found[key]) for key in keys]
    return steps.ask_to_lower(actor=cast.officer, tender=tender, items=items, reason=reason, now=NOW)


def agree(who, lowering, verdict=Agreement.AGREED, reason=""):
    return steps.answer_lowering(
        actor=who, lowering=lowering, answer=verdict, reason=reason, seen=lowering.version, now=NOW
    )


@pytest.fixture
def taken(cast, units, bare):
    """The same draft with everything that the intake of cash machines proposes."""
    remembered("taken", lambda: (answer(cast, bare), take(cast, units, bare)), PASSPHRASES)
    bare.refresh_from_db()
    return bare
