"""The form of a file, what is read exactly, the fingerprint, and tenders before there are bids."""

import hashlib
import json

import pytest

from bids.evaluation import (
    Refused,
    canonical,
    case_file,
    check_specification,
    document_of,
    evaluate_file,
    fingerprint,
    read,
    read_document,
)

from .making import GONE, NESTED, criterion, errors_of, f, marks_of, panel, priced, put, tender, two_leaves


def faults_of(data):
    with pytest.raises(Refused) as refusal:
        read(data)
    return [(issue.path, issue.code) for issue in refusal.value.issues if issue.level == "error"]


# --- the form of the file ----------------------------------------
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"{",
        b"nul",
        b"[1,]",
        b"{'a':1}",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'"\x01"',
        b"01",
        b'{"a":\xed\xa0\x80}',
    ],
)
def test_what_is_no_json_is_refused(data):
    assert faults_of(data) == [("", "not_json")]


@pytest.mark.parametrize("data", [b"null", b"[]", b"1", b'"x"', b"NaN", b"true"])
def test_a_file_is_an_object(data):
    assert faults_of(data) == [("", "wrong_type")]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_million_levels_are_too_deep(opening):
    assert faults_of((opening * 1_000_000).encode()) == [("", "too_deep")]


def test_thirty_two_levels_are_allowed_and_the_file_is_the_first():
    def nested(levels):
        return json.dumps({"deep": json.loads("[" * (levels - 1) + "]" * (levels - 1))})

    assert faults_of(nested(32))[0] == ("deep", "unknown_key")
    assert ("", "too_deep") not in faults_of(nested(32))
    assert ("", "too_deep") in faults_of(nested(33))


def test_a_file_of_more_than_twenty_million_bytes_is_refused():
    assert faults_of(b" " * 20_000_001) == [("", "too_large")]
    assert faults_of("é" * 10_000_001) == [("", "too_large")]


def test_keys_given_twice_are_named_at_every_level():
    text = json.dumps(two_leaves())
    assert ("title", "duplicate_key") in faults_of(text.replace('"title"', '"title": "x", "title"', 1))
    text = text.replace('"vendor": "B"', '"vendor": "B", "vendor": "B"').replace(
        '"mark": 50', '"mark": 5, "mark": 5'
    )
    assert {("bids[1].vendor", "duplicate_key"), ("bids[0].marks[0].mark", "duplicate_key")} <= set(
        faults_of(text)
    )


def test_more_than_two_hundred_thousand_marks_are_refused(monkeypatch):
    monkeypatch.setattr("bids.evaluation.schema.MOST_MARKS", 7)
    assert ("", "too_large") in errors_of(two_leaves())
    monkeypatch.setattr("bids.evaluation.schema.MOST_MARKS", 8)
    assert errors_of(two_leaves()) == set()


# --- numbers ----------------------------------------
@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("1e2", "100"),
        ("9.0E+2", "900"),
        ("1.50e1", "15"),
        ("125e-2", "1.25"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("0.000000000000000000000000000001", "1/1000000000000000000000000000000"),
        ('"000000000000000000000000000000000000007.5"', "7.5"),
        ("1e29", "100000000000000000000000000000"),
    ],
)
def test_a_price_is_read_exactly(numeral, value):
    text = json.dumps(put(two_leaves(), "bids[0].price", "PRICE")).replace('"PRICE"', numeral)
    assert read(text).bids[0].price == f(value)


@pytest.mark.parametrize(
    ("numeral", "code"),
    [
        ("1e30", "too_many_digits"),
        ("1e999999999999999999999999", "too_many_digits"),
        ("1e-999999999999999999999999", "too_many_digits"),
        ("0e-31", "too_many_digits"),
        ("1.0000000000000000000000000000000", "too_many_digits"),
        ("0e999999999999999999999999", "out_of_range"),
        ("0e31", "out_of_range"),
        ("-0", "out_of_range"),
        ("NaN", "bad_number"),
        ("-Infinity", "bad_number"),
        ('"Infinity"', "bad_number"),
        ('"1 "', "bad_number"),
        ('"1\\n"', "bad_number"),
        ('""', "bad_number"),
    ],
)
def test_a_price_that_is_no_price_is_refused(numeral, code):
    text = json.dumps(put(two_leaves(), "bids[0].price", "PRICE")).replace('"PRICE"', numeral)
    assert faults_of(text) == [("bids[0].price", code)]


def test_a_number_that_was_read_as_json_is_no_text_of_the_same_digits():
    text = json.dumps(put(put(two_leaves(), "bids[0].price", "P"), "bids[1].price", "1e3"))
    assert faults_of(text.replace('"P"', "1e3")) == [("bids[1].price", "bad_number")]
    assert ("title", "wrong_type") in faults_of(
        json.dumps(put(put(two_leaves(), "reference", "7"), "title", 7))
    )


# --- the fingerprint and the document ----------------------------------------
def test_a_case_becomes_a_document_and_the_same_case_again():
    excluded = put(put(two_leaves(), "bids[0].status", "excluded"), "bids[0].reason", "late\nby a day")
    for document in (
        NESTED,
        excluded,
        priced({"formula": "bands", "bands": [{"up_to": 5, "points": 1}]}, [1]),
    ):
        case = read_document(document)
        assert read_document(case_file(case)) == case
        assert read(json.dumps(case_file(case), ensure_ascii=False)) == case


def test_nulls_are_kept_for_reading_and_dropped_for_the_fingerprint():
    document = put(put(two_leaves(), "bids[0].price", None), "bids[0].marks[0].mark", None)
    case = read_document(document)
    assert read_document(case_file(case)) == case
    assert "price" not in document_of(case)["bids"][0]
    assert "mark" not in document_of(case)["bids"][0]["marks"][0]


def test_defaults_written_out_leave_the_fingerprint_alone():
    short, long = two_leaves(aggregation="unit-mean"), two_leaves(aggregation="unit-mean")
    for path, value in [
        ("currency", "TWD"),
        ("criteria[0].maximum", "60.0"),
        ("criteria[0].units", ["committee"]),
        ("unit_shares", {"committee": 1}),
        ("panel[0].expert", False),
        ("bids[0].claims", []),
    ]:
        long = put(long, path, value)
    assert fingerprint(read_document(short)) == fingerprint(read_document(long))
    assert fingerprint(read_document(put(short, "title", "Another"))) != fingerprint(read_document(short))


def test_the_fingerprint_is_that_of_the_canonical_form():
    for unit in ("資安", "\ue000", "\U0001f512"):
        document = two_leaves(aggregation="unit-mean", unit_shares={unit: 1, "committee": "2.5"})
        case = read_document(put(document, "panel[1].unit", unit))
        digest = hashlib.sha256(canonical(document_of(case)).encode()).hexdigest()
        assert fingerprint(case) == f"sha256:{digest}"


# --- before publication ----------------------------------------
def test_a_specification_needs_neither_bids_nor_panel():
    draft = put(put(put(NESTED, "bids", GONE), "panel", GONE), "lots_drawn", [])
    draft = put(draft, "criteria[1].units", ["sec"])
    assert not [issue for issue in check_specification(draft) if issue.level == "error"]
    assert ("no_security_requirement", "warning") in {
        (issue.code, issue.level) for issue in check_specification(put(draft, "requirements", []))
    }
    shares = draft | {"aggregation": "unit-mean", "unit_shares": {"sec": 1}}
    assert not [issue for issue in check_specification(shares) if issue.level == "error"]
    heavy = put(put(draft, "profile", "tw-public"), "criteria[3].weight", 100)
    assert "price_weight_out_of_bounds" in {issue.code for issue in check_specification(heavy)}
    assert [issue.code for issue in check_specification(7)] == ["wrong_type"]


def test_a_refused_file_has_three_keys_only():
    document = evaluate_file(b"{}")
    assert list(document) == ["format", "status", "issues"]
    assert {"bids", "criteria", "format", "reference", "title"} == {
        issue["path"] for issue in document["issues"] if issue["level"] == "error"
    }


def test_a_panel_of_units_and_marks_reads():
    document = tender(
        [criterion("s", 1, maximum=5)],
        [{"vendor": "A", "price": 5, "marks": marks_of({"s": [5, None]})}],
        panel=[
            *panel(1, "it"),
            {"code": "m2", "unit": "sec", "name": "陳", "expert": True, "present": False},
        ],
    )
    assert read_document(document).units == ("it", "sec")
