"""What fixtures build is built once a process: its rows are remembered and put back for the next test.

The key is everything that is stored when the building begins, so that a test that changed anything before it
gets its own. Only inside a test's transaction: where transactions end, what they set off has to happen, too.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model

#: Rows by table and primary key.
Rows = dict[str, dict[Any, tuple[Any, ...]]]


@dataclass(frozen=True)
class Change:
    """What a building changed: rows that are new, rows that read otherwise, keys of those that are gone."""

    new: dict[str, list[tuple[Any, ...]]]
    changed: dict[str, dict[Any, tuple[Any, ...]]]
    gone: dict[str, list[Any]]
    passphrases: dict[str, str]


_KNOWN: dict[tuple[str, bytes], Change] = {}


def remembered(name: str, build: Callable[[], object], passphrases: dict[str, str]) -> None:
    """Build, or put back what it left in the database and among the passphrases the last time."""
    if not connection.in_atomic_block:
        build()
        return
    before = _stored()
    key = (name, _digest(before))
    change = _KNOWN.get(key)
    if change is None:
        build()
        _KNOWN[key] = _difference(before, _stored(), dict(passphrases))
    else:
        _put_back(change)
        passphrases.update(change.passphrases)


@dataclass(frozen=True)
class Table:
    """How a table is read and written; the key is the first column."""

    name: str
    read: str
    add: str
    change: str
    remove: str


@cache
def _tables() -> list[Table]:
    managed = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return [_table(model) for model in managed]


def _table(model: type[Model]) -> Table:
    quote = connection.ops.quote_name
    name, key = quote(model._meta.db_table), quote(model._meta.pk.column)
    others = [quote(field.column) for field in model._meta.concrete_fields if not field.primary_key]
    columns = [key, *others]
    places, listed = ", ".join(["%s"] * len(columns)), ", ".join(columns)
    settings = ", ".join(f"{column} = %s" for column in columns)
    return Table(
        model._meta.db_table,
        read=f"SELECT {listed} FROM {name}",  # noqa: S608 - all names are the models'
        add=f"INSERT INTO {name} ({listed}) VALUES ({places})",  # noqa: S608 - as above
        change=f"UPDATE {name} SET {settings} WHERE {key} = %s",  # noqa: S608 - as above
        remove=f"DELETE FROM {name} WHERE {key} = %s",  # noqa: S608 - as above
    )


def _stored() -> Rows:
    rows: Rows = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(table.read)
            rows[table.name] = {row[0]: row for row in cursor.fetchall()}
    return rows


def _digest(rows: Rows) -> bytes:
    total = hashlib.blake2b()
    for table, content in rows.items():
        total.update(table.encode())
        for key in sorted(content, key=str):
            for value in content[key]:
                total.update(value if isinstance(value, bytes) else repr(value).encode())
                total.update(b"\0")
    return total.digest()


def _difference(before: Rows, after: Rows, passphrases: dict[str, str]) -> Change:
    change = Change({}, {}, {}, passphrases)
    for table, rows in after.items():
        known = before[table]
        change.new[table] = [row for key, row in rows.items() if key not in known]
        change.changed[table] = {key: row for key, row in rows.items() if known.get(key, row) != row}
        change.gone[table] = [key for key in known if key not in rows]
    return change


def _put_back(change: Change) -> None:
    """References between rows are only checked at the end of the transaction, so any order will do."""
    with connection.cursor() as cursor:
        for table in _tables():
            for key in change.gone[table.name]:
                cursor.execute(table.remove, (key,))
            for key, row in change.changed[table.name].items():
                cursor.execute(table.change, (*row, key))
            if change.new[table.name]:
                cursor.executemany(table.add, change.new[table.name])
