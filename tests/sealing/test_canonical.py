"""One text for one value: what is written, what is read, and what is refused."""

from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bids.sealing.canonical import bound_to, canonical, is_digest, moment_of, parse, sha256, timestamp
from bids.sealing.refusals import SealRefused

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


class Colour(StrEnum):
    RED = "red"


@settings(max_examples=100, deadline=None)
@given(value=VALUES)
def test_what_is_written_is_read_back(value):
    assert parse(canonical(value)) == value


def test_keys_are_put_in_order_and_spaces_left_out():
    assert canonical({"b": [1, True, None], "a": "標"}) == '{"a":"標","b":[1,true,null]}'.encode()


def test_kinds_of_text_are_written_as_plain_text():
    assert canonical({Colour.RED: Colour.RED}) == b'{"red":"red"}'


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), 2**53, -(2**53), b"bytes", {1: 2}, "\ud800", {"\ud800": 1}]
)
def test_what_has_no_single_text_is_refused(value):
    with pytest.raises(SealRefused, match="one way only"):
        canonical({"deep": [value]})


def test_what_is_too_deep_is_refused():
    value = []
    for _ in range(5000):
        value = [value]
    with pytest.raises(SealRefused):
        canonical(value)
    with pytest.raises(SealRefused):
        parse(b"[" * 100_000)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b'{"a": 1}',
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b"[1.0]",
        b"[1e2]",
        b"NaN",
        b"\xff",
        b'["\\u0041"]',
    ],
)
def test_another_writing_of_the_same_is_not_read(text):
    with pytest.raises(SealRefused, match="not written as it has to be"):
        parse(text)


def test_one_use_is_never_another():
    assert bound_to("file", part="1") != bound_to("manifest", part="1")
    assert bound_to("file", part="1") == b'{"format":"assay/1","part":"1","use":"file"}'


def test_digests():
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert is_digest(sha256(b""))
    assert not is_digest(sha256(b"").upper())
    assert not is_digest(None)


def test_moments_are_written_in_utc_and_what_is_finer_than_a_millisecond_is_cut_off():
    taipei = timezone(timedelta(hours=8))
    assert timestamp(datetime(2026, 11, 22, 16, 59, 59, 999_999, taipei)) == "2026-11-22T08:59:59.999Z"
    assert moment_of("2026-11-22T08:59:59.999Z") == datetime(2026, 11, 22, 8, 59, 59, 999_000, UTC)


def test_a_moment_without_a_zone_is_an_error():
    with pytest.raises(ValueError, match="time zone"):
        timestamp(datetime(2026, 11, 22))


@pytest.mark.parametrize(
    "text", ["", "2026-11-22", "2026-11-22T08:59:59Z", "2026-11-22T16:59:59.999+08:00", "now"]
)
def test_another_writing_of_a_moment_is_not_read(text):
    with pytest.raises(SealRefused):
        moment_of(text)
