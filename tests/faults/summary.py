"""The last line of `make faults`: what was done to the site, and what came of it.

python -m tests.faults.summary FIGURES
"""

import json
import sys
from pathlib import Path


def main(path: str) -> int:
    """Sum up what the sections wrote, a line of JSON each; 1 where one of them failed."""
    rows = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    faults = [f"{row['section']}: {row['fault']}" for row in rows if "fault" in row]
    told = [
        f"{name} {value}"
        for row in rows
        for name, value in row.get("figures", {}).items()
        if not isinstance(value, dict)
    ]
    seconds = sum(row["seconds"] for row in rows)
    sys.stdout.write("; ".join([*told, f"{seconds:.0f} s", *(faults or ["nothing lost"])]) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
