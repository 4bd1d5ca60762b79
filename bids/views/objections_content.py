"""What the pages of objections say: one in full, and lists of them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils.translation import gettext as _

from bids import queries, rules
from bids.actions.objections import digest_of
from bids.actions.snapshots import on_screen, state_of
from bids.choices import AnswerKind, ObjectionState
from bids.forms.objections import ObjectionFilters
from bids.models import Claim, Condition, Objection, ObjectionAnswer, Recusal
from bids.queries import Standing
from procurement.models import Tender, User
from procurement.queries import tenders_visible_to
from procurement.rules import Verdict

from .objection_states import Comparison, Reader

#: Kind and sign of the chip of each state.
_LOOKS = {
    ObjectionState.OPEN: ("no", "clock"),
    ObjectionState.UPHELD: ("warn", "lock"),
    ObjectionState.LAPSED: ("no", "alert"),
    ObjectionState.EXPIRED: ("no", "clock"),
    ObjectionState.WITHDRAWN: ("", "minus"),
}

#: What an answer that holds is called.
_ANSWERED = {
    AnswerKind.UPHELD: ("ok", "check"),
    AnswerKind.ACCEPTED: ("warn", "flag"),
    AnswerKind.REJECTED: ("", "x"),
}


@dataclass(frozen=True)
class Item:
    """An objection in a list, with the chip that says where it stands."""

    standing: Standing

    @property
    def row(self) -> Objection:
        """The objection."""
        return self.standing.objection

    @property
    def kind(self) -> str:
        """Colour of the chip."""
        return self._look[0]

    @property
    def sign(self) -> str:
        """Sign of the chip."""
        return self._look[1]

    @property
    def _look(self) -> tuple[str, str]:
        answer = self.standing.answer
        if self.standing.state == ObjectionState.ANSWERED and answer:
            return _ANSWERED[AnswerKind(answer.kind)]
        return _LOOKS[self.standing.state]

    @property
    def word(self) -> str:
        """The word of the chip."""
        answer = self.standing.answer
        if self.standing.state == ObjectionState.ANSWERED and answer:
            words = {
                AnswerKind.UPHELD: _("Upheld, settled"),
                AnswerKind.ACCEPTED: _("Risk accepted"),
                AnswerKind.REJECTED: _("Rejected"),
            }
            return words[AnswerKind(answer.kind)]
        return str(self.standing.state.label)


def items(objections: Iterable[Objection], now: datetime, state: str = "") -> list[Item]:
    """The objections that stand so: what freezes first, by the date the answer is due; then the rest."""
    found = [Item(standing) for standing in queries.standings(objections, now)]
    wanted = {
        ObjectionFilters.OPEN: lambda item: item.standing.freezes,
        ObjectionFilters.OVERDUE: lambda item: item.standing.is_overdue,
        ObjectionFilters.ANSWERED: lambda item: not item.standing.freezes,
    }
    if state in wanted:
        found = [item for item in found if wanted[state](item)]
    frozen = sorted((i for i in found if i.standing.freezes), key=lambda i: (i.row.due_at, i.row.pk))
    return frozen + sorted((i for i in found if not i.standing.freezes), key=lambda i: -i.row.pk)


@dataclass(frozen=True)
class Step:
    """One thing that happened to an objection."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True)
class Must:
    """Somebody who has to answer, and where that stands."""

    name: str
    part: str
    kind: str = ""
    word: str = ""
    after: datetime | None = None


@dataclass(frozen=True)
class ConditionRow:
    """A condition of an acceptance, and whether the reader may say that it is met."""

    row: Condition
    late: bool
    can_meet: Verdict


class ObjectionContent:
    """One objection for one reader."""

    def __init__(self, user: User, objection: Objection, now: datetime) -> None:
        self.user, self.row, self.now = user, objection, now
        self.tender: Tender = objection.tender
        self.standing = queries.standing(objection, now)
        self.item = Item(self.standing)

    # --- what the reader may do -----------------------------------------------------------------------------
    @cached_property
    def can_answer(self) -> Verdict:
        """Whether the reader answers."""
        return rules.can_answer_objection(self.user, self.row, self.now)

    @cached_property
    def can_name(self) -> Verdict:
        """Whether the reader names another approver, because nobody named can answer."""
        return rules.can_name_approver(self.user, self.tender)

    @cached_property
    def can_state(self) -> Verdict:
        """Whether the reader states an opinion."""
        return rules.can_state_opinion(self.user, self.row)

    @cached_property
    def can_withdraw(self) -> Verdict:
        """Whether the reader withdraws it."""
        return rules.can_withdraw_objection(self.user, self.row, self.now)

    @cached_property
    def can_confirm(self) -> Verdict:
        """Whether the reader confirms the remedy."""
        return rules.can_confirm_remedy(self.user, self.row, self.now)

    @cached_property
    def can_exclude(self) -> Verdict | None:
        """Whether the reader excludes the bid that it was upheld against."""
        upheld = self.row.bid is not None and self.standing.state == ObjectionState.UPHELD
        return rules.can_exclude(self.user, self.row.bid) if upheld else None

    @cached_property
    def is_raiser(self) -> bool:
        """Whether the reader raised it."""
        return self.row.raiser_id == self.user.pk

    # --- what it says ---------------------------------------------------------------------------------------
    @cached_property
    def claim(self) -> Claim | None:
        """What the bid says to the requirement concerned, and what was found."""
        if self.row.bid_id is None or self.row.requirement_id is None:
            return None
        return Claim.objects.filter(bid=self.row.bid_id, requirement=self.row.requirement_id).first()

    @cached_property
    def answers(self) -> list[ObjectionAnswer]:
        """Every answer, the last first."""
        return list(reversed(self.row.answers.all()))

    def conditions(self) -> list[ConditionRow]:
        """Those of the last answer."""
        return [
            ConditionRow(row, self.standing.is_late(row), rules.can_meet_condition(self.user, row))
            for row in self.standing.conditions
        ]

    def frozen(self) -> str:
        """The sentence that says what it freezes; empty when it does not."""
        return rules.why_frozen(self.standing) if self.standing.freezes else ""

    def musts(self) -> Iterator[Must]:
        """Who answers, and who does when it is late."""
        tender, waits = self.tender, self.standing.waits
        if tender.approver:
            state = ("no", _("Unanswered")) if waits else ("", "")
            yield Must(_named(tender.approver), _("must answer"), *state)
        if tender.escalation:
            late = self.standing.is_overdue
            state = ("no", _("Unanswered")) if late else ("", "")
            part = _("answers once it is overdue")
            yield Must(_named(tender.escalation), part, *state, after=None if late else self.row.due_at)

    # --- then and now ---------------------------------------------------------------------------------------
    @cached_property
    def _reader(self) -> Reader:
        inside = tenders_visible_to(self.user).filter(pk=self.tender.pk).exists()
        apart = Recusal.objects.filter(seat__user=self.user, seat__tender=self.tender).exists()
        return Reader(
            bids=inside,
            marks=inside and bool(rules.can_read_marks(self.user, self.tender)),
            ranking=inside and not apart and bool(rules.can_see_ranking(self.user, self.tender)),
        )

    @cached_property
    def seen(self) -> str:
        """What an answer given on this page would rest on."""
        return on_screen(self.row, self.now)

    @cached_property
    def snapshots(self) -> list[tuple[str, datetime, Comparison]]:
        """The state when it was raised, and when it was answered last, each beside the present one."""
        now = state_of(self.tender, self.row.bid, self.now)
        frozen = [(_("The case when this was raised"), self.row.raised_at, self.row.snapshot)]
        if self.answers:
            last = self.answers[0]
            frozen.append((_("The case when it was answered"), last.answered_at, last.snapshot))
        return [
            (title, at, Comparison(self.row, json.loads(text), now, self._reader))
            for title, at, text in frozen
        ]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the state at raise."""
        return digest_of(self.row.snapshot)

    # --- what happened --------------------------------------------------------------------------------------
    def steps(self) -> list[Step]:
        """Everything that was said, the latest first."""
        row = self.row
        found = [
            Step(row.raised_at, row.raised_by, _("raised the objection; the state of the case was frozen"))
        ]
        found += [Step(said.at, said.by_name, _("stated an opinion")) for said in row.statements.all()]
        for answer in self.answers:
            kind = str(AnswerKind(answer.kind).label)
            found.append(
                Step(answer.answered_at, answer.answered_by, _("answered: %(kind)s") % {"kind": kind})
            )
            found += [Step(c.at, c.by_name, _("confirmed the remedy")) for c in answer.confirmations.all()]
            found += [
                Step(c.met_at, c.met_by, _("met a condition")) for c in answer.conditions.all() if c.met_at
            ]
        if row.withdrawn_at:
            found.append(Step(row.withdrawn_at, row.withdrawn_by, _("withdrew the objection")))
        return sorted(found, key=lambda step: step.at, reverse=True)

    def others(self) -> list[Item]:
        """The other objections on the tender."""
        rows = queries.objections_visible_to(self.user).filter(tender=self.tender).exclude(pk=self.row.pk)
        return items(rows, self.now)


def _named(person: User) -> str:
    return f"{person} · {person.belongs_to}"
