"""Does to a site of its own what happens to sites, and says in a line of figures each what came of it.

    python -m tests.faults [section ...]

The database is a file, or one beside that of DATABASE_URL. How long it takes is set by ASSAY_FAULT_ROUNDS
(rounds of writers that are killed; 25), ASSAY_FAULT_SECONDS (how long the database stays locked; 1) and
ASSAY_FAULT_CLIENTS (who bid around the deadline; 50). What came of it is added to the file
ASSAY_FAULT_FIGURES.
"""

import json
import logging
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.benches.surroundings import database, environment

#: Bytes that the long form may need.
MOST = 4 * 2**30


def set_up() -> None:
    """Django on the site that the environment names, with tables and everybody of the cast."""
    import django  # noqa: PLC0415 - reads the environment from here on
    from django.conf import settings  # noqa: PLC0415 - as above

    settings.SEALING_COST = (8, 1, 1)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    settings.STATIC_ROOT.mkdir(parents=True)
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - needs Django to be set up

    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)


def main(wanted: list[str]) -> int:
    """Run the sections; how many of them failed."""
    failed = 0
    with tempfile.TemporaryDirectory(dir=_place()) as folder, database(folder) as url:
        os.environ.update(environment(folder, url))
        set_up()
        from tests.faults import crashing, deadline, killing, outages, site  # noqa: PLC0415 - as above

        site.enter_people()
        for section in (crashing, outages, deadline, killing):  # the one that leaves most behind comes last
            name = section.__name__.rpartition(".")[2]
            if wanted and name not in wanted:
                continue
            begun = time.monotonic()
            outcome: dict[str, object] = {"section": name}
            try:
                outcome["figures"] = section.run()
            except AssertionError as fault:
                failed += 1
                outcome["fault"] = str(fault)
            outcome["seconds"] = round(time.monotonic() - begun, 1)
            _tell(json.dumps(outcome))
        site.let_go()
    return failed


def _place() -> Path | None:
    """Memory, where there is enough of it: processes die here and not the machine, and disks are slow."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder itself is made for us alone
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > MOST else None


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
    if os.environ.get("ASSAY_FAULT_FIGURES"):
        with Path(os.environ["ASSAY_FAULT_FIGURES"]).open("a", encoding="utf-8") as figures:
            figures.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
