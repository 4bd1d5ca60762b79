"""What happens to sites: processes are killed or end in the middle of things, disks are full, keys are away.

All of it is done to sites of their own (`tests.faults`), here in its short form; `make faults` does the long
one.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db


def figures_of(section):
    """What came of a section, on a site of its own; where it failed that is said."""
    command = [sys.executable, "-m", "tests.faults", section]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "procurement.settings"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [line["section"] for line in lines] == [section], done.stderr
    assert "fault" not in lines[0], f"{lines[0]['fault']}\n{done.stderr}"
    return lines[0]["figures"]


def test_of_four_writers_killed_at_random_no_acknowledged_bid_is_lost():
    found = figures_of("killing")
    assert found["killed"] == 4 * found["rounds"]
    assert found["acknowledged"] >= found["rounds"] // 2


def test_whoever_comes_after_a_crash_at_any_step_goes_on_from_there():
    found = figures_of("crashing")
    assert set(found["by step"]) >= {"stage", "submit", "withdraw", "name", "open", "lock", "price"}


def test_at_the_deadline_nothing_comes_in_and_before_it_nothing_is_refused():
    found = figures_of("deadline")
    assert found["receipts"] + found["late"] == found["clients"]


def test_what_a_site_lacks_is_said_by_its_status_and_nothing_is_half_stored():
    assert figures_of("outages")["full"] > 5
