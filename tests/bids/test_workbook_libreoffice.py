"""The ranking workbook in LibreOffice, which is told to compute every formula of the files it opens.

By default it trusts the values stored in them, so that nothing would be tested.
"""

import random
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from io import BytesIO

import openpyxl
import pytest

from bids.evaluation import evaluate
from tests.bids.random_cases import random_case
from tests.bids.recalculation import CLOSE, STORIES, changed, exported, shared_cases, story

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
        command = [office, "--headless", f"-env:UserInstallation={profile.as_uri()}", "--convert-to", "xlsx"]
        paths = [str(path) for path in sorted(source.iterdir())]
        subprocess.run(
            [*command, "--outdir", str(target), *paths], check=True, capture_output=True, timeout=900
        )
        return {name: openpyxl.load_workbook(target / f"{name}.xlsx", data_only=True) for name in files}

    return convert


def named(book, name):
    """The values of the cells that a name stands for."""
    sheet, cells = next(iter(book.defined_names[name].destinations))
    found = book[sheet][cells.replace("$", "")]
    rows = found if isinstance(found, tuple) else ((found,),)
    return [cell.value for row in rows for cell in row]


def assert_ranks_as(book, result, name):
    """The places are those of the result, and the figures within 1e-9 of its figures."""
    columns = [named(book, f"ranking_{part}") for part in ("vendor", "place", "figure")]
    ranking = [row for row in zip(*columns, strict=True) if row[0]]
    assert [row[:2] for row in ranking] == [(row.vendor, row.place) for row in result.ranking], name
    for (_vendor, _place, figure), row in zip(ranking, result.ranking, strict=True):
        assert abs(Fraction(figure) - row.figure) <= CLOSE * max(1, abs(row.figure)), name


def with_a_wrong_value(data):
    """The file with a total that is not what its formula gives, to see that it is computed anew."""
    book = openpyxl.load_workbook(BytesIO(data))
    target = BytesIO()
    book.save(target)  # openpyxl keeps the formulas and drops their values
    return target.getvalue()


def test_stored_values_are_not_trusted(converted):
    result, data = exported(story("atm-endpoint"))
    book = converted({"bare": with_a_wrong_value(data)})["bare"]
    assert_ranks_as(book, result, "bare")
    assert named(book, "check_ok") == [True]


def test_stories_and_made_up_cases_give_their_results(converted):
    cases = {path.stem: story(path.stem) for path in STORIES} | {
        f"seed-{n}": random_case(n) for n in range(60)
    }
    assert_all(converted, cases)


def test_every_worked_case_gives_its_result(converted):
    cases = shared_cases()
    if not cases:
        pytest.skip("the worked cases in ../shared/cases are not here")
    assert_all(converted, cases)


def assert_all(converted, cases):
    """Each workbook ranks as its result, and says that everything agrees."""
    made = {name: exported(case, language="zh-hant") for name, case in cases.items()}
    books = converted({name: data for name, (_result, data) in made.items()})
    for name, (result, _data) in made.items():
        assert_ranks_as(books[name], result, name)
        assert named(books[name], "check_ok") == [True], name


def test_a_changed_weight_gives_the_ranking_of_a_fresh_evaluation(converted):
    rng = random.Random(1)
    files, fresh = {}, {}
    for seed in range(30):
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
