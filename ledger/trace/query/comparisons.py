"""Greater, less and equal over what events say: numbers exactly, times in UTC."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from ledger.trace.query.look_up import comparable

Compare = Callable[[Any, Any], bool]

COMPARE: Mapping[str, Compare] = {"GT": operator.gt, "GE": operator.ge, "LT": operator.lt, "LE": operator.le}


def holds(compare: Compare, said: Any, wanted: Any) -> bool:
    """Whether what an event says compares so with what is wanted; values of two kinds never do."""
    left, right = comparable(said), comparable(wanted)
    if left is None or right is None or isinstance(left, str) != isinstance(right, str):
        return False
    return compare(left, right)
