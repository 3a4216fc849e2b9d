"""The zone of settlement: days and times of money are China's, whose money this is."""

from __future__ import annotations

from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
