"""`python -m tests.benches [--strict] [NAME ...]`: all benches, or those that are named."""

import argparse
import os
import subprocess
import sys
from tempfile import TemporaryDirectory

from tests.benches import OVER
from tests.benches.surroundings import ROOT, database, environment

#: What is measured, with the seconds after which something hangs.
BENCHES = {"evaluation": 120, "trail": 1200, "opening": 1200, "submitting": 600}


def run(name: str) -> str:
    """Run a bench in a process of its own, and give what it printed."""
    with TemporaryDirectory(prefix="assay-bench-") as folder, database(folder) as url:
        bench = subprocess.Popen(
            [sys.executable, "-m", f"tests.benches.{name}"],
            cwd=ROOT,
            env=os.environ | environment(folder, url),
            stdout=subprocess.PIPE,
            text=True,
        )
        with bench:
            lines = []
            for line in bench.stdout:
                print(line, end="", flush=True)
                lines.append(line)
            status = bench.wait(BENCHES[name])
    if status:
        raise SystemExit(f"{name} did not come to its end: {status}")
    return "".join(lines)


def main() -> None:
    """Run them one after the other, so that none is in another's way."""
    parser = argparse.ArgumentParser(prog="python -m tests.benches", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--strict", action="store_true", help="exit status 1 where a limit is passed")
    asked = parser.parse_args()
    if set(asked.names) - set(BENCHES):
        parser.error(f"there are {', '.join(BENCHES)}")
    found = "".join(run(name) for name in asked.names or BENCHES)
    if asked.strict and OVER in found:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
