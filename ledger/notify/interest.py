"""What a listener wants to hear, and may."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.notify.feed import PUBLIC_KINDS, REORGANISED, FeedRow


@dataclass(frozen=True, slots=True)
class Interest:
    """Filters, each of which must pass: `kinds` (empty: all), a `party` (a member's number) and a `lot`.

    `listener` is the member that listens, None for a stranger: kinds that are not public reach their parties only.
    """

    kinds: frozenset[str] = frozenset()
    party: int | None = None
    lot: str | None = None
    listener: int | None = None

    @property
    def private(self) -> frozenset[str]:
        """The kinds asked for that a stranger never hears."""
        return self.kinds - PUBLIC_KINDS - {REORGANISED}

    def covers(self, row: FeedRow) -> bool:
        """Whether a row passes the filters and may be heard. That blocks were replaced, everybody hears."""
        if row.kind == REORGANISED:
            return True
        if self.kinds and row.kind not in self.kinds:
            return False
        if self.party is not None and self.party not in row.parties:
            return False
        if self.lot is not None and self.lot not in row.lots:
            return False
        return row.kind in PUBLIC_KINDS or (self.listener is not None and self.listener in row.parties)


EVERYTHING_PUBLIC = Interest()
