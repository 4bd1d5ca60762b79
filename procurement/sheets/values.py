"""The strings that people write, read or refused: the door to amounts, numbers, dates, answers and words.

Every reader takes the text as it stands in a cell and returns an exact value, or raises `Unreadable` with a
sentence that says what is wrong. Nothing is guessed: what has two readings is refused.
"""

from procurement.sheets.amounts import Amount, decimal_text, parse_amount, parse_number
from procurement.sheets.dates import parse_date, parse_moment, parse_period, parse_when
from procurement.sheets.unreadable import Unreadable
from procurement.sheets.words import (
    Answer,
    Standing,
    means_abstention,
    means_unopened,
    parse_answer,
    parse_kind,
    parse_severity,
    parse_standing,
    parse_status,
    parse_yes_no,
)

__all__ = [
    "Amount",
    "Answer",
    "Standing",
    "Unreadable",
    "decimal_text",
    "means_abstention",
    "means_unopened",
    "parse_amount",
    "parse_answer",
    "parse_date",
    "parse_kind",
    "parse_moment",
    "parse_number",
    "parse_period",
    "parse_severity",
    "parse_standing",
    "parse_status",
    "parse_when",
    "parse_yes_no",
]
