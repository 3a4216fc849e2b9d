"""What was known at a past moment: the statements that stood on the chain by then.

The moment is that of recording, not of happening: an event of Monday that was recorded on Wednesday was unknown on Tuesday. So
the answer for a past moment never changes. Names of members, places and products are those of now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, select

from ledger.errors import BadInput
from ledger.store.schema import statement
from ledger.trace.stated import Recall, StatedEvent

_Rows = TypeVar("_Rows", bound=Select[Any])


def read_moment(text: str, where: str) -> int:
    """Unix seconds of an ISO 8601 time with its offset; fractions are cut off. BadInput for anything else, the future included."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadInput(
            f"{text!r} is no moment.", where=where, hint="Write it as 2026-05-01T08:00:00+08:00, with its offset."
        )
    if moment > datetime.now(UTC):
        raise BadInput(f"{text} lies in the future.", where=where, hint="Leave it out to see what is known now.")
    return int(moment.timestamp())


def recorded_by(query: _Rows, event_hash: ColumnElement[Any], as_of: int | None) -> _Rows:
    """The query, narrowed to events that somebody had recorded by then; as it is for None."""
    if as_of is None:
        return query
    said = statement.alias("recorded")
    known = select(said.c.commitment).where(said.c.event_hash == event_hash, said.c.recorded_at <= as_of)
    return query.where(known.exists())


def said_by(event: StatedEvent, as_of: int) -> StatedEvent:
    """The event with the statements of it that stood by then."""
    return replace(event, statements=tuple(one for one in event.statements if one.recorded_at <= as_of))


def as_they_stood(recalls: Iterable[Recall], as_of: int | None) -> tuple[Recall, ...]:
    """The recalls that had been opened by then; one that was closed later stood open."""
    if as_of is None:
        return tuple(recalls)
    return tuple(
        replace(recall, closed_at=recall.closed_at if (recall.closed_at or as_of + 1) <= as_of else None)
        for recall in recalls
        if recall.opened_at <= as_of
    )
