"""How a result file is compared with a worked case's expected file."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from bids.evaluation import exact

# Keys that say where the figures come from, and those that are compared in their own way.
ABOUT = {"source", "confidence", "note", "tests", "partial"}
COMPARED_APART = {"errors", "no_issues", "issues", "ranking", "excluded"}
FINGERPRINTS = {"same_fingerprint_as", "other_fingerprint_than"}
ANY_ORDER = {
    "reasons",
    "low_price",
    "marked_differences",
    "holes",
    "needs",
    "vendors",
    "waived",
    "would_have_been_excluded_for",
}


def differences(expected: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    """Everything in which a result does not show what is expected, one sentence each."""
    partial = set(expected.get("partial", ()))
    found = list(_issue_differences(expected, result))
    for key in ("ranking", "excluded"):
        if key in expected:
            found += _rows(key, expected[key], result.get(key) or [], complete=key not in partial)
    for key, value in expected.items():
        if key not in ABOUT | COMPARED_APART | FINGERPRINTS:
            found += _compare(key, value, result.get(key), partial)
    return found


def _issue_differences(expected: Mapping[str, Any], result: Mapping[str, Any]) -> Iterable[str]:
    issues = result.get("issues", [])
    if "errors" in expected:
        if result["status"] != "refused":
            yield f"status {result['status']}, expected refused"
        for wanted in expected["errors"]:
            if not any(
                issue["level"] == "error"
                and _among(issue["path"], wanted.get("path"))
                and _among(issue["code"], wanted.get("code"))
                for issue in issues
            ):
                yield f"no error {wanted}, but {[(i['path'], i['code']) for i in issues]}"
    for wanted in expected.get("issues", ()):
        if not any(issue["level"] == wanted["level"] and issue["code"] == wanted["code"] for issue in issues):
            yield f"no issue {wanted}"
    for code in expected.get("no_issues", ()):
        if any(issue["code"] == code for issue in issues):
            yield f"issue {code} is there"


def _among(value: object, wanted: object) -> bool:
    if isinstance(wanted, list):
        return any(_among(value, one) for one in wanted)
    return wanted is None or value == wanted


def _rows(key: str, expected: list[Any], rows: list[Any], *, complete: bool) -> Iterable[str]:
    by_vendor = {row["vendor"]: row for row in rows}
    wanted = {row["vendor"]: row for row in expected}
    if complete and by_vendor.keys() != wanted.keys():
        yield f"{key}: vendors {sorted(by_vendor)}, expected {sorted(wanted)}"
    for vendor, row in wanted.items():
        for name, value in row.items():
            yield from _compare(f"{key}.{vendor}.{name}", value, by_vendor.get(vendor, {}).get(name), set())


def _compare(path: str, expected: Any, value: Any, partial: set[str]) -> Iterable[str]:
    name = path.rsplit(".", 1)[-1]
    if isinstance(expected, dict) and isinstance(value, dict):
        for key, inner in expected.items():
            yield from _compare(f"{path}.{key}", inner, value.get(key), partial)
    elif isinstance(expected, list) and isinstance(value, list):
        yield from _compare_lists(
            path, expected, value, any_order=name in ANY_ORDER, complete=name not in partial
        )
    elif not _equal(expected, value):
        yield f"{path}: {value!r}, expected {expected!r}"


def _compare_lists(
    path: str, expected: list[Any], value: list[Any], *, any_order: bool, complete: bool
) -> Iterable[str]:
    if complete and len(expected) != len(value):
        yield f"{path}: {value!r}, expected {expected!r}"
    elif any_order:
        left = list(value)
        for wanted in expected:
            match = next(
                (one for one in left if not list(_compare(path, _reason(wanted, one), one, set()))), None
            )
            if match is None:
                yield f"{path}: no {wanted!r} in {value!r}"
            else:
                left.remove(match)
    else:
        for index, (wanted, one) in enumerate(zip(expected, value, strict=True)):
            yield from _compare(f"{path}.{index}", wanted, one, set())


def _reason(wanted: Any, value: Any) -> Any:
    """A reason may be given as its code alone."""
    return {"code": wanted} if isinstance(wanted, str) and isinstance(value, dict) else wanted


def _equal(expected: Any, value: Any) -> bool:
    if expected is None or isinstance(expected, bool) or isinstance(value, bool) or value is None:
        return expected is value
    if isinstance(expected, str) and expected.startswith("~"):
        places = len(expected.partition(".")[2])
        return Fraction(expected[1:]) == exact.rounded(Fraction(value), places, exact.HALF_UP)
    if expected == value:
        return True
    try:
        return Fraction(str(expected)) == Fraction(str(value))
    except ValueError:
        return False
