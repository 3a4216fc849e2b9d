"""Whether the test network's engine can be had here: a heavy part, skipped in sight without it, a failure with CI=true."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ledger.errors import Unavailable
from ledger.network.engine import engine


def require_engine() -> Path:
    """The engine's binary, built if need be."""
    try:
        return engine(print)
    except Unavailable as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"with CI=true the network's engine must be there: {error}")
        pytest.skip(f"SKIPPED: the network's engine cannot be built here: {error}")
