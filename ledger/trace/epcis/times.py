"""Times of EPCIS events: xsd:dateTimeStamp in, UTC with milliseconds and Z out (CBV 2.0 section 8.9, rules 8 and 9)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", re.ASCII)
# EPCIS 2.0 section 7.4.1: from -14:00 to +14:00.
_OFFSET = re.compile(r"[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)", re.ASCII)


def is_offset(text: str) -> bool:
    """Whether it is a time zone offset as eventTimeZoneOffset takes it: +08:00."""
    return _OFFSET.fullmatch(text) is not None


@lru_cache(maxsize=16384)
def utc_milliseconds(text: str) -> str | None:
    """`2026-04-17T13:26:42.000Z` for `2026-04-17T09:26:42-04:00`, or None where it is no such time of a real calendar
    day.

    The third decimal is rounded up where the fourth is 5 to 9.
    """
    match = _STAMP.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, decimals, zone = match.groups()
    decimals = decimals or ""
    milliseconds = int(decimals[:3].ljust(3, "0")) + (decimals[3:4] >= "5")
    if zone != "Z" and not is_offset(zone):
        return None
    try:
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC)
        if milliseconds == 1000:
            moment, milliseconds = moment + timedelta(seconds=1), 0
        if zone != "Z":
            minutes = int(zone[1:3]) * 60 + int(zone[4:])
            moment -= timedelta(minutes=minutes if zone[0] == "+" else -minutes)
    except (ValueError, OverflowError):
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z".rjust(24, "0")
