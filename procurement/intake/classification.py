"""From answers to system class, protection level and outsourcing risk tier."""

from dataclasses import dataclass

from procurement.catalogues.baseline import CIRCUMSTANCES
from procurement.intake.questions import BOUGHT, BY_CODE, Answers, chosen
from procurement.intake.raising import CIRCUMSTANCE, CLASS, LEVEL, RULES, SCALES, SCOPE, TIER, Rule


@dataclass(frozen=True, slots=True)
class Classification:
    """What the answers come to. `reasons` are the rules that hold, in order."""

    system_class: str
    level: str
    tier: str
    circumstances: frozenset[str]
    in_scope: bool
    bought: tuple[str, ...]
    reasons: tuple[Rule, ...]

    def is_decisive(self, rule: Rule) -> bool:
        """Whether the result is what it is because of this rule, among others perhaps."""
        results = {CLASS: self.system_class, LEVEL: self.level, TIER: self.tier}
        return results.get(rule.on, rule.value) == rule.value


def classify(answers: Answers) -> Classification:
    """Class, level, tier and circumstances, each the strongest that a rule asks for. Raises `Unanswered`."""
    for code in BY_CODE:
        chosen(answers, code)
    held = tuple(rule for rule in RULES if rule.holds(answers))
    strongest = {
        on: max((rule.value for rule in held if rule.on == on), key=scale.index, default=scale[0])
        for on, scale in SCALES.items()
    }
    circumstances = frozenset(rule.value for rule in held if rule.on == CIRCUMSTANCE)
    return Classification(
        system_class=strongest[CLASS],
        level=strongest[LEVEL],
        tier=strongest[TIER],
        circumstances=circumstances & frozenset(CIRCUMSTANCES),
        in_scope=any(rule.on == SCOPE for rule in held),
        bought=chosen(answers, BOUGHT),
        reasons=held,
    )


def effects_of(answers: Answers, code: str) -> list[Rule]:
    """What the answer to one question did, alone or with others: of each thing it raised, the most.

    Questions without an answer do nothing.
    """
    if not answers.get(code):
        return []
    held = [
        rule
        for rule in RULES
        if code in rule.needs and all(answers.get(other) for other in rule.needs) and rule.holds(answers)
    ]
    most = {
        on: max((rule.value for rule in held if rule.on == on), key=scale.index, default="")
        for on, scale in SCALES.items()
    }
    return [rule for rule in held if most.get(rule.on, rule.value) == rule.value]
