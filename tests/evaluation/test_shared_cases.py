"""Every worked case, compared with what its expected file says."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bids.evaluation import evaluate_file

from .expected import FINGERPRINTS, differences

CASES = Path(__file__).resolve().parents[2] / ".." / "shared" / "cases"
NAMES = sorted(path.name.removesuffix(".expected.json") for path in CASES.glob("*.expected.json"))


@cache
def result_of(name: str) -> dict[str, Any]:
    """The result file of a worked case."""
    return evaluate_file((CASES / f"{name}.json").read_bytes())


@pytest.mark.skipif(not NAMES, reason="the worked cases are not beside this repository")
@pytest.mark.parametrize("name", NAMES or ["none"])
def test_a_worked_case_matches(name: str) -> None:
    """The result shows everything that the expected file lists."""
    expected = json.loads((CASES / f"{name}.expected.json").read_text(encoding="utf-8"))
    result = result_of(name)
    found = differences(expected, result)
    for key in FINGERPRINTS & expected.keys():
        same = result["fingerprint"] == result_of(expected[key])["fingerprint"]
        if same != (key == "same_fingerprint_as"):
            found.append(f"{key} {expected[key]}")
    assert not found, "\n".join(found)
