"""How a page writes money, times, quantities and hashes. Text only; no arithmetic on money beyond placing the point."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from api.pages.language import Language
from ledger.settle import money
from ledger.settle.zone import SHANGHAI


def yuan(fen: int) -> str:
    """Fen as ¥ with two decimals and a true minus sign: 123456 -> ¥1,234.56; -5 -> −¥0.05."""
    return money.yuan(fen).replace("-", "−")


def percent(basis_points: int) -> str:
    """Basis points as per cent: 1250 -> 12.5 %."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}{f'.{rest:02d}'.rstrip('0') if rest else ''} %"


def zone_text(offset: str) -> str:
    """`+08:00` -> `UTC+08:00`, with a true minus sign."""
    return "UTC" + offset.replace("-", "−") if offset not in ("", "Z") else "UTC+00:00"


def event_time(local_iso: str, offset: str, whole_day: bool, language: Language) -> str:
    """An event's time as the clock stood where it happened, with the zone: 17 Apr 2026 09:26 (UTC−04:00)."""
    at = datetime.fromisoformat(local_iso)
    clock = "" if whole_day else f" {at:%H:%M}"
    return f"{_day(at, language)}{clock} ({zone_text(offset)})"


def local_time(utc_iso: str, offset: str, language: Language) -> str:
    """The same from UTC and an offset."""
    local = datetime.fromisoformat(utc_iso).astimezone(_zone(offset))
    return event_time(local.isoformat(), offset, False, language)


def machine_time(utc_iso: str, offset: str) -> str:
    """The same as a `datetime` attribute: RFC 3339 with the local offset."""
    return datetime.fromisoformat(utc_iso).astimezone(_zone(offset)).isoformat(timespec="seconds")


def chain_time(seconds: int, language: Language) -> str:
    """A block's time, in China's zone."""
    local = datetime.fromtimestamp(seconds, UTC).astimezone(SHANGHAI)
    return f"{_day(local, language)} {local:%H:%M:%S} (UTC+08:00)"


def chain_day(seconds: int) -> str:
    """The day of a block in China's zone: 2026-04-17."""
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone(SHANGHAI):%Y-%m-%d}"


def chain_iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def grouped(number: str) -> str:
    """A decimal as said, its whole part in groups of three: 25000 -> 25,000."""
    whole, point, fraction = number.partition(".")
    return f"{int(whole):,}{point}{fraction}" if whole.isdigit() else number


def short(hexadecimal: str) -> str:
    """A hash for reading: its first eight and last six characters."""
    return hexadecimal if len(hexadecimal) <= 16 else f"{hexadecimal[:8]}…{hexadecimal[-6:]}"


def _zone(offset: str) -> timezone:
    if offset in ("", "Z"):
        return UTC
    sign = -1 if offset[0] == "-" else 1
    hours, _, minutes = offset[1:].partition(":")
    return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes or 0)))


def _day(at: datetime, language: Language) -> str:
    return f"{at.year}年{at.month}月{at.day}日" if language == "zh" else f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
