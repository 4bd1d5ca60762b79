"""Dates, times and periods are read in both calendars, or refused with a sentence."""

from datetime import date, datetime

import pytest

from procurement.sheets.values import Unreadable, parse_date, parse_moment, parse_period, parse_when
from tests.procurement.sheet_files import expected, needs_shared


@needs_shared
def test_every_real_date_is_read() -> None:
    for case in expected("roc_and_other_dates"):
        if isinstance(case["iso"], list):
            assert [day.isoformat() for day in parse_period(case["text"])] == case["iso"]
            with pytest.raises(Unreadable):
                parse_when(case["text"])
        else:
            assert parse_when(case["text"]).isoformat().removesuffix(":00") == case["iso"]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("106/05/16 下午2:30", "2017-05-16T14:30:00"),
        ("民國106年5月16日下午2時30分", "2017-05-16T14:30:00"),
        ("中華民國一〇六年五月十六日上午九時", "2017-05-16T09:00:00"),
        ("民國一百一十年三月八日", "2021-03-08"),
        ("民國元年1月1日", "1912-01-01"),
        ("民國95/10/02", "2006-10-02"),
        ("110年3月8日（一）", "2021-03-08"),
        ("110年3月8日 星期一 17時止", "2021-03-08T17:00:00"),
        ("１０６／０５／１６　１４：３０", "2017-05-16T14:30:00"),
        ("1060516", "2017-05-16"),
        ("2017-05-16T06:30Z", "2017-05-16T14:30:00"),
        ("20170517 14:30", "2017-05-17T14:30:00"),
        ("16/05/2017", "2017-05-16"),
        ("05/16/2017", "2017-05-16"),
        ("113/2/29", "2024-02-29"),
        ("106/05/16 24:00", "2017-05-17T00:00:00"),
        ("106/05/16 中午12時", "2017-05-16T12:00:00"),
        ("106/05/16 2:30 PM", "2017-05-16T14:30:00"),
        ("106/05/16 12:30 AM", "2017-05-16T00:30:00"),
        ("2024年4月24日14點半", "2024-04-24T14:30:00"),
    ],
)
def test_dates(text: str, iso: str) -> None:
    assert parse_when(text).isoformat() == iso


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Nothing is written"),
        ("明天", "not a date"),
        ("42871", "not a date"),
        ("950516", "not a date"),
        ("106年5月", "not a date"),
        ("106.5/16", "not a date"),
        ("95/10/02", "all four digits"),
        ("05/06/2017", "two ways"),
        ("112/2/29", "does not exist"),
        ("106/13/01", "does not exist"),
        ("110年3月8日（星期二）", "day of the week"),
        ("106/05/16 上午12:00", "noon or midnight"),
        ("106/05/16 25:00", "not a date and time"),
        ("106/05/16 14:3", "not a date and time"),
        ("106/05/17－107/05/16", "not a date"),
    ],
)
def test_dates_that_are_refused(text: str, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        parse_when(text)


def test_a_date_is_no_moment_and_a_moment_no_date() -> None:
    assert parse_date("108.2.14") == date(2019, 2, 14)
    assert parse_moment("108.2.14 09:00") == datetime(2019, 2, 14, 9, 0)
    with pytest.raises(Unreadable, match="no time of day"):
        parse_moment("108.2.14")
    with pytest.raises(Unreadable, match="only a date"):
        parse_date("108.2.14 09:00")


@pytest.mark.parametrize(
    "text",
    [
        "106/05/17-107/05/16",
        "106/05/17~107/05/16",
        "106-05-17 - 107-05-16",
        "自106年5月17日起至107年5月16日止",
        "2017.05.17–2018.05.16",
    ],
)
def test_periods(text: str) -> None:
    assert parse_period(text) == (date(2017, 5, 17), date(2018, 5, 16))


def test_a_period_may_name_its_year_once() -> None:
    assert parse_period("110年3月8日至12月31日") == (date(2021, 3, 8), date(2021, 12, 31))


@pytest.mark.parametrize(
    ("text", "says"), [("107/05/16~106/05/17", "before it begins"), ("106/05/17", "not a period")]
)
def test_periods_that_are_refused(text: str, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        parse_period(text)
