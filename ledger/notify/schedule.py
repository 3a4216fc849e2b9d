"""When a failed delivery is tried again: Standard Webhooks 1.0.0, "Deliverability and reliability"."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

MINUTE, HOUR, DAY = 60, 3_600, 86_400

DELAYS: Final = (5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""Seconds between the attempts; the first is made at once. After the last one the message is dead."""

ATTEMPTS: Final = len(DELAYS) + 1

DISABLE_AFTER: Final = 5 * DAY
"""A webhook of which nothing has been taken for this long is disabled when a message of it dies."""

REST_SECONDS: Final = 60
"""The longest that a webhook rests after a failure, unless it asks for more: one that is down takes nobody's turn."""

_JITTER: Final = 0.2
_CHANCE = random.SystemRandom()


def delay_after(attempts: int, asked: int | None = None) -> int | None:
    """Seconds until the next attempt after `attempts` that failed, up to a fifth more or less, so that many do not come
    back at one moment; at least what the receiver `asked` for. None when there is none left."""
    if attempts >= ATTEMPTS:
        return None
    delay = DELAYS[attempts - 1] * _CHANCE.uniform(1 - _JITTER, 1 + _JITTER)
    return max(1, round(delay), min(asked or 0, DAY))


def retry_after(header: str | None, now: int) -> int | None:
    """Seconds, from a Retry-After header (RFC 9110, section 10.2.3); None where it says nothing that can be read."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), DAY)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(0, int(at.timestamp()) - now), DAY)


def iso(seconds: int) -> str:
    """A moment as messages say it: ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
