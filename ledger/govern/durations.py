"""Durations as people write them: 90s, 30m, 2h, 1d, or several together, like 1d12h."""

from __future__ import annotations

import re

from ledger.errors import BadInput

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def parse_duration(text: str) -> int:
    """Seconds. BadInput for what is no duration."""
    parts = re.findall(r"(\d{1,9})([smhd])", text.strip().lower())
    if not parts or "".join(count + unit for count, unit in parts) != text.strip().lower():
        raise BadInput(f"{text!r} is no duration.", hint="Write it like 90s, 30m, 2h or 1d12h.")
    return sum(int(count) * _SECONDS[unit] for count, unit in parts)
