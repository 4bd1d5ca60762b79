"""What the intake's pages show: answers and their effects, proposals beside the draft, what was lowered."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.forms import BoundField
from django.utils.translation import gettext as _

from bids.actions.asking import Standing, in_words
from procurement import intake, rules
from procurement.catalogues import baseline
from procurement.choices import EvidenceAsked, ProtectionLevel, RiskTier, UnitKind
from procurement.forms.intake import LoweringAnswerForm, StepsForm
from procurement.intake import proposals as keys
from procurement.intake.raising import CIRCUMSTANCE, CLASS, LEVEL, SCOPE, TIER, Rule
from procurement.models import Lowering, User

#: What a row is marked with: kind of chip, and word.
STATES = {
    "met": ("ok", lambda: _("As proposed")),
    "raised": ("ok", lambda: _("More than proposed")),
    "other": ("", lambda: _("Other than proposed")),
    "agreed": ("warn", lambda: _("Lowered, agreed")),
    "waits": ("warn", lambda: _("Waits for security")),
    "lowered": ("no", lambda: _("Less than proposed")),
    "open": ("", lambda: _("Not taken over yet")),
}


@dataclass(frozen=True)
class Effect:
    """What one answer did: on what, the value, why, by which source, and whether the result rests on it."""

    on: str
    value: str
    why: str
    source: str
    decisive: bool


@dataclass(frozen=True)
class Answered:
    """A question with the answers that were given, and what they did."""

    question: str
    answers: list[str]
    effects: list[Effect]


class Explained:
    """Answers as far as they are given, question by question, and the result once all of them are."""

    def __init__(self, answers: intake.Answers) -> None:
        self.given = answers
        complete = all(answers.get(code) for code in intake.BY_CODE)
        self.result = intake.classify(answers) if complete else None

    @property
    def missing(self) -> int:
        """How many questions have no answer yet."""
        return sum(not self.given.get(code) for code in intake.BY_CODE)

    @cached_property
    def questions(self) -> list[Answered]:
        """Every question that has an answer."""
        return [
            Answered(
                _(question.text),
                [_(question.text_of(option)) for option in intake.chosen(self.given, question.code)],
                [self._effect(rule) for rule in intake.effects_of(self.given, question.code)],
            )
            for question in intake.QUESTIONS
            if self.given.get(question.code)
        ]

    def _effect(self, rule: Rule) -> Effect:
        names = {
            CLASS: (_("System class"), lambda: _("Class %(class)s") % {"class": rule.value}),
            LEVEL: (_("Protection level"), lambda: str(ProtectionLevel(rule.value).label)),
            TIER: (_("Outsourcing risk"), lambda: str(RiskTier(rule.value).label)),
            CIRCUMSTANCE: (_("Requirements"), lambda: ""),
            SCOPE: (_("Supply chain rules"), lambda: ""),
        }
        on, value = names[rule.on]
        decisive = self.result is not None and self.result.is_decisive(rule)
        return Effect(on, value(), _(rule.why), _(rule.source), decisive)

    @property
    def level(self) -> str:
        """The protection level in words."""
        return str(ProtectionLevel(self.result.level).label) if self.result else ""

    @property
    def tier(self) -> str:
        """The outsourcing risk in words."""
        return str(RiskTier(self.result.tier).label) if self.result else ""

    @cached_property
    def proposed(self) -> dict[str, str]:
        """Weight and minimum of security, and how many requirements and gates are proposed."""
        if self.result is None:
            return {}
        by_key = {one.key: one.value for one in intake.propose(self.result)}
        asks = [value for key, value in by_key.items() if key.startswith(keys.ASK)]
        return {
            "weight": by_key[keys.SECURITY_WEIGHT],
            "minimum": by_key[keys.SECURITY_MINIMUM],
            "asks": str(len(asks)),
            "gates": str(sum(value.startswith(keys.GATE) for value in asks)),
        }


@dataclass(frozen=True)
class Row:
    """A proposal as a row: what, proposed, found, why, source, state; `entry` for those of the baseline."""

    key: str
    name: str
    proposed: str
    found: str
    why: str
    source: str
    state: str
    entry: baseline.Requirement | None = None

    @property
    def chip(self) -> tuple[str, str]:
        """Kind of chip, and word."""
        kind, word = STATES[self.state]
        return kind, word()

    @property
    def code(self) -> str:
        """The identifier of the requirement."""
        return self.key.removeprefix(keys.ASK)


@dataclass(frozen=True)
class Asked:
    """A family of requirements with its rows."""

    code: str
    title: str
    rows: list[Row]
    open: bool


@dataclass(frozen=True)
class Step:
    """Something to be done before the tender: what was said of it, or the field to say it."""

    row: Row
    done: dict[str, str] | None
    field: BoundField | None

    @property
    def at(self) -> datetime | None:
        """When it was confirmed."""
        return datetime.fromisoformat(self.done["at"]) if self.done else None


@dataclass(frozen=True)
class Request:
    """What somebody wants to lower, in words, and the form to answer it where the reader may."""

    row: Lowering
    items: list[str]
    verdict: rules.Verdict
    form: LoweringAnswerForm | None

    @property
    def key(self) -> str:
        """Unique on the page."""
        return f"answer-{self.row.pk}"


class Content:
    """An intake's result beside its draft."""

    def __init__(self, standing: Standing, language: str) -> None:
        self.standing, self.language = standing, language
        self.rows = [self._row(one) for one in standing.findings]

    def _row(self, one: intake.Finding) -> Row:
        proposal = one.proposal
        entry = baseline.by_id().get(proposal.key.removeprefix(keys.ASK))
        name, proposed, found = in_words(one)
        why = _(proposal.why.template) % proposal.why.params if proposal.why.template else ""
        source = _(proposal.source) if proposal.source else ""
        state = self.standing.state[proposal.key]
        if state == "lowered" and one.found in ("", "0") and not self.is_taken:
            state = "open"
        elif state == "raised" and proposal.key in (keys.FORMULA, keys.PRICE_WEIGHT):
            state = "other"
        return Row(proposal.key, name, proposed, found, why, source, state, entry)

    def _of(self, *prefixes: str) -> list[Row]:
        return [row for row in self.rows if row.key.startswith(prefixes)]

    @property
    def rules(self) -> list[Row]:
        """Class, method, weights and minimum, the panel, and answers that ask for less than before."""
        apart = (keys.ASK, keys.STEP)
        return [row for row in self.rows if not row.key.startswith(apart)]

    @property
    def open_steps(self) -> list[str]:
        """What comes before the tender, and nobody has said yet that it was done."""
        codes = [row.key.removeprefix(keys.STEP) for row in self._of(keys.STEP)]
        return [code for code in codes if code not in self.standing.row.steps]

    def steps(self, faulty: StepsForm | None = None) -> list[Step]:
        """What comes before the tender, and what was said of it; `faulty` is the form to show again."""
        form = faulty or StepsForm(steps=self.open_steps)
        rows = {row.key.removeprefix(keys.STEP): row for row in self._of(keys.STEP)}
        done = self.standing.row.steps
        return [
            Step(row, done.get(code), form[code] if code in form.fields else None)
            for code, row in rows.items()
        ]

    @cached_property
    def families(self) -> list[Asked]:
        """The requirements by family; a family is open where one is less than proposed."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self._of(keys.ASK):
            rows[row.entry.family if row.entry else ""].append(row)
        titles = {family.code: family.title.of(self.language) for family in baseline.families()}
        return [
            Asked(code, titles.get(code, code), found, self.is_taken and not all(map(_is_settled, found)))
            for code, found in rows.items()
        ]

    @cached_property
    def is_taken(self) -> bool:
        """Whether anything of the requirements is in the draft, or the tender is no draft any more."""
        asks = [one for one in self.standing.findings if one.proposal.key.startswith(keys.ASK)]
        return any(one.found for one in asks) or not self.standing.row.tender.is_draft()

    @property
    def tests(self) -> list[Row]:
        """Requirements that only an independent test shows."""
        wanted = str(EvidenceAsked.TESTED.label)
        return [row for row in self._of(keys.ASK) if row.proposed.endswith(wanted)]

    @property
    def owners(self) -> list[tuple[str, int, int]]:
        """Who must own what: the side, and for how many requirements and gates it answers."""
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        gate = str(_("Gate"))
        for row in self._of(keys.ASK):
            if row.entry:
                counts[row.entry.side][0] += 1
                counts[row.entry.side][1] += row.proposed.startswith(gate)
        return [(str(UnitKind(side).label), *counts[side]) for side in baseline.SIDES if side in counts]

    @property
    def panel(self) -> list[str]:
        """The sides that are to sit on the panel."""
        return [row.key.removeprefix(keys.PANEL) for row in self._of(keys.PANEL)]

    @property
    def lowerable(self) -> list[str]:
        """Keys that somebody may ask to lower: what the draft asks less of, and about which nobody asked."""
        return [one.proposal.key for one in self.standing.lowerable]

    def requests(
        self, user: User, at: int | None = None, faulty: LoweringAnswerForm | None = None
    ) -> list[Request]:
        """What was asked to be lowered, the last first; `faulty` is the form to show at one of them."""
        return [
            self._request(row, user, faulty if row.pk == at else None)
            for row in reversed(self.standing.row.lowerings.all())
        ]

    def _request(self, row: Lowering, user: User, faulty: LoweringAnswerForm | None) -> Request:
        row.intake = self.standing.row
        verdict = rules.can_answer_lowering(user, row)
        form = faulty or LoweringAnswerForm(
            actor=user, prefix=f"lowering-{row.pk}", initial={"version": row.version}
        )
        return Request(row, list(_lowered(row.items)), verdict, form if verdict else None)


def _is_settled(row: Row) -> bool:
    return row.state != "lowered"


def _lowered(items: Iterable[dict[str, Any]]) -> Iterable[str]:
    """Each item in words."""
    for item in items:
        proposal = intake.Proposal(item["key"], item["proposed"], intake.Sentence(_step(item["key"])))
        name, proposed, found = in_words(intake.Finding(proposal, item["value"]))
        yield _("%(name)s: %(proposed)s → %(found)s") % {"name": name, "proposed": proposed, "found": found}


def _step(key: str) -> str:
    """The words of a step before the tender; other proposals are named by their key."""
    return keys.STEPS.get(key.removeprefix(keys.STEP), "")
