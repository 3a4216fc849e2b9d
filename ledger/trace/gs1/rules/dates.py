"""Dates and times of day in AI values (GS1 General Specifications, section 3; linters yymmd0, yymmdd, yyyymmdd, hhmi, hh,
mi, ss of the GS1 Barcode Syntax Dictionary).
"""

from __future__ import annotations

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def day_or_month(text: str) -> str | None:
    """YYMMDD, or YYMM00 for a month without a day.

    The century follows from today's (section 7.12), and reaches 1900 or 2100 from 2050 on only: until then every fourth
    year is a leap year.
    """
    return _date(int(text[:2]) % 4 == 0, text[2:4], text[4:], day_may_miss=True)


def day(text: str) -> str | None:
    """YYMMDD."""
    return _date(int(text[:2]) % 4 == 0, text[2:4], text[4:], day_may_miss=False)


def day_of_full_year(text: str) -> str | None:
    """YYYYMMDD."""
    year = int(text[:4])
    return _date(year % 4 == 0 and (year % 100 != 0 or year % 400 == 0), text[4:6], text[6:], day_may_miss=False)


def hour(text: str) -> str | None:
    return None if int(text) < 24 else f"{text} is no hour of a day"


def minute(text: str) -> str | None:
    return None if int(text) < 60 else f"{text} is no minute of an hour"


def second(text: str) -> str | None:
    return None if int(text) < 60 else f"{text} is no second of a minute"


def hour_with_minute(text: str) -> str | None:
    """HHMI."""
    return hour(text[:2]) or minute(text[2:])


def _date(leap: bool, month: str, day: str, *, day_may_miss: bool) -> str | None:
    if not 1 <= int(month) <= 12:
        return f"{month} is no month"
    if day == "00":
        return None if day_may_miss else "the day is 00, and this date must name its day"
    most = 28 if month == "02" and not leap else _DAYS[int(month) - 1]
    return None if int(day) <= most else f"month {month} of that year has no day {day}"
