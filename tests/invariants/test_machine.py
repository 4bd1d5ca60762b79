"""The twelve invariants of sealed bids, held against processes that nobody thought of.

People and the clock do what they like on the real actions; a model in memory says of each step whether it
should be done, refused or late, and what should be there after it. `ASSAY_MACHINE_EXAMPLES=10000` tries more.
"""

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.dice import DICE
from tests.invariants.promises import Promises

EXAMPLES = int(os.environ.get("ASSAY_MACHINE_EXAMPLES", "300"))
STEPS = 40
#: Many processes are tried in parts of at most a thousand, on as many cores as there are.
PARTS = -(-EXAMPLES // 1000)


#: From so many processes on, all of this has to be reached, or they show nothing.
ENOUGH = 300
REACHED = {
    "publish done",
    "submit_bid done",
    "submit_bid late",
    "submit_bid refused",
    "withdraw_bid done",
    "confirm_bid done",
    "agree_amendment done",
    "agree_amendment refused",
    "crash",
    "unlock_envelope done",
    "open_technical done",
    "lock_marks done",
    "open_prices done",
    "open_prices refused",
    "present_ranking done",
    "sign_waiver done",
    "raise_objection done",
    "cancel done",
    "an older version is put back",
    "ranked twice",
}


def run(stage_set, *, examples, steps=STEPS, machine=Promises):
    """Try so many processes; gives how often what was done."""
    done = Counter()
    tried = type("Tried", (machine,), stage_set | {"done": done, "beginnings": {}})
    run_state_machine_as_test(
        tried,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            backend=DICE,
            database=None,
            derandomize=examples <= ENOUGH,
            phases=[Phase.generate],  # to make a failing process shorter takes minutes
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        ),
    )
    return done


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_the_invariants_hold(stage_set, part):
    examples = EXAMPLES * (part + 1) // PARTS - EXAMPLES * part // PARTS
    done = run(stage_set, examples=examples)
    if examples >= ENOUGH:
        assert set(done) >= REACHED, sorted(REACHED - set(done))
