"""Dates, times and periods as people write them, in the years of the Republic of China and in common ones.

Year 1 of the Republic is 1912. Years of three digits are hers, years of four are common; a year of one or two
digits is read only where 年 or 民國 says whose it is. Times are local (Asia/Taipei) and carry no zone.
"""

import re
from datetime import date, datetime, timedelta, timezone
from datetime import time as clock

from procurement.sheets.numerals import CHINESE, fold, read_numeral
from procurement.sheets.unreadable import Unreadable, gettext_noop, shown

_FIRST_YEAR = 1911
_TAIPEI = timezone(timedelta(hours=8))

_N = rf"([0-9]{{1,4}}|元|[{CHINESE}]{{1,9}})"
_ERA = r"(?P<era>(?:中華)?民國|西元|公元)?"
_WORDED = re.compile(rf"{_ERA}{_N}年{_N}月{_N}[日號]")
_SEPARATED = re.compile(rf"{_ERA}([0-9]{{1,4}})([/.-])([0-9]{{1,2}})\3([0-9]{{1,4}})")
_SOLID = re.compile(r"([0-9]{3,4})([0-9]{2})([0-9]{2})")
_WEEKDAY = re.compile(r"\(?(?:星期|週|周|禮拜)([一二三四五六日天])\)?|\(([一二三四五六日])\)")
_PART_OF_DAY = {
    "上午": 0,
    "早上": 0,
    "凌晨": 0,
    "am": 0,
    "中午": 12,
    "正午": 12,
    "下午": 12,
    "晚上": 12,
    "pm": 12,
}
_PARTS = "|".join(_PART_OF_DAY)
_TIME = re.compile(
    rf"(?P<before>{_PARTS})?(?P<hour>[0-9]{{1,2}}|[{CHINESE}]{{1,3}})"
    rf"(?::(?P<minute>[0-9]{{2}})(?::(?P<second>[0-9]{{2}})(?:\.0+)?)?"
    rf"|[時点點](?:(?P<half>半)|(?P<minutes>[0-9]{{1,2}}|[{CHINESE}]{{1,3}})分?)?整?)"
    rf"(?P<after>{_PARTS})?(?P<zone>z|[+-][0-9]{{2}}:?[0-9]{{2}})?[止前]?"
)
_PERIOD = re.compile(r"[~〜～至到–—－]+")

_NO_DATE = gettext_noop("“%(text)s” is not a date.")
_NO_TIME = gettext_noop("“%(text)s” is not a date and time.")
_NO_PERIOD = gettext_noop("“%(text)s” is not a period from one date to another.")
_WHOSE_YEAR = gettext_noop("The year in “%(text)s” can be read in two ways: write all four digits.")
_WHICH_ORDER = gettext_noop("Day and month in “%(text)s” can be read in two ways: write year, month and day.")
_NO_SUCH_DAY = gettext_noop("“%(text)s” names a day that does not exist.")
_WRONG_WEEKDAY = gettext_noop("In “%(text)s” the day of the week does not belong to the date.")
_NOON_OR_MIDNIGHT = gettext_noop("“%(text)s” may mean noon or midnight: write 00:00 or 12:00.")
_NEEDS_TIME = gettext_noop("“%(text)s” has no time of day.")
_HAS_TIME = gettext_noop("“%(text)s” has a time of day; only a date is expected.")
_ENDS_FIRST = gettext_noop("The period “%(text)s” ends before it begins.")


def parse_when(text: str) -> date | datetime:
    """Read a date (106/05/16, 民國106年5月16日, 20170517) or a date and time (…14:30, …下午2時30分).

    Returns a `date` where no time is written, else a `datetime` without zone in Asia/Taipei. Raises
    `Unreadable`.
    """
    compact = _compact(text)
    day, rest = _leading_date(compact, text)
    weekday = _WEEKDAY.match(rest)
    if weekday is not None:
        named = "一二三四五六日".index((weekday[1] or weekday[2]).replace("天", "日"))
        if day.weekday() != named:
            raise Unreadable(_WRONG_WEEKDAY, {"text": shown(text)})
        rest = rest[weekday.end() :]
    return _with_time(day, rest, text) if rest else day


def parse_date(text: str) -> date:
    """Read a date; one with a time of day is refused."""
    when = parse_when(text)
    if isinstance(when, datetime):
        raise Unreadable(_HAS_TIME, {"text": shown(text)})
    return when


def parse_moment(text: str) -> datetime:
    """Read a date with a time of day, in Asia/Taipei and without zone; a mere date is refused."""
    when = parse_when(text)
    if not isinstance(when, datetime):
        raise Unreadable(_NEEDS_TIME, {"text": shown(text)})
    return when


def parse_period(text: str) -> tuple[date, date]:
    """Read a first and a last day: 106/05/17－107/05/16, 110年3月8日至110年12月31日止."""
    parts = _PERIOD.split(text.strip().removeprefix("自").removesuffix("止"))
    if len(parts) == 1:  # a plain hyphen counts where it does not also stand inside the dates
        parts = re.split(r"\s-\s", text) if re.search(r"\s-\s", text) else text.split("-")
    if len(parts) != 2:
        raise Unreadable(_NO_PERIOD, {"text": shown(text)})
    year = re.match(r".*?年", parts[0])
    if year is not None and re.match(r"\s*[^年]+月", parts[1]) and "年" not in parts[1]:
        parts[1] = year[0] + parts[1].strip()  # 110年3月8日至12月31日
    first, last = (parse_date(part.strip().removesuffix("起")) for part in parts)
    if last < first:
        raise Unreadable(_ENDS_FIRST, {"text": shown(text)})
    return first, last


def _compact(text: str) -> str:
    """Fold the text and take its spaces out, but keep the date apart from a time of bare digits."""
    folded = fold(text).lower()
    folded = re.sub(r"(?<=[0-9])[t ]+(?=[0-9]{1,2}:)", "T", folded)
    return re.sub(r"[ ,]", "", folded).replace("a.m.", "am").replace("p.m.", "pm")


def _number(written: str) -> int:
    return 1 if written == "元" else int(read_numeral(written))


def _leading_date(compact: str, text: str) -> tuple[date, str]:
    """Take the date off the beginning; return it and what follows."""
    worded = _WORDED.match(compact)
    if worded is not None:
        year, month, day = (_number(written) for written in worded.groups()[1:])
        return _day(_year(year, worded["era"] or "年", text), month, day, text), compact[worded.end() :]
    separated = _SEPARATED.match(compact)
    if separated is not None:
        era, first, _, second, third = separated.groups()
        rest = compact[separated.end() :].removeprefix("T")
        if len(third) == 4 and not era:
            return _day_and_month(first, second, third, text), rest
        if len(third) > 2:
            raise Unreadable(_NO_DATE, {"text": shown(text)})
        if len(first) < 3 and not era:
            raise Unreadable(_WHOSE_YEAR, {"text": shown(text)})
        return _day(_year(int(first), era, text), int(second), int(third), text), rest
    solid = re.match(r"[0-9]+", compact)
    parts = _SOLID.fullmatch(solid[0]) if solid is not None else None
    if solid is None or parts is None:
        raise Unreadable(_NO_DATE, {"text": shown(text)})
    year, month, day = (int(part) for part in parts.groups())
    return _day(_year(year, None, text), month, day, text), compact[solid.end() :].removeprefix("T")


def _year(year: int, era: str | None, text: str) -> int:
    """Return the common year. Without an era, years below 1000 are the Republic's."""
    if era in ("西元", "公元"):
        common = year
    elif era in ("民國", "中華民國") or year < 1000:
        common = year + _FIRST_YEAR
    else:
        common = year
    if year < 1 or not _FIRST_YEAR < common < 2200:
        raise Unreadable(_NO_DATE, {"text": shown(text)})
    return common


def _day(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Unreadable(_NO_SUCH_DAY, {"text": shown(text)}) from error


def _day_and_month(first: str, second: str, year: str, text: str) -> date:
    """Read 16/05/2017 and 05/16/2017; where both orders make sense, refuse."""
    one, two = int(first), int(second)
    if one <= 12 and two <= 12 and one != two:
        raise Unreadable(_WHICH_ORDER, {"text": shown(text)})
    day, month = (two, one) if two > 12 else (one, two)
    return _day(_year(int(year), "西元", text), month, day, text)


def _with_time(day: date, rest: str, text: str) -> datetime:
    time = _TIME.fullmatch(rest)
    if time is None or (time["before"] and time["after"]):
        raise Unreadable(_NO_TIME, {"text": shown(text)})
    hour = _number(time["hour"])
    minute = 30 if time["half"] else _number(time["minute"] or time["minutes"] or "0")
    second = int(time["second"] or 0)
    hour = _hour(hour, time["before"] or time["after"], text)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        raise Unreadable(_NO_TIME, {"text": shown(text)})
    moment = datetime.combine(day, clock.min) + timedelta(hours=hour, minutes=minute, seconds=second)
    if time["zone"]:
        zoned = datetime.fromisoformat(moment.isoformat() + time["zone"].upper().replace("Z", "+00:00"))
        return zoned.astimezone(_TAIPEI).replace(tzinfo=None)
    return moment


def _hour(hour: int, part: str | None, text: str) -> int:
    """Return the hour of 24 for an hour and the part of the day that is named with it."""
    if part is None:
        return hour
    if hour > 12 and _PART_OF_DAY[part] == 12:  # 下午14時 says it twice
        return hour
    if hour > 12 or hour == 0:
        raise Unreadable(_NO_TIME, {"text": shown(text)})
    if hour == 12 and part in ("上午", "早上", "凌晨", "晚上"):
        raise Unreadable(_NOON_OR_MIDNIGHT, {"text": shown(text)})
    if part in ("中午", "正午"):
        return hour if hour >= 10 else hour + 12
    return hour % 12 + _PART_OF_DAY[part]
