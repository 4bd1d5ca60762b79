"""What the intake proposes for a tender, and how what a draft holds compares with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from procurement.catalogues.baseline import EVIDENCE, Requirement, by_id
from procurement.intake.classification import Classification
from procurement.intake.raising import CLASSES
from procurement.intake.words import (
    CLASSIFICATION,
    COMMITTEE,
    EVALUATION,
    OWN,
    SUPPLY_CHAIN,
    Sentence,
    gettext_noop,
)

#: Edition of questions, rules and proposals; an intake keeps the one it was made with.
VERSION = "2026.11"

SYSTEM_CLASS, METHOD, FORMULA = "system_class", "method", "price_formula"
SECURITY_WEIGHT, PRICE_WEIGHT, SECURITY_MINIMUM = "security_weight", "price_weight", "security_minimum"
PANEL, STEP, ASK, ANSWER = "panel:", "step:", "ask:", "answer:"

GATE, SCORED, YES, NO = "gate", "scored", "yes", "no"
_ASKED = (SCORED, GATE)
#: Methods by how much security can decide; every other one weighs it beside the price.
_WEAK_METHODS = ("lowest-price", "pass-then-lowest")

#: Shares of a hundred points by class; a level or a tier may ask for more.
_WEIGHT_BY_CLASS = {"3": 30, "2": 35, "1": 45}
_WEIGHT_BY_LEVEL = {"basic": 30, "medium": 35, "high": 40}
_WEIGHT_BY_TIER = {"none": 30, "low": 30, "medium": 35, "high": 40}
_PRICE_WEIGHT = 30
#: Share of the security points below which a bid is out, in per cent.
_MINIMUM_BY_LEVEL = {"basic": 50, "medium": 60, "high": 70}
#: The least evidence behind the answer to a gate.
_EVIDENCE_BY_LEVEL = {"basic": "claimed", "medium": "attested", "high": "attested"}

STEPS = {
    "feasibility": gettext_noop("A security feasibility analysis before the tender"),
    "concentration": gettext_noop("A check of how much already depends on the same vendors"),
    "cost": gettext_noop("A line of the budget for security"),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing proposed: what, its value, why, and by which rule."""

    key: str
    value: str
    why: Sentence
    source: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a draft holds of what is proposed: numbers in per cent, requirements by their baseline id.

    `asks` are written as proposals are (`gate/attested`); `steps` are those that somebody confirmed.
    """

    system_class: str
    method: str
    price_formula: str
    security_weight: Decimal
    price_weight: Decimal
    security_minimum: Decimal
    panel: frozenset[str]
    asks: Mapping[str, str]
    steps: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """A proposal beside what the draft holds; `found` is empty where it holds nothing of it."""

    proposal: Proposal
    found: str

    @property
    def is_lowered(self) -> bool:
        """Whether the draft asks for less than is proposed."""
        return not is_at_least(self.proposal.key, self.found, self.proposal.value)

    @property
    def is_raised(self) -> bool:
        """Whether the draft asks for more."""
        return not self.is_lowered and self.found != self.proposal.value


def propose(result: Classification) -> tuple[Proposal, ...]:
    """Everything that is proposed for a classification, in the order in which a person reads it."""
    return (
        *_rules(result),
        *_weights(result),
        *_panel(result),
        *_steps(result),
        *(_ask(row, result) for row in asked_of(result)),
    )


def asked_of(result: Classification) -> list[Requirement]:
    """The requirements of the baseline that a classification asks for, in order."""
    return [
        row for row in by_id().values() if row.is_asked(result.level, result.bought, result.circumstances)
    ]


def _rules(result: Classification) -> Iterable[Proposal]:
    shown = {"class": result.system_class}
    yield Proposal(
        SYSTEM_CLASS,
        result.system_class,
        Sentence(gettext_noop("The answers make it a Class %(class)s system."), shown),
        SUPPLY_CHAIN,
    )
    yield Proposal(
        METHOD,
        "total",
        Sentence(gettext_noop("Security and price are weighed together, in the open, before anybody bids.")),
        EVALUATION,
    )
    yield Proposal(
        FORMULA,
        "ceiling-linear",
        Sentence(gettext_noop("A price earns the same points whoever else bids.")),
        EVALUATION,
    )


def _weights(result: Classification) -> Iterable[Proposal]:
    weight = max(
        _WEIGHT_BY_CLASS[result.system_class], _WEIGHT_BY_LEVEL[result.level], _WEIGHT_BY_TIER[result.tier]
    )
    yield Proposal(
        SECURITY_WEIGHT,
        str(weight),
        Sentence(
            gettext_noop("Class, level and outsourcing risk ask for %(n)s of 100 points."), {"n": str(weight)}
        ),
        OWN,
    )
    yield Proposal(
        PRICE_WEIGHT,
        str(_PRICE_WEIGHT),
        Sentence(gettext_noop("A scored price weighs 20 to 50 of 100, and no more than security.")),
        EVALUATION,
    )
    minimum = str(_MINIMUM_BY_LEVEL[result.level])
    yield Proposal(
        SECURITY_MINIMUM,
        minimum,
        Sentence(
            gettext_noop("Below %(n)s %% of the security points a bid is out, however cheap it is."),
            {"n": minimum},
        ),
        EVALUATION,
    )


def _panel(result: Classification) -> Iterable[Proposal]:
    sides = {
        "security": gettext_noop("Security marks what it will have to defend."),
        "business": gettext_noop("The business marks what it will have to use and to answer for."),
    }
    if result.system_class != CLASSES[0] or result.level != "basic":
        sides["it"] = gettext_noop("IT marks what it will have to run.")
    for side, why in sides.items():
        yield Proposal(f"{PANEL}{side}", YES, Sentence(why), COMMITTEE)


def _steps(result: Classification) -> Iterable[Proposal]:
    if result.in_scope:
        for code, text in STEPS.items():
            yield Proposal(f"{STEP}{code}", YES, Sentence(text), SUPPLY_CHAIN)


def _ask(row: Requirement, result: Classification) -> Proposal:
    is_gate = row.is_gate_at(result.level)
    floor = _EVIDENCE_BY_LEVEL[result.level] if is_gate else EVIDENCE[0]
    evidence = max(row.evidence_for(result.level), floor, key=EVIDENCE.index)
    return Proposal(
        f"{ASK}{row.id}", f"{GATE if is_gate else SCORED}/{evidence}", Sentence(""), CLASSIFICATION
    )


# --- comparing ----------------------------------------------------------------------------------------------
def is_at_least(key: str, found: str, wanted: str) -> bool:
    """Whether one value of a proposal asks for as much as another. Nothing asks for less than anything."""
    if key in (FORMULA, PRICE_WEIGHT):
        return True
    if not found:
        return False
    if key.startswith(ASK):
        scales = (_ASKED, (*EVIDENCE, "verified"))
        parts = zip(scales, found.split("/"), wanted.split("/"), strict=True)
        return all(scale.index(one) >= scale.index(other) for scale, one, other in parts)
    if key in (SYSTEM_CLASS, METHOD, SECURITY_WEIGHT, SECURITY_MINIMUM):
        return _strength(key, found) >= _strength(key, wanted)
    return found == wanted


def _strength(key: str, value: str) -> Decimal:
    """How much a value of a rule asks for."""
    if key == SYSTEM_CLASS:
        return Decimal(CLASSES.index(value))
    if key == METHOD:
        return Decimal(_WEAK_METHODS.index(value) if value in _WEAK_METHODS else len(_WEAK_METHODS))
    return Decimal(value)


def compare(proposals: Iterable[Proposal], facts: Facts) -> list[Finding]:
    """Each proposal beside what the draft holds of it."""
    return [Finding(proposal, _found(proposal.key, facts)) for proposal in proposals]


def _found(key: str, facts: Facts) -> str:
    plain = {
        SYSTEM_CLASS: facts.system_class,
        METHOD: facts.method,
        FORMULA: facts.price_formula,
        SECURITY_WEIGHT: _tenths(facts.security_weight),
        PRICE_WEIGHT: _tenths(facts.price_weight),
        SECURITY_MINIMUM: _tenths(facts.security_minimum),
    }
    if key in plain:
        return plain[key]
    prefix, _, rest = key.partition(":")
    if prefix == PANEL[:-1]:
        return YES if rest in facts.panel else ""
    if prefix == STEP[:-1]:
        return YES if rest in facts.steps else ""
    return facts.asks.get(rest, "")


def _tenths(number: Decimal) -> str:
    """A number in plain notation, cut to one decimal place."""
    text = f"{int(number * 10) / Decimal(10):f}"
    return text.removesuffix(".0")
