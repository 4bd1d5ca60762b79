"""The intake: eight questions, what the answers come to and why, and what that proposes for a tender."""

from .classification import Classification, classify, effects_of
from .overrides import Lowering, answers_lowered, lowering_of, not_covered
from .proposals import VERSION, Facts, Finding, Proposal, compare, propose
from .questions import (
    BY_CODE,
    QUESTIONS,
    Answers,
    Option,
    Question,
    Unanswered,
    chosen,
    lowered,
    tidy,
    worst_of,
)
from .raising import Rule
from .words import Sentence

__all__ = [
    "BY_CODE",
    "QUESTIONS",
    "VERSION",
    "Answers",
    "Classification",
    "Facts",
    "Finding",
    "Lowering",
    "Option",
    "Proposal",
    "Question",
    "Rule",
    "Sentence",
    "Unanswered",
    "answers_lowered",
    "chosen",
    "classify",
    "compare",
    "effects_of",
    "lowered",
    "lowering_of",
    "not_covered",
    "propose",
    "tidy",
    "worst_of",
]
