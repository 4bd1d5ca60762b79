"""What asks for the same: shingles, correspondence, and the filter that changes no result."""

from fractions import Fraction
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.catalogues import baseline
from procurement.catalogues.likeness import (
    ALIKE,
    CORRESPONDS,
    SAME,
    WORDS,
    Asked,
    Likeness,
    Twin,
    resemblance,
    scheme_of,
    shingles,
)


def asked(key, *texts, catalogue="", edition="", entry=""):
    return Asked(key, catalogue, edition, entry, texts)


def test_shingles_are_pairs_of_words_and_pairs_of_characters():
    assert shingles("Lock the account, LOCK the door") == {
        "lock the",
        "the account",
        "account lock",
        "the door",
    }
    assert shingles("帳號鎖定") == {"帳 號", "號 鎖", "鎖 定"}
    assert shingles("使用ＡＳＶＳ清單") == {"使 用", "清 單"}
    assert shingles("Encryption.") == {"encryption"}
    assert shingles("…") == frozenset()


def test_resemblance_is_what_is_common_of_both_together():
    assert resemblance(frozenset("abc"), frozenset("bcd")) == Fraction(2, 4)
    assert resemblance(frozenset(), frozenset()) == 0


def test_alike_begins_at_exactly_one_half():
    # 3 of 6 pairs are common, then 3 of 7.
    base = "lock every idle session now please"
    at_half = Likeness([asked("a", "lock every idle session")])
    assert at_half.twins_of(asked("b", base + " again")) == [Twin("a", WORDS, Fraction(3, 6))]
    assert at_half.twins_of(asked("b", base + " again today")) == []


def test_the_same_entry_of_another_edition_is_the_same():
    known = Likeness([asked("a", "Old words here", catalogue="X", edition="1", entry="R1")])
    new = asked("b", "Something else entirely", catalogue="X", edition="2", entry="R1")
    assert known.twins_of(new) == [Twin("a", SAME)]


def test_what_the_baseline_gives_as_corresponding_is_pointed_out():
    row = baseline.by_id()["ASY-AC-03"]
    known = Likeness([asked("a", row.text.en, catalogue=baseline.CODE, entry=row.id)])
    for catalogue, edition, entry in (
        ("ASVS", "5.0.0", "V7.4.2"),
        ("tw-annex10", "unstated", "TW-A10-AC-03"),
        ("NIST-SP-800-53-LOW-BASELINE", "5.1.1", "ac-2.3"),
    ):
        new = asked("b", "–", catalogue=catalogue, edition=edition, entry=entry)
        assert known.twins_of(new) == [Twin("a", CORRESPONDS)], catalogue


def test_identifiers_of_another_edition_of_the_asvs_mean_something_else():
    assert scheme_of("ASVS", "4.0.3") == ""
    assert scheme_of("ASVS", "5.0.0") == "asvs"
    assert scheme_of("house-rules", "1") == ""


def test_two_foreign_rows_correspond_through_the_baseline():
    known = Likeness([asked("a", "x y", catalogue="ASVS", edition="5.0.0", entry="V7.4.2")])
    new = asked("b", "z w", catalogue="tw-annex10", edition="unstated", entry="TW-A10-AC-03")
    assert known.twins_of(new) == [Twin("a", CORRESPONDS)]


def test_rows_of_one_catalogue_are_no_twins_by_correspondence():
    first = asked("a", "one two", catalogue="ASVS", edition="5.0.0", entry="V8.3.1")
    second = asked("b", "three four", catalogue="ASVS", edition="5.0.0", entry="V8.2.2")
    assert Likeness([first, second]).pairs() == []


def test_pairs_come_once_in_order():
    rows = [asked(key, "all backups are encrypted and tested") for key in ("z", "a", "m")]
    assert [(first, twin.key) for first, twin in Likeness(rows).pairs()] == [
        ("z", "a"),
        ("z", "m"),
        ("a", "m"),
    ]


WORD = st.sampled_from(["lock", "log", "key", "test", "patch", "帳", "號"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(WORD, min_size=1, max_size=7).map(" ".join), min_size=2, max_size=7))
def test_the_filter_misses_nothing(texts):
    rows = [asked(f"{number}", text) for number, text in enumerate(texts)]
    slow = {
        (first.key, second.key)
        for first, second in combinations(rows, 2)
        if resemblance(shingles(first.texts[0]), shingles(second.texts[0])) >= ALIKE
    }
    assert {(first, twin.key) for first, twin in Likeness(rows).pairs()} == slow
