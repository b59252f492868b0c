"""Dates in every form of the files: days, months, quarters, years, serial numbers, Chinese digits."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from etl.fault import Fault
from etl.parse_amount import chinese_number
from etl.parse_text import compact, is_no_word, is_nothing, plain
from layers.store.slices import today

EARLIEST, LATEST = 1900, 2100
_OR_MONTHS = range(19490, 20500)  # a year and one digit of a month, as likely as a day of 1953 to 1956
_SERIAL_FIRST, _SERIAL_LAST = 10_000, 75_000  # 1927-05-18 to 2105
_TIME = re.compile(r"(?:T| )\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[-+]\d{2}:?\d{2})?$")
_SEP = r"[-/.．]"
_DAY = re.compile(rf"^(\d{{4}}){_SEP}(\d{{1,2}}){_SEP}(\d{{1,2}})(?:[T ]?\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?Z?)?$")
_CN_DAY = re.compile(r"^(\d{2}|\d{4})年(\d{1,2})月(\d{1,2})[日号]?$")
_MONTH = re.compile(rf"^(\d{{4}}){_SEP}(\d{{1,2}})$")
_CN_MONTH = re.compile(r"^(\d{2}|\d{4})年(\d{1,2})月?(初|上旬|中旬|中|下旬|底|末|份)?$")
_QUARTER = re.compile(r"^(\d{4})[-年./]?(?:第?([1-4一二三四])季度?|[Qq]([1-4])|([1-4])[Qq])$")
_HALF = re.compile(r"^(\d{4})年?(上|下)半年$")
_YEAR = re.compile(r"^(\d{4})(?:年度?)?$")
_PART_OF_YEAR = re.compile(r"^(\d{2}|\d{4})年(初|中|底|末)$")
_MONTH_OF = {"初": 1, "中": 6, "底": 12, "末": 12}
_COMPACT_DAY = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_COMPACT_MONTH = re.compile(r"^(\d{4})(\d{2})$")
_DAY_FIRST = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$")
_SHORT = re.compile(r"^(\d{2})[-/.](\d{1,2})[-/.](\d{1,2})$")
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")
_CN_DIGIT_RUN = re.compile(r"[〇零一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾]+(?=[年月日号])")
_ROUND = re.compile(  # 二○二六年, 二O二六年: the circle or letter that stands for 〇
    r"(?<=[〇零一二三四五六七八九○◯OoΟο0])[○◯OoΟο0](?=[〇零一二三四五六七八九○◯OoΟο0年])"
)
_TEN_DAYS = {
    "初": (1, 10),
    "上旬": (1, 10),
    "中旬": (11, 20),
    "中": (11, 20),
    "下旬": (21, 31),
    "底": (21, 31),
    "末": (21, 31),
}
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}


@dataclass(frozen=True)
class Period:
    """The days a cell names: one day, or the first and last of a month, quarter or year; and its words.

    ``coarse`` says how much is named where it is no day: ``month``, ``year``, ``part`` (a half, a quarter, the
    beginning or end of a year, some ten days of a month); else ''.
    """

    first: dt.date
    last: dt.date
    text: str
    coarse: str = ""

    @property
    def day(self) -> dt.date:
        """The one day that is taken: the last, since nothing counts before it has certainly happened."""
        return self.last

    @property
    def is_vague(self) -> bool:
        """Whether the sender should say it more closely: a year or a part of one, or a month that is not over."""
        return self.coarse in ("year", "part") or (self.coarse == "month" and self.first <= today() < self.last)


def _span(text: str, year: int, month: int = 1, months: int = 12, coarse: str = "") -> Period | Fault:
    if not (EARLIEST <= year <= LATEST and 1 <= month <= 12):
        return Fault("bad_date")
    end = month + months - 1
    following = dt.date(year + end // 12, end % 12 + 1, 1)
    return Period(dt.date(year, month, 1), following - dt.timedelta(days=1), text, coarse)


def _day(text: str, year: int, month: int, day: int) -> Period | Fault:
    try:
        found = dt.date(year, month, day)
    except ValueError:
        return Fault("bad_date")
    return Period(found, found, text) if EARLIEST <= year <= LATEST else Fault("bad_date")


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def parse_date(text: str | None, *, is_number: bool = False) -> Period | Fault | None:
    """Read a date.

    Parameters
    ----------
    text : str or None
        The cell.
    is_number : bool
        The cell held a number, not text: 2026.1 may then have been 2026.10, and the answer says so.

    Returns
    -------
    Period, or None for a cell that says nothing, or Fault: ``bad_date``, ``ambiguous_date`` (05/03/2026,
    26.3.5), ``date_lost_zero`` (a number 2026.1; the Period is its value).
    """
    if text is None or is_nothing(text) or is_no_word(text):
        return None
    words = text.strip()
    raw = compact(_TIME.sub("", plain(text))).strip("。.,，;；")
    if raw[:1] in "一二":
        raw = _ROUND.sub("〇", raw)
    raw = _CN_DIGIT_RUN.sub(lambda m: str(chinese_number(m.group())), raw)
    for pattern, read in _FORMS:
        found = pattern.match(raw)
        if found:
            period = read(words, found)
            if is_number and pattern is _MONTH and found.group(2) == "1" and isinstance(period, Period):
                return Fault("date_lost_zero", period)
            return period
    return Fault("bad_date")


def _cn_month(words: str, m: re.Match[str]) -> Period | Fault:
    month = _span(words, _full_year(m.group(1)), int(m.group(2)), 1, "month")
    part = _TEN_DAYS.get(m.group(3) or "")
    if part is None or isinstance(month, Fault):
        return month
    last = month.last.replace(day=min(part[1], month.last.day))
    return Period(month.first.replace(day=part[0]), last, words, "part")


def _quarter(words: str, m: re.Match[str]) -> Period | Fault:
    named = m.group(2) or m.group(3) or m.group(4)
    number = _QUARTERS.get(named) or int(named)
    return _span(words, int(m.group(1)), 3 * number - 2, 3, "part")


def _day_first(words: str, m: re.Match[str]) -> Period | Fault:
    a, b, year = (int(g) for g in m.groups())
    if a > 12 >= b:
        return _day(words, year, b, a)
    if b > 12 >= a:
        return _day(words, year, a, b)
    return _day(words, year, a, b) if a == b else Fault("ambiguous_date")


def _serial(words: str, m: re.Match[str]) -> Period | Fault:
    number = int(float(m.group()))
    if not _SERIAL_FIRST <= number <= _SERIAL_LAST:
        return Fault("bad_date")
    if number in _OR_MONTHS and number % 10:
        return Fault("ambiguous_date")  # 20263 is rather 2026-3 than a day of 1955
    day = dt.date(1899, 12, 30) + dt.timedelta(days=number)
    return Period(day, day, words)


_FORMS = (
    (_DAY, lambda w, m: _day(w, int(m.group(1)), int(m.group(2)), int(m.group(3)))),
    (_CN_DAY, lambda w, m: _day(w, _full_year(m.group(1)), int(m.group(2)), int(m.group(3)))),
    (_MONTH, lambda w, m: _span(w, int(m.group(1)), int(m.group(2)), 1, "month")),
    (_CN_MONTH, _cn_month),
    (_QUARTER, _quarter),
    (_HALF, lambda w, m: _span(w, int(m.group(1)), 1 if m.group(2) == "上" else 7, 6, "part")),
    (_PART_OF_YEAR, lambda w, m: _span(w, _full_year(m.group(1)), _MONTH_OF[m.group(2)], 1, "part")),
    (_YEAR, lambda w, m: _span(w, int(m.group(1)), coarse="year")),
    (_COMPACT_DAY, lambda w, m: _day(w, int(m.group(1)), int(m.group(2)), int(m.group(3)))),
    (_COMPACT_MONTH, lambda w, m: _span(w, int(m.group(1)), int(m.group(2)), 1, "month")),
    (_DAY_FIRST, _day_first),
    (_SHORT, lambda _w, _m: Fault("ambiguous_date")),
    (_SERIAL, _serial),
)


def find_period(text: str) -> Period | None:
    """Find the reporting period that a header names: 2026年1-6月, 截至2026年6月底, 2025年度, 2026-06.

    A cumulative figure's period ends with its last month: 2026年1-6月 is the first of January to 30 June.
    """
    raw = compact(text)
    raw = re.sub(r"(\d{4})[-./](\d{1,2})(?!\d)", r"\1年\2月", raw)
    raw = re.sub(r"(\d{4})年1[-至~—](\d{1,2})月", r"\1年\2月", raw)
    found = re.search(
        r"(?<!\d)(\d{4})年?(?:(\d{1,2})月|第?([1-4一二三四])季度|[Qq]([1-4])|(上半年)|(?=年|度|$|\D))", raw
    )
    if not found or not EARLIEST <= int(found.group(1)) <= LATEST:
        return None
    year, month = int(found.group(1)), found.group(2)
    named = found.group(3) or found.group(4)
    end = int(month) if month else 12
    if named:
        end = 3 * (_QUARTERS.get(named) or int(named))
    if found.group(5):
        end = 6
    period = _span(text, year, 1, end) if 1 <= end <= 12 else None
    return period if isinstance(period, Period) else None
