"""Twenty members mark at once, each in a process of its own: nothing is lost, nothing is overwritten.

Every process has its own connection to one database: a file on SQLite, a server on PostgreSQL (DATABASE_URL).
ASSAY_LEAVES=300 runs it at full size; the usual run marks fewer criteria.
"""

import json
import os
import subprocess
import sys
import uuid
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

#: What it says it says of the database, so that it runs on both.
pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
BEGIN = "import django, sys; django.setup(); from tests.bids.marker import main; main(*sys.argv[1:])"
MEMBERS = 20
LEAVES = int(os.environ.get("ASSAY_LEAVES", "15"))


@contextmanager
def scratch(folder):
    """The address of an empty database that other processes reach."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'many.sqlite3'}"
        return
    import psycopg  # noqa: PLC0415 - only where the suite runs on PostgreSQL

    there = connection.settings_dict
    known = {
        "host": there["HOST"],
        "port": there["PORT"],
        "user": there["USER"],
        "password": there["PASSWORD"],
    }
    server = {name: value for name, value in known.items() if value}
    name = f"assay_many_{uuid.uuid4().hex}"
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as maintenance:
        maintenance.execute(f'CREATE DATABASE "{name}"')
        try:
            before, _slash, _name = os.environ["DATABASE_URL"].partition("?")[0].rpartition("/")
            yield f"{before}/{name}"
        finally:
            maintenance.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def crew(tmp_path):
    """Runs `tests.bids.marker` on an empty database."""
    with scratch(tmp_path) as address:
        environment = os.environ | {
            "DATABASE_URL": address,
            "ASSAY_VAR": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "procurement.settings",
        }

        def run(*words):
            told = subprocess.run(
                [sys.executable, "-c", BEGIN, *map(str, words)],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert told.returncode == 0, told.stderr
            return json.loads(told.stdout)

        yield run


def p95(seconds):
    ordered = sorted(seconds)
    return ordered[max(0, -(-95 * len(ordered) // 100) - 1)]


def report(record_property, name, saved):
    seconds = [row[4] for row in saved]
    figures = {"saves": len(seconds), "p95": round(p95(seconds), 3), "longest": round(max(seconds), 3)}
    for key, value in figures.items():
        record_property(f"{name}_{key}", value)
    sys.stdout.write(f"\n{connection.vendor}, {name}: {figures}\n")


def test_twenty_members_mark_at_once_and_nothing_is_lost(crew, record_property):
    told = crew("members", MEMBERS, LEAVES)
    saved, stored = [row for one in told["said"] for row in one["saved"]], told["stored"]
    assert len(saved) == MEMBERS * LEAVES
    assert {tuple(row[:4]) for row in saved} == {tuple(row) for row in stored["marks"]}
    assert len(stored["marks"]) == len(saved)
    names = {key: f"Member {number}" for number, key in enumerate(told["seats"])}
    given = Counter((names[seat], criterion, mark) for seat, criterion, mark, *_ in saved)
    written = Counter((who.partition(" (")[0], criterion, mark) for who, criterion, mark in stored["trail"])
    assert written == given
    assert stored["intact"]
    report(record_property, "twenty members", saved)


def test_two_windows_on_one_seat_overwrite_nothing(crew, record_property):
    told = crew("windows", 6, 5)
    saved, stored = [row for one in told["said"] for row in one["saved"]], told["stored"]
    assert len(saved) == 2 * 6 * 5
    assert sum(one["refused"] for one in told["said"]) > 0
    for _seat, criterion, mark, version in stored["marks"]:
        kept = sorted((row[3], row[2]) for row in saved if row[1] == criterion)
        assert [number for number, _mark in kept] == list(range(1, 11)), "a save wrote over another"
        assert version == 10
        assert mark == kept[-1][1], "the last save stands"
        trail = [given for _who, code, given in stored["trail"] if code == criterion]
        assert trail == [given for _number, given in kept], "the trail tells every save in order"
    assert stored["intact"]
    report(record_property, "one seat", saved)
