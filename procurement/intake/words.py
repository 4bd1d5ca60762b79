"""Sentences of the intake: marked for translation here, translated by the site."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def gettext_noop(text: str) -> str:
    """Mark a text for translation and give it back as it is."""
    return text


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in English, and what fills it."""

    template: str
    params: Mapping[str, str] = field(default_factory=dict)


#: Where rules come from. All of them are defaults that a bank may compare with its own text.
SUPPLY_CHAIN = gettext_noop("Bankers Association, supply chain risk rules (check the text)")
CLASSIFICATION = gettext_noop("Classification of cyber security responsibility levels, annexes 9 and 10")
OUTSOURCING = gettext_noop("Regulations on outsourcing by financial institutions (check the text)")
ENFORCEMENT = gettext_noop(
    "Enforcement Rules of the Cyber Security Management Act, article 4 (check the text)"
)
EVALUATION = gettext_noop("Regulations for evaluation of the most advantageous tender, articles 8, 16 and 17")
COMMITTEE = gettext_noop("Rules of the evaluation committee")
OWN = gettext_noop("Default of this site; a bank may set its own")
