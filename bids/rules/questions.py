"""Who asks, who answers, and who lets answers out."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from procurement.choices import Role, Stage
from procurement.models import Question, Tender, User
from procurement.rules import Verdict, has_role, no_unless
from procurement.templatetags.figures import moment


def can_read_questions(actor: User, tender: Tender) -> Verdict:
    """Everybody who may know of a tender that was published."""
    return no_unless(
        actor.role != Role.ADMINISTRATOR and tender.published_at is not None,
        _("There are questions once the tender is published."),
    )


def can_ask(actor: User, tender: Tender, now: datetime) -> Verdict:
    """A vendor's people, from the publication until questions end."""
    until = tender.questions_end
    late = until is not None and now >= until
    return (
        has_role(actor, Role.VENDOR)
        & no_unless(
            actor.vendor_id is not None,
            _("Your account belongs to no vendor: ask the bank’s administrator to enter your company."),
        )
        & no_unless(
            tender.is_open_for_bids(now),
            _("Bidding is over: nothing is asked any more. What was answered stands on this page."),
        )
        & no_unless(not late, _late(until))
    )


def _late(until: datetime | None) -> str:
    words = _(
        "Questions were taken until %(moment)s. Later ones are not answered, so that all know the same; what "
        "was answered stands on this page."
    )
    return words % {"moment": moment(until) if until else ""}


def can_route_question(actor: User, question: Question, now: datetime) -> Verdict:
    """Officers, and the unit that has it, hand a question on until its answer is out."""
    return can_draft_answer(actor, question, now)


def can_draft_answer(actor: User, question: Question, now: datetime) -> Verdict:
    """Officers and people of the unit that it was routed to, until it is released."""
    return (
        has_role(actor, Role.OFFICER, Role.MEMBER, Role.APPROVER)
        & no_unless(
            actor.role == Role.OFFICER or (actor.unit_id is not None and actor.unit_id == question.unit_id),
            _("The unit that the question was routed to answers it, or an officer."),
        )
        & no_unless(question.released_at is None, _("The answer was released and stands."))
        & no_unless(question.same_as_id is None, _("It is answered with the question that asks the same."))
        & _goes_on(question.tender, now)
    )


def can_release_answers(actor: User, tender: Tender, now: datetime) -> Verdict:
    """Officers, while bids can still come in."""
    return has_role(actor, Role.OFFICER) & _goes_on(tender, now)


def _goes_on(tender: Tender, now: datetime) -> Verdict:
    """Whether an answer can still change a bid."""
    return no_unless(
        tender.stage == Stage.PUBLISHED and tender.is_open_for_bids(now),
        _("Bidding is over: what was not answered stays unanswered."),
    )


def can_handle_questions(actor: User) -> Verdict:
    """Single questions are pages of the bank; vendors read theirs, and what was released, in one list."""
    return has_role(actor, Role.OFFICER, Role.MEMBER, Role.APPROVER, Role.AUDITOR)
