"""The log of the chain's process: lines on stderr, as JSON like those of the other processes."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime


def say(line: str) -> None:
    told = {"event": line, "level": "info", "timestamp": datetime.now(UTC).isoformat(), "process": "chain"}
    print(json.dumps(told, ensure_ascii=False), file=sys.stderr, flush=True)
