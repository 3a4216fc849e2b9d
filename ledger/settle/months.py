"""Calendar months at UTC+8, in which volumes are counted; `contracts/src/libraries/Months.sol` is the same in Solidity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


def month_at(timestamp: int) -> int:
    """Of a time in seconds since 1970 (UTC): months since March of the year 0."""
    day = datetime.fromtimestamp(timestamp, CHINA)
    return 12 * day.year + day.month - 3


def month_bounds(month: int) -> tuple[int, int]:
    """Its first second and that of the next month, in seconds since 1970 (UTC)."""
    return _start_of(month), _start_of(month + 1)


def month_name(month: int) -> str:
    """As 2026-11."""
    year, index = divmod(month + 2, 12)
    return f"{year:04}-{index + 1:02}"


def _start_of(month: int) -> int:
    year, index = divmod(month + 2, 12)
    return int(datetime(year, index + 1, 1, tzinfo=CHINA).astimezone(UTC).timestamp())
