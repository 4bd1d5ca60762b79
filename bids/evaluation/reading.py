"""From a file or a parsed document to a checked case, or to the list of everything that is wrong with it."""

from collections.abc import Iterable

from bids.evaluation.bid_checks import CaseChecks
from bids.evaluation.case import Case
from bids.evaluation.guards import guard_rails
from bids.evaluation.issues import ERROR, Issue, Refused
from bids.evaluation.json_text import parse
from bids.evaluation.schema import CaseFields


def read(data: bytes | str) -> Case:
    """The case of a file. Raises `Refused` with every fault that can be found independently."""
    document, issues = parse(data)
    return _accepted(document, issues)


def read_document(document: object) -> Case:
    """The case of a document that is parsed already; numbers are `str`, `int` or `Decimal`, never `float`.

    Raises `Refused` with every fault that can be found independently.
    """
    return _accepted(document, [])


def check_specification(document: object) -> list[Issue]:
    """Everything wrong with a tender before there are bids, warnings and guard rails included.

    `bids` and `panel` may be absent; what they would have to fit is not checked then.
    """
    _, issues = _read(document, specification=True)
    return issues


def _accepted(document: object, issues: list[Issue]) -> Case:
    case, found = _read(document)
    issues = distinct([*issues, *found])
    if any(issue.level == ERROR for issue in issues):
        raise Refused(issues)
    return case


def _read(document: object, *, specification: bool = False) -> tuple[Case, list[Issue]]:
    fields = CaseFields(specification=specification)
    case = fields.case(document)
    if not isinstance(document, dict):
        return case, fields.issues
    checks = CaseChecks(case, fields.faulty, specification=specification)
    checks.tender()
    checks.bids()
    return case, distinct([*fields.issues, *checks.issues, *guard_rails(case, checks.tree)])


def distinct(issues: Iterable[Issue]) -> list[Issue]:
    """The issues without those that say the same of the same place."""
    found: dict[tuple[str, str, str], Issue] = {}
    for issue in issues:
        found.setdefault((issue.level, issue.code, issue.path), issue)
    return list(found.values())
