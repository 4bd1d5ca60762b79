"""`manage.py evaluate`: formats, exit statuses, and never a traceback."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bids import exports

from .making import put, tender, two_leaves

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def files(tmp_path):
    """A case that is evaluated, one that is refused for two reasons, one that nobody can be ranked in."""
    wrong = put(put(two_leaves(), "colour", 1), "bids[0].price", -1)
    documents = {"good": two_leaves(), "wrong": wrong, "holes": put(two_leaves(), "bids[0].marks", [])}
    for name, document in documents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return tmp_path


def run(*arguments):
    """Exit status, what was written, and what was complained of."""
    out, err, status = StringIO(), StringIO(), 0
    try:
        call_command("evaluate", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as end:
        status = end.code
    return status, out.getvalue(), err.getvalue()


def test_json_is_the_result_file_and_nothing_else(files):
    status, out, err = run(files / "good.json", "--format", "json")
    assert (status, json.loads(out)["winner"], err) == (0, "B", "")


def test_a_refused_case_says_every_fault_on_a_line(files):
    status, out, err = run(files / "wrong.json", "--format", "json")
    assert (status, json.loads(out)["status"]) == (2, "refused")
    assert sorted(line.partition(": ")[0] for line in err.splitlines()) == ["bids[0].price", "colour"]
    status, out, err = run(files / "wrong.json")
    assert (status, out, len(err.splitlines())) == (2, "", 2)


def test_several_cases_are_evaluated_in_order_even_if_one_is_refused(files):
    status, out, err = run(
        files / "good.json", files / "wrong.json", files / "holes.json", "--format", "jsonl"
    )
    assert [json.loads(line)["status"] for line in out.splitlines()] == ["ranked", "refused", "incomplete"]
    assert status == 2
    assert all("wrong.json: " in line for line in err.splitlines())


def test_a_file_that_cannot_be_read_is_refused(files):
    for path in (files / "nothing.json", files):
        status, out, err = run(path, "--format", "jsonl")
        assert (status, json.loads(out)["issues"][0]["code"], len(err.splitlines())) == (2, "not_json", 1)
        assert str(path) in err
    (files / "broken.json").write_bytes(b"\xff\x00{")
    assert run(files / "broken.json")[0] == 2


def test_the_table_shows_places_exclusions_and_what_price_alone_would_have_bought(files):
    requirement = {"code": "r", "title": "稽核紀錄"}
    document = two_leaves(requirements=[requirement], title="防護案")
    document = put(document, "bids[0].claims", [{"requirement": "r", "met": True}])
    (files / "gate.json").write_text(json.dumps(document), encoding="utf-8")
    status, out, _ = run(files / "gate.json", files / "holes.json", "--robustness", 10, "--seed", 1)
    assert status == 0
    assert "gate.json" in out
    assert "稽核紀錄" in out
    assert "A · s" in out
    assert "100.0 %" in out
    tied = two_leaves(tie_break=[]) | {
        "bids": [{**two_leaves()["bids"][0], "vendor": v, "price": None} for v in "AB"]
    }
    (files / "tied.json").write_text(json.dumps(tied), encoding="utf-8")
    assert "re_evaluation_or_lots" in run(files / "tied.json")[1]
    empty = tender(
        [], [{"vendor": "A", "price": 5, "status": "withdrawn"}], method="lowest-price", panel=None
    )
    (files / "empty.json").write_text(json.dumps(empty), encoding="utf-8")
    assert run(files / "empty.json", "--robustness", 5)[0] == 0


def test_robustness_is_added_to_the_result(files):
    arguments = (files / "good.json", "--format", "json", "--robustness", 50, "--seed", 3, "--within", "0.2")
    status, out, _ = run(*arguments)
    advice = json.loads(out)["robustness"]
    assert (status, advice["count"], advice["seed"], advice["within"]) == (0, 50, 3, 0.2)
    assert run(*arguments)[1] == out


def test_a_workbook_is_written(files, monkeypatch):
    monkeypatch.setattr(exports, "workbook", lambda *_, language: language.encode(), raising=False)
    assert run(files / "good.json", "--xlsx", files / "out.xlsx")[0] == 0
    assert (files / "out.xlsx").read_bytes() == b"zh-hant"
    with pytest.raises(CommandError) as refusal:
        run(files / "good.json", "--xlsx", files / "no" / "out.xlsx")
    assert refusal.value.returncode == 2


@pytest.mark.parametrize(
    "options",
    [
        ("--format", "xml"),
        ("--robustness", "0"),
        ("--robustness", "many"),
        ("--robustness", "5", "--seed", "-1"),
        ("--robustness", "5", "--within", "2"),
        ("--robustness", "5", "--within", "NaN"),
        ("--robustness", "5", "--within", "wide"),
        ("--within", "0.5"),
        ("good.json", "--format", "json"),
        ("good.json", "--xlsx", "out.xlsx"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(files, options):
    with pytest.raises(CommandError) as refusal:
        run(files / "good.json", *options)
    assert refusal.value.returncode == 2 or "rgument" in str(refusal.value)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["good.json", "--format", "json"], 0),
        (["wrong.json"], 2),
        (["good.json", "--robustness", "x"], 2),
        ([], 2),
    ],
)
def test_the_process_ends_with_its_status_and_without_a_traceback(files, arguments, status):
    command = [
        sys.executable,
        "manage.py",
        "evaluate",
        *(str(files / a) if ".json" in a else a for a in arguments),
    ]
    # No database can be opened there, and the terminal knows ASCII only.
    environment = os.environ | {"DATABASE_URL": "sqlite:////nowhere/at/all", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == status
    assert b"Traceback" not in done.stderr + done.stdout
    if arguments[:1] == ["good.json"] and status == 0:
        assert json.loads(done.stdout)["status"] == "ranked"
