"""Foreign releases: what is taken, what is left and why, and what is refused in words. No database."""

import json
from decimal import Decimal

import pytest

from bids.evaluation import Refused
from bids.evaluation.json_text import Numeral
from bids.ocds import LEFT, MOST_BYTES, read_release, read_tender, write
from bids.ocds.release import filled
from tests.bids.release_schema import STANDARD

TENDER = {"id": "T-1", "title": "A firewall"}


def file(**tender):
    return json.dumps(
        {"ocid": "ocds-x-1", "date": "2026-01-01T00:00:00Z", "tender": TENDER | tender}
    ).encode()


def reading(data, *, lot="", ocid=""):
    return read_tender(read_release(data, ocid=ocid), lot=lot)


def draft(**tender):
    return reading(file(**tender)).draft


def faults(data, **wanted):
    with pytest.raises(Refused) as refused:
        reading(data, **wanted)
    return [f"{issue.path}: {issue.message}" for issue in refused.value.issues]


def lot(*criteria, **more):
    return {"lots": [{"id": "1", "awardCriteria": {"criteria": list(criteria)}} | more]}


def weighed(name, number, kind="quality", weight="percentageExact"):
    return {"type": kind, "name": name, "numbers": [{"number": number, "weight": weight}]}


def asked(*requirements, groups=None):
    rows = groups or [{"id": "g", "requirements": list(requirements)}]
    return {"criteria": [{"id": "c", "title": "Security", "requirementGroups": rows}]}


# --- which release ------------------------------------------------------------------------------------------
def package(*releases):
    return json.dumps({"uri": "urn:x", "releases": list(releases)}).encode()


def one(ocid="ocds-x-1", date="2026-01-01", **tender):
    return {"ocid": ocid, "date": date, "tender": TENDER | tender}


def test_the_latest_release_with_a_tender_is_read():
    found = reading(package(one(title="Old"), one(date="2026-02-01", title="New"), {"ocid": "ocds-x-1"}))
    assert found.draft.title == "New"
    assert "3 releases of the process" in found.notes[0].message


def test_of_several_processes_one_is_named():
    both = package(one(), one("ocds-x-2", title="Another"))
    assert "has 2 processes. Name the one to take: ocds-x-1, ocds-x-2." in faults(both)[0]
    assert reading(both, ocid="ocds-x-2").draft.title == "Another"
    assert "no process “none”" in faults(both, ocid="none")[0]


def test_a_record_is_read_by_its_compiled_release():
    record = {
        "records": [{"ocid": "ocds-x-1", "compiledRelease": one(title="Compiled"), "releases": [one()]}]
    }
    assert reading(json.dumps(record).encode()).draft.title == "Compiled"


@pytest.mark.parametrize(
    "document",
    [{}, [], "text", 7, None, {"releases": [{"url": "urn:x"}]}, {"records": "many"}, {"tender": {}}],
)
def test_what_is_no_release_is_refused(document):
    assert "no OCDS release" in faults(json.dumps(document).encode())[0]


def test_a_release_without_a_tender_is_refused():
    assert "says nothing of a tender" in faults(package({"ocid": "x"}))[0]


# --- what is taken ------------------------------------------------------------------------------------------
def test_budget_and_deadline_are_exact():
    found = reading(
        file(tenderPeriod={"endDate": "2026-12-31T17:00:00+08:00"}).replace(
            b'"title"', b'"value": {"amount": 1234567890123456.789, "currency": "EUR"}, "title"'
        )
    ).draft
    assert (found.budget, found.currency) == (Decimal("1234567890123456.789"), "EUR")
    assert found.deadline.isoformat() == "2026-12-31T17:00:00+08:00"


def test_weights_become_criteria():
    found = draft(**lot(weighed("Security", 55), weighed("Price", 45, "price")))
    assert [(row.code, row.title, row.kind, row.weight) for row in found.criteria] == [
        ("C1", "Security", "quality", 55),
        ("C2", "Price", "price", 45),
    ]


def test_weights_that_are_not_exact_are_left():
    found = reading(file(**lot(weighed("A", 1, weight="order"), weighed("B", 2, weight="order"))))
    assert found.draft.criteria == ()
    assert [note.path for note in found.notes if note.level == LEFT] == [
        "tender.lots[0].awardCriteria.criteria[0]",
        "tender.lots[0].awardCriteria.criteria[1]",
    ]


def test_weights_of_different_measures_are_left():
    found = reading(file(**lot(weighed("A", 50), weighed("B", 2, weight="pointsExact"))))
    assert found.draft.criteria == ()
    assert "different measures (percentageExact, pointsExact)" in found.notes[0].message


def test_of_several_lots_one_is_named():
    lots = [{"id": "a", "title": "A"}, {"id": "b", "value": {"amount": 7, "currency": "TWD"}}]
    assert "has 2 lots, and a tender here is one. Name the lot to take: a, b." in faults(file(lots=lots))[0]
    assert reading(file(lots=lots), lot="b").draft.budget == 7
    assert "no lot “c”" in faults(file(lots=lots), lot="c")[0]


def test_what_expects_an_answer_is_a_gate():
    found = draft(
        **asked(
            {"id": "1", "title": "MFA", "dataType": "boolean", "expectedValue": True},
            {"id": "2", "title": "Years", "minValue": 3, "maxValue": 9},
            {"id": "3", "title": "How", "description": "In words"},
            {"id": "3", "title": "Again"},
        )
    )
    assert [(row.code, row.title, row.mandatory) for row in found.requirements] == [
        ("1", "MFA", True),
        ("2", "Years (≥ 3, ≤ 9)", True),
        ("3", "How\nIn words", False),
        ("R1", "Again", False),
    ]


def test_alternatives_are_no_gates():
    groups = [
        {"id": str(number), "requirements": [{"id": str(number), "title": "x", "expectedValue": True}]}
        for number in range(2)
    ]
    found = reading(file(**asked(groups=groups)))
    assert [row.mandatory for row in found.draft.requirements] == [False, False]
    assert "One of several groups is enough" in found.notes[0].message


def test_what_is_left_is_named_with_a_reason():
    notes = reading(
        json.dumps(
            {"ocid": "x", "tender": TENDER | {"items": [], "x": 1}, "bids": {}, "awards": [], "contracts": []}
        ).encode()
    ).notes
    assert {(note.path, note.level) for note in notes} == {
        (path, LEFT) for path in ("bids", "awards", "contracts", "tender.items", "tender.x")
    }
    assert all(note.message for note in notes)


@pytest.mark.parametrize("name", ["ocds-213czf-000-00001-02-tender.json", "ocds-213czf-000-00001.json"])
def test_the_standards_own_samples_are_read(name):
    sample = STANDARD / "examples" / "sample-data" / name
    if not sample.exists():
        pytest.skip("the standard's samples (shared/data/standards/ocds) are not beside this checkout")
    found = reading(sample.read_bytes())
    assert found.draft.title
    assert found.draft.budget
    assert any(note.level == LEFT for note in found.notes)


# --- what is refused ----------------------------------------------------------------------------------------
def raw(text):
    return f'{{"ocid": "x", "tender": {{"id": "T", "title": "A", {text}}}}}'.encode()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"value": {"amount": NaN}', "tender.value.amount: NaN is not a number."),
        ('"value": {"amount": -Infinity}', "-Infinity is not a number."),
        ('"value": {"amount": 1e999999999}', "more than 24 digits"),
        ('"value": {"amount": 1e-99999}', "more than 24 digits"),
        ('"value": {"amount": "7"}', "tender.value.amount: A number is expected here."),
        ('"value": {"amount": true}', "A number is expected here."),
        ('"value": [1]', "tender.value: An object is expected here."),
        ('"value": {"amount": 1, "currency": "€€"}', "A currency is three letters."),
        ('"value": {"amount": 1, "currency": 7}', "A text is expected here."),
        ('"title": "B"', "The key “title” is given more than once."),
        ('"lots": {"id": "1"}', "tender.lots: A list of objects is expected here."),
        ('"lots": [[]]', "A list of objects is expected here."),
        ('"tenderPeriod": {"endDate": "soon"}', "“soon” is not a moment of ISO 8601."),
        ('"description": ' + "[" * 60 + "]" * 60, "nested more than 32 levels deep"),
        ('"assayRules": {"method": "dice"}', "“dice” is not known here."),
        ('"assayRules": {"tieBreak": [[]]}', "A list of tie rules is expected here."),
        ('"assayRules": {"totalPoints": "0"}', "More than 0 is expected here."),
        ('"assayRules": {"totalPoints": "1_0"}', "“1_0” is not a number."),
        ('"assayRules": {"totalPoints": "１０"}', "is not a number."),
        ('"assayRules": {"rounding": {"total": {"places": 99, "mode": "down"}}}', "0 to 12 decimal places"),
        ('"assayRules": {"price": {"bands": 7}}', "A list of objects is expected here."),
        (
            '"lots": [{"id": "1", "awardCriteria": {"criteria": [{"assayCriterion": {"code": "A"}}]}}]',
            "A criterion needs a weight.",
        ),
        ('"criteria": [{"requirementGroups": [{"requirements": [{}]}]}]', "A requirement needs words."),
        (
            '"criteria": [{"requirementGroups": [{"requirements": [{"title": "a\\u0000b"}]}]}]',
            "characters in it that cannot be shown",
        ),
        ('"criteria": ' + json.dumps([{}] * 1001), "There are 1001 entries; at most 1000 are read."),
    ],
    ids=lambda value: value[:40],
)
def test_hostile_input_is_refused_in_words(text, said):
    assert said in "\n".join(faults(raw(text)))


def test_a_title_is_needed_and_not_too_long():
    assert "tender.title: A tender needs a title." in faults(b'{"ocid": "x", "tender": {}}')
    assert "has 10001 characters" in faults(file(title="x" * 10_001))[0]


def test_size_and_signs_are_refused():
    assert f"{MOST_BYTES} are allowed" in faults(b" " * (MOST_BYTES + 1))[0]
    assert "not UTF-8" in faults(b'{"ocid": "\xff"}')[0]
    assert "not JSON" in faults(b"<xml/>")[0]
    assert "nested more than" in faults(b"[" * 1_000_000)[0]


def test_many_requirements_are_refused():
    rows = [{"id": str(number), "title": "x"} for number in range(600)]
    group = [{"id": "g", "requirements": rows}]
    criteria = [{"id": "a", "requirementGroups": group}, {"id": "b", "requirementGroups": group}]
    assert "more than 1000 requirements" in faults(file(criteria=criteria))[0]


# --- writing ------------------------------------------------------------------------------------------------
def test_numbers_are_written_as_they_are():
    document = {
        "a": Decimal("0.10"),
        "b": [Decimal("1E+3"), 7, True, None],
        "c": Numeral("1.50"),
        "d": {},
        "e": "“",
    }
    text = write(document)
    assert json.loads(text, parse_float=str) == {
        "a": "0.1",
        "b": [1000, 7, True, None],
        "c": "1.50",
        "d": {},
        "e": "“",
    }
    with pytest.raises(TypeError, match="float has no place"):
        write({"a": 0.1})


def test_what_is_empty_is_left_out():
    assert filled({"a": "", "b": [{}, {"c": None}], "d": {"e": False, "f": 0}}) == {"d": {"e": False, "f": 0}}
