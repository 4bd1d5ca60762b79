"""What a bench runs in: an environment, keys and a database of its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bids.sealing.wrapping import FileKeyWrapper
from procurement.signing.keys import make_key_file

ROOT = Path(__file__).resolve().parents[2]


def environment(folder: str, url: str) -> dict[str, str]:
    """A site of its own in a folder, set up as `make demo` does it; its keys are made at once."""
    var, keys = Path(folder) / "var", Path(folder) / "keys"
    keys.mkdir(mode=0o700)
    FileKeyWrapper.make(keys / "system.key")
    make_key_file(keys / "signing.key")
    return {
        "DJANGO_SETTINGS_MODULE": "procurement.settings",
        "DATABASE_URL": url,
        "ASSAY_VAR": str(var),
        "ASSAY_SECRET_KEY": "only for as long as it is measured",
        "ASSAY_HTTPS": "0",
        "ASSAY_DEBUG": "0",
        "ASSAY_SYSTEM_KEY": str(keys / "system.key"),
        "ASSAY_SIGNING_KEY": str(keys / "signing.key"),
    }


@contextmanager
def database(folder: str) -> Iterator[str]:
    """The address of an empty database: SQLite in the folder, or beside the one that DATABASE_URL names."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith(("postgres", "pgsql")):
        (Path(folder) / "var").mkdir()
        yield f"sqlite:///{folder}/var/assay.sqlite3"
        return
    name = f"assay_bench_{os.getpid()}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(given, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
