"""Pieces of formulas that several sheets share.

Only functions that Excel 2010, LibreOffice 7 and ironcalc know, and no array formula: comparisons of whole
ranges stand inside SUMPRODUCT. Text compares as greater than any number, so a range that may hold the empty
text is asked for `range<>""` first. Assay compares exact fractions, a sheet compares binary floats:
computed numbers count as equal within a tolerance which stands in a cell of its own.
"""

from bids.evaluation.case import Round
from bids.evaluation.exact import DOWN, HALF_EVEN

#: Agreement of a computed number with a stored one, relative to the number but never finer than itself.
AGREEMENT = "0.000000001"


def rounded(cell: str, rule: Round, places: str) -> str:
    """The number in `cell` (0 or more) at as many places as the cell `places` says, as an expression.

    Spelled out because ROUND knows one mode only, and because it would round a float just under a half
    down. The nudge is what floats may lack: a millionth of the last place, more where the last place nears
    15 digits.
    """
    scale = f"10^{places}"
    scaled, nudge = f"{cell}*{scale}", f"(0.000000001+0.0000000000002*{scale})"
    if rule.mode == DOWN:
        return f"INT({scaled}+{nudge})/{scale}"
    half_up = f"INT({scaled}+0.5+{nudge})"
    if rule.mode == HALF_EVEN:
        even = f"2*INT((INT({scaled})+1)/2)"
        return f"IF(ABS({scaled}-INT({scaled})-0.5)<={nudge},{even},{half_up})/{scale}"
    return f"{half_up}/{scale}"


def unless_empty(cell: str, expression: str) -> str:
    """The expression, or the empty text where the cell holds none."""
    return f'IF({cell}="","",{expression})'


def agrees(computed: str, stored: str) -> str:
    """Whether a computed number is the stored one within 1e-9 of it; nothing stored is nothing to compare."""
    near = f"ABS({computed}-{stored})<={AGREEMENT}*IF(ABS({stored})>1,ABS({stored}),1)"
    return f'IF({stored}="",TRUE,IF({computed}="",FALSE,{near}))'


def same(computed: str, stored: str) -> str:
    """Whether two cells hold the same, an empty cell and the empty text being the same."""
    return f'IF({stored}="",{computed}="",{computed}={stored})'


def counted(*conditions: str) -> str:
    """How many rows meet all the conditions, each a comparison of a whole range."""
    return "SUMPRODUCT(" + "*".join(f"({condition})" for condition in conditions) + "*1)"
