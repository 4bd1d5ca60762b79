"""How long things take, and how much memory: `make bench` measures each against what was promised.

Everything stays on this machine: folders of its own under the temporary one, 127.0.0.1, and, where
DATABASE_URL names PostgreSQL, a database of its own there. What is measured is made from a fixed seed.
"""

import resource

OVER = "OVER"


def processor_time() -> float:
    """Seconds that ended child processes have kept a core busy."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def said(what: str, measured: float, limit: float, unit: str = "s", note: str = "") -> None:
    """Print a line: what was measured, how much it was, how much it should be at most, and whether it is."""
    verdict = "ok" if measured <= limit else OVER
    line = f"{what}: {measured:.{0 if unit == 'MB' else 2}f} {unit}, limit {limit:g} {unit}, {verdict}"
    print(f"{line} ({note})" if note else line, flush=True)
