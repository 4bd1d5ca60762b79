"""How long `manage.py evaluate` takes as a whole process, start-up included: `make bench`.

Cases come from a fixed seed. The best of three runs is what the code costs; the rest is the machine's day.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benches import processor_time, said
from tests.benches.surroundings import ROOT

RUNS = 3
#: Bids, leaves that people mark, members, and the seconds within which the whole process should end.
SIZES = [(5, 6, 3, 0.6), (50, 100, 10, 2.0)]


def make_case(bids, leaves, members, seed=1):
    """A case of method `total` in which every member marks every leaf of every bid."""
    rng = random.Random(seed)
    criteria = [
        {"code": "SEC", "title": "Security", "weight": 50},
        {"code": "QUA", "title": "Quality", "weight": 30},
        {"code": "PRICE", "title": "Price", "weight": 20, "kind": "price"},
    ]
    for number in range(leaves):
        group, kind = ("SEC", "security") if number % 2 else ("QUA", "quality")
        criteria.append(
            {"code": f"L{number}", "title": f"Leaf {number}", "weight": 1 + number % 3, "maximum": 10}
            | {"parent": group, "kind": kind}
        )
    panel = [{"code": f"M{number}", "unit": f"U{number % 3}"} for number in range(members)]
    return {
        "format": "tender-case/1",
        "reference": f"BENCH-{bids}-{leaves}-{members}",
        "title": "Made up to be timed",
        "profile": "bank",
        "method": "total",
        "aggregation": "mean",
        "criteria": criteria,
        "price": {"formula": "lowest-over-price"},
        "panel": panel,
        "bids": [
            {
                "vendor": f"Vendor {bid}",
                "price": str(1_000_000 + rng.randrange(500_000)),
                "marks": [
                    {
                        "member": member["code"],
                        "criterion": f"L{leaf}",
                        "mark": f"{rng.randrange(101) / 10:.1f}",
                    }
                    for member in panel
                    for leaf in range(leaves)
                ],
            }
            for bid in range(bids)
        ],
    }


def seconds_for(path):
    """Best wall clock and processor time of a few whole processes; raises if the case is refused."""
    command = [sys.executable, str(ROOT / "manage.py"), "evaluate", str(path), "--format", "json"]
    clock, processor = [], []
    for _ in range(RUNS):
        start, spent = time.perf_counter(), processor_time()
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        clock.append(time.perf_counter() - start)
        processor.append(processor_time() - spent)
    return min(clock), min(processor)


def main():
    """Print one line for each size, with what it should take at most."""
    with tempfile.TemporaryDirectory() as folder:
        for bids, leaves, members, limit in SIZES:
            path = Path(folder) / "case.json"
            path.write_text(json.dumps(make_case(bids, leaves, members)), encoding="utf-8")
            clock, processor = seconds_for(path)
            size = f"{bids} bids x {leaves} leaves x {members} members evaluated"
            said(size, clock, limit, note=f"{processor:.2f} s of a core")


if __name__ == "__main__":
    main()
