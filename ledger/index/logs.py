"""All logs of one event in a window, in columns: what a handler's `append` is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from ledger.index.names import snake_case

E_co = TypeVar("E_co", covariant=True)


class Logs(Generic[E_co]):
    """Logs of the event `E_co`. `at`: their blocks' times in Unix seconds; `tx_hash` 0x hex."""

    def __init__(
        self,
        event: type[Any],
        block: Sequence[int],
        log_index: Sequence[int],
        tx_hash: Sequence[str],
        at: Sequence[int],
        arguments: Mapping[str, Sequence[Any]],
    ) -> None:
        self.block, self.log_index, self.tx_hash, self.at = block, log_index, tx_hash, at
        self.kind = snake_case(event.__name__)
        self._arguments = arguments

    def __len__(self) -> int:
        return len(self.block)

    def all(self, argument: str) -> Sequence[Any]:
        """The column of an argument, named as in the event's class. KeyError when it has none of that name."""
        return self._arguments[argument]
