"""What happens to sites: processes are killed or end in the middle of things, disks are full, keys are away.

All of it is done to a site of its own (`tests.faults`), here in its short form; `make faults` does the long
one.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: One process does all four, one after the other, so one worker asks for them.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("faults")]


@pytest.fixture(scope="module")
def told():
    """What came of each section, by its name, and what else was said."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "procurement.settings"}
    command = [sys.executable, "-m", "tests.faults"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {line["section"]: line for line in lines}, done.stderr


@pytest.fixture
def figures_of(told):
    """What came of a section; where it failed that is said."""

    def figures(section):
        lines, errors = told
        assert section in lines, errors
        assert "fault" not in lines[section], f"{lines[section]['fault']}\n{errors}"
        return lines[section]["figures"]

    return figures


def test_of_four_writers_killed_at_random_no_acknowledged_bid_is_lost(figures_of):
    found = figures_of("killing")
    assert found["killed"] == 4 * found["rounds"]
    assert found["acknowledged"] >= found["rounds"] // 2


def test_whoever_comes_after_a_crash_at_any_step_goes_on_from_there(figures_of):
    found = figures_of("crashing")
    assert set(found["by step"]) >= {"stage", "submit", "withdraw", "name", "open", "lock", "price"}


def test_at_the_deadline_nothing_comes_in_and_before_it_nothing_is_refused(figures_of):
    found = figures_of("deadline")
    assert found["receipts"] + found["late"] == found["clients"]


def test_what_a_site_lacks_is_said_by_its_status_and_nothing_is_half_stored(figures_of):
    assert figures_of("outages")["full"] > 5
