"""What happens to sites: processes are killed or end in the middle of things, disks are full, keys are away.

All of it is done to one site of its own (`tests.faults`), here in its short form; `make faults` does the long
one.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("faults")]


@pytest.fixture(scope="module")
def outcomes():
    """What came of each section, by its name; those that failed say why."""
    command = [sys.executable, "-m", "tests.faults"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "procurement.settings"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert lines, done.stderr
    return {line["section"]: line | {"said": done.stderr} for line in lines}


def figures(outcomes, section):
    outcome = outcomes[section]
    assert "fault" not in outcome, f"{outcome['fault']}\n{outcome['said']}"
    return outcome["figures"]


def test_of_four_writers_killed_at_random_no_acknowledged_bid_is_lost(outcomes):
    found = figures(outcomes, "killing")
    assert found["killed"] == 4 * found["rounds"]
    assert found["acknowledged"] >= found["rounds"] // 2


def test_whoever_comes_after_a_crash_at_any_step_goes_on_from_there(outcomes):
    found = figures(outcomes, "crashing")
    assert set(found["by step"]) >= {"stage", "submit", "withdraw", "name", "open", "lock", "price"}


def test_at_the_deadline_nothing_comes_in_and_before_it_nothing_is_refused(outcomes):
    found = figures(outcomes, "deadline")
    assert found["receipts"] + found["late"] == found["clients"]


def test_what_a_site_lacks_is_said_by_its_status_and_nothing_is_half_stored(outcomes):
    assert figures(outcomes, "outages")["full"] > 5
