"""The log of the chain's process: lines on stderr."""

from __future__ import annotations

import sys
import time


def say(line: str) -> None:
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} chain: {line}", file=sys.stderr, flush=True)
