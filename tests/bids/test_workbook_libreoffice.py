"""The ranking workbook in LibreOffice, which is told to compute every formula of the files it opens.

By default it trusts the values stored in them, so that nothing would be tested. Half a second for a file,
and another engine computes every one anew, too (`test_workbook`): so it opens every eighth, in CI every
third, and with ASSAY_EVERY_WORKBOOK=1 all of them.
"""

import csv
import os
import random
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from fractions import Fraction
from io import BytesIO

import openpyxl
import pytest
from openpyxl.utils import range_boundaries

from bids.evaluation import evaluate
from tests.bids.random_cases import random_case
from tests.bids.recalculation import CLOSE, STORIES, changed, exported, shared_cases, story

EVERY = 3 if os.environ.get("ASSAY_REQUIRE_ALL") == "1" else 8
EVERY = 1 if os.environ.get("ASSAY_EVERY_WORKBOOK") == "1" else EVERY
# One run gives up somewhere past 200 files.
MOST_FILES = 80
#: What the cells of our names hold.
MEANING = {
    "check_ok": {"TRUE": True, "FALSE": False}.get,
    "ranking_vendor": str,
    "ranking_place": lambda text: int(text) if text else None,
    "ranking_figure": lambda text: Fraction(text) if text else None,
}
#: Every sheet as a table of its own, in UTF-8, numbers as they are and not as they are shown.
TABLES = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """A function that gives the values of workbooks by name, all computed anew in one run."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    folder = tmp_path_factory.mktemp("libreoffice")
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE)

    def convert(files):
        source, target = folder / "in", folder / "out"
        for place in (source, target):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
        for name, data in files.items():
            (source / f"{name}.xlsx").write_bytes(data)
        command = [office, "--headless", f"-env:UserInstallation={profile.as_uri()}", "--convert-to", TABLES]
        paths = [str(path) for path in sorted(source.iterdir())]
        for first in range(0, len(paths), MOST_FILES):
            batch = paths[first : first + MOST_FILES]
            subprocess.run(
                [*command, "--outdir", str(target), *batch], check=True, capture_output=True, timeout=900
            )
        return {name: named_values(data, target, name) for name, data in files.items()}

    return convert


def named_values(data, folder, name):
    """The values of the cells that each of our names on the sheet of checks stands for."""
    book = openpyxl.load_workbook(BytesIO(data), read_only=True)
    cells = {name: next(iter(book.defined_names[name].destinations)) for name in MEANING}
    book.close()
    with (folder / f"{name}-{cells['check_ok'][0]}.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.reader(table))
    values = {}
    for known, (_sheet, span) in cells.items():
        left, top, _right, bottom = range_boundaries(span.replace("$", ""))
        values[known] = [MEANING[known](rows[row - 1][left - 1]) for row in range(top, bottom + 1)]
    return values


def assert_ranks_as(book, result, name):
    """The places are those of the result, and the figures within 1e-9 of its figures."""
    columns = [book[f"ranking_{part}"] for part in ("vendor", "place", "figure")]
    ranking = [row for row in zip(*columns, strict=True) if row[0]]
    assert [row[:2] for row in ranking] == [(row.vendor, row.place) for row in result.ranking], name
    for (_vendor, _place, figure), row in zip(ranking, result.ranking, strict=True):
        assert abs(figure - row.figure) <= CLOSE * max(1, abs(row.figure)), name


def with_wrong_values(data):
    """The file with another number stored beside every formula that gives one."""
    source, target = zipfile.ZipFile(BytesIO(data)), BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as changed_file:
        for entry in source.namelist():
            content = source.read(entry)
            if entry.startswith("xl/worksheets/"):
                content = re.sub(rb"</f><v>[0-9.eE+-]+</v>", b"</f><v>7777</v>", content)
            changed_file.writestr(entry, content)
    return target.getvalue()


def test_stored_values_are_not_trusted(converted):
    result, data = exported(story("atm-endpoint"))
    wrong = with_wrong_values(data)
    assert b"7777" in zipfile.ZipFile(BytesIO(wrong)).read("xl/worksheets/sheet6.xml")
    book = converted({"wrong": wrong})["wrong"]
    assert_ranks_as(book, result, "wrong")
    assert book["check_ok"] == [True]


def test_stories_and_made_up_cases_give_their_results(converted):
    cases = {path.stem: story(path.stem) for path in STORIES} | {
        f"seed-{n}": random_case(n) for n in range(0, 60, EVERY)
    }
    assert_all(converted, cases)


def test_every_worked_case_gives_its_result(converted):
    cases = shared_cases()
    if not cases:
        pytest.skip("the worked cases in ../shared/cases are not here")
    assert_all(converted, dict(list(cases.items())[::EVERY]))


def assert_all(converted, cases):
    """Each workbook ranks as its result, and says that everything agrees."""
    made = {name: exported(case, language="zh-hant") for name, case in cases.items()}
    books = converted({name: data for name, (_result, data) in made.items()})
    for name, (result, _data) in made.items():
        assert_ranks_as(books[name], result, name)
        assert books[name]["check_ok"] == [True], name


def test_a_changed_weight_gives_the_ranking_of_a_fresh_evaluation(converted):
    rng = random.Random(1)
    files, fresh = {}, {}
    for seed in range(0, 40, EVERY):
        case = random_case(seed)
        node = rng.choice(case.criteria)
        weight = Fraction(rng.choice(["12.5", "20", "45", "80"]))
        criteria = tuple(replace(one, weight=weight) if one is node else one for one in case.criteria)
        other = changed(case, criteria=criteria)
        if other is not None:
            name = f"seed-{seed}"
            fresh[name] = evaluate(other)
            files[name] = reweighed(exported(case)[1], node.code, float(weight))
    books = converted(files)
    for name, result in fresh.items():
        assert_ranks_as(books[name], result, name)


def reweighed(data, code, weight):
    """The workbook with one weight overwritten."""
    book = openpyxl.load_workbook(BytesIO(data))
    cells = {}
    for name in ("weights_code", "weights_value"):
        sheet, span = next(iter(book.defined_names[name].destinations))
        found = book[sheet][span.replace("$", "")]
        cells[name] = [row[0] for row in found] if isinstance(found, tuple) else [found]
    place = next(
        value
        for key, value in zip(cells["weights_code"], cells["weights_value"], strict=True)
        if key.value == code
    )
    place.value = weight
    target = BytesIO()
    book.save(target)
    return target.getvalue()
