"""Filters that a client polls (eth_newFilter, eth_newBlockFilter, eth_getFilterChanges).

They live in memory: a restart forgets them, as nodes do.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from msgspec import Raw

from ledger.chain.embedded import parameters as p
from ledger.chain.embedded.history import History, json_list
from ledger.chain.embedded.log_filter import matching_logs, parse_filter
from ledger.chain.embedded.refusals import refused

_MOST_FILTERS = 1_000  # the one unused longest gives way


@dataclass
class _Filter:
    """`wanted` is the log filter as given; None: blocks. `seen` is the last block that was reported."""

    wanted: dict[str, Any] | None
    seen: int
    silent: bool = False


class Filters:
    """Thread-safe."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._lock = threading.Lock()
        self._filters: OrderedDict[str, _Filter] = OrderedDict()

    def _add(self, new: _Filter) -> str:
        name = "0x" + secrets.token_hex(16)
        with self._lock:
            self._filters[name] = new
            while len(self._filters) > _MOST_FILTERS:
                self._filters.popitem(last=False)
        return name

    def new_block_filter(self) -> str:
        return self._add(_Filter(None, self._history.latest()))

    def new_nothing_filter(self) -> str:
        """Pending transactions are nobody's business: the filter exists and stays empty."""
        return self._add(_Filter(None, self._history.latest(), silent=True))

    def new_log_filter(self, wanted: Any) -> str:
        latest = self._history.latest()
        parsed = parse_filter(wanted, latest)
        from_future = wanted.get("fromBlock") in (None, *p.LATEST_TAGS)
        return self._add(_Filter(wanted, latest if from_future else min(parsed.from_block - 1, latest)))

    def _get(self, name: Any) -> _Filter:
        found = self._filters.get(name) if isinstance(name, str) else None
        if found is None:
            raise refused("filter not found")
        self._filters.move_to_end(name)
        return found

    def changes(self, name: Any) -> Any:
        """Block hashes, or logs, since the last time it was asked."""
        with self._lock:
            known = self._get(name)
            first, latest = known.seen + 1, self._history.latest()
            known.seen = latest
        if known.silent or first > latest:
            return []
        if known.wanted is None:
            hashes = self._history.file.query(
                "SELECT hash FROM block WHERE number BETWEEN ? AND ? ORDER BY number", (first, latest)
            )
            return ["0x" + hash_.hex() for (hash_,) in hashes]
        last = known.wanted.get("toBlock")
        last = latest if last is None else min(latest, p.block_number(last, latest))
        return (
            self._matching({**known.wanted, "fromBlock": hex(first), "toBlock": hex(last)}, latest)
            if first <= last
            else []
        )

    def logs(self, name: Any) -> Raw:
        """All that match, from the filter's own range."""
        with self._lock:
            known = self._get(name)
        if known.wanted is None:
            raise refused("filter not found")
        return self._matching(known.wanted, self._history.latest())

    def _matching(self, wanted: dict[str, Any], latest: int) -> Raw:
        return json_list(matching_logs(self._history.file, parse_filter(wanted, latest)))

    def uninstall(self, name: Any) -> bool:
        with self._lock:
            return isinstance(name, str) and self._filters.pop(name, None) is not None
