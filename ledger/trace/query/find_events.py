"""Answers a query: rows are taken in order, a portion at a time, and those that the member may see and that hold all conditions
are given, page by page.

A page ends with a token that names the last row; what is recorded meanwhile is neither told twice nor skipped.
"""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from ledger.errors import BadInput, SuyuanError
from ledger.store.documents import Documents
from ledger.store.queries.members import MemberRow
from ledger.store.schema import event, event_item, statement
from ledger.trace.epcis.context import KNOWN_PREFIXES
from ledger.trace.epcis.envelope import open_envelope
from ledger.trace.event_body import read_body
from ledger.trace.event_rows import in_batches
from ledger.trace.query.event_query import DEFAULT_PER_PAGE, EventQuery, QueriedEvent
from ledger.trace.query.visible import visibility, without_partners

_PORTION = 250

Prefixes = Mapping[str, str]


class TooManyEvents(BadInput):
    """More events than the query's maxEventCount allows (EPCIS 2.0: QueryTooLargeException)."""


@dataclass(frozen=True, slots=True)
class FoundEvents:
    """Events in JSON form in the query's order (quantities as Decimal), each with `recordTime`, `eventID` and the prefixes of
    its own `@context`. `next_token` asks for the next page; None where this is the last."""

    events: tuple[dict[str, Any], ...]
    next_token: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An event that answers, the key of its row in the order, and what is shown of it."""

    event: QueriedEvent
    key: tuple[str | int, str]
    shown: dict[str, Any]


def find_events(
    connection: Connection,
    documents: Documents,
    query: EventQuery,
    member: MemberRow,
    *,
    per_page: int = DEFAULT_PER_PAGE,
    token: str | None = None,
) -> FoundEvents:
    """The page after `token`. BadInput for a token that is none of ours; TooManyEvents beyond the query's own bound."""
    after, given = _read_token(token)
    left = None if query.limit is None else query.limit - given
    wanted = min(per_page, left) if left is not None else per_page
    found: list[Candidate] = []
    more = False
    counted = given
    for candidate in matching(connection, documents, query, member, after):
        counted += 1
        if query.most is not None and counted > query.most:
            raise TooManyEvents(
                f"More than {query.most} events answer the query.", where="query maxEventCount", hint="Ask for less."
            )
        if len(found) == wanted:
            more = True
            if query.most is None:
                break
        else:
            found.append(candidate)
    ends = left is not None and len(found) >= left
    next_token = _token(found[-1].key, given + len(found)) if more and found and not ends else None
    return FoundEvents(tuple(one.shown for one in found), next_token)


def matching(
    connection: Connection,
    documents: Documents,
    query: EventQuery,
    member: MemberRow,
    after: tuple[str | int, str] | None = None,
) -> Iterator[Candidate]:
    """All that the member may see and that hold the conditions, in the query's order, from after a row's key."""
    sees = visibility(connection, member)
    contexts = _contexts(documents)
    while True:
        rows = connection.execute(_portion(query, after)).all()
        if not rows:
            return
        hashes = [row.event_hash for row in rows]
        said, items = _statements(connection, hashes), _items(connection, hashes)
        for row in rows:
            signers = frozenset(one.member for one in said[row.event_hash])
            lots = frozenset(item.lot_key for item in items[row.event_hash] if item.lot_key)
            sight = sees.sight(signers, row.body, lots)
            if sight == "none":
                continue
            body = read_body(row.body)
            if sight == "part":
                body = without_partners(body)  # before the conditions: nobody learns by asking what is not shown
            seen = _queried(row, body, said[row.event_hash], items[row.event_hash], contexts)
            if all(condition.holds(seen) for condition in query.conditions):
                yield Candidate(seen, (row.order, row.event_hash), _shown(seen))
        after = (rows[-1].order, rows[-1].event_hash)


def _portion(query: EventQuery, after: tuple[str | int, str] | None) -> Select[Any]:
    recorded = (
        select(statement.c.event_hash, func.min(statement.c.recorded_at).label("recorded_at"))
        .where(statement.c.event_hash.is_not(None))
        .group_by(statement.c.event_hash)
        .subquery()
    )
    order: ColumnElement[Any] = event.c.event_time if query.order_by == "eventTime" else recorded.c.recorded_at
    chosen = select(event, recorded.c.recorded_at, order.label("order")).join(
        recorded, recorded.c.event_hash == event.c.event_hash
    )
    if query.event_types is not None:
        chosen = chosen.where(event.c.event_type.in_(query.event_types))
    if query.since is not None:
        chosen = chosen.where(event.c.event_time >= query.since)
    if query.before is not None:
        chosen = chosen.where(event.c.event_time < query.before)
    descending = query.direction == "DESC"
    if after is not None:
        value, key = after
        beyond = order < value if descending else order > value
        chosen = chosen.where(or_(beyond, and_(order == value, event.c.event_hash > key)))
    return chosen.order_by(order.desc() if descending else order.asc(), event.c.event_hash).limit(_PORTION)


def _statements(connection: Connection, hashes: Sequence[str]) -> dict[str, list[Row[Any]]]:
    columns = (statement.c.event_hash, statement.c.member, statement.c.event_id, statement.c.document)
    query = select(*columns, statement.c.position).order_by(statement.c.block, statement.c.log_index)
    return _grouped(in_batches(connection, query, statement.c.event_hash, hashes))


def _items(connection: Connection, hashes: Sequence[str]) -> dict[str, list[Row[Any]]]:
    query = select(event_item).order_by(event_item.c.ordinal)
    return _grouped(in_batches(connection, query, event_item.c.event_hash, hashes))


def _grouped(rows: Iterator[Row[Any]]) -> dict[str, list[Row[Any]]]:
    grouped: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        grouped[row.event_hash].append(row)
    return grouped


def _queried(
    row: Row[Any],
    body: dict[str, Any],
    said: Sequence[Row[Any]],
    items: Sequence[Row[Any]],
    contexts: Callable[[str, int], Prefixes],
) -> QueriedEvent:
    first = said[0]
    ni = f"ni:///sha-256;{row.event_hash}?ver=CBV2.0"
    return QueriedEvent(
        event_hash=row.event_hash,
        event_type=row.event_type,
        event_time=row.event_time,
        record_time=datetime.fromtimestamp(row.recorded_at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        ids=frozenset({ni, *(one.event_id for one in said if one.event_id)}),
        epcs=tuple((item.role, item.epc, _is_class(item)) for item in items),
        body=body,
        prefixes=contexts(first.document, first.position) if first.document else KNOWN_PREFIXES,
    )


def _is_class(item: Row[Any]) -> bool:
    """A lot or a product as a whole; an EPC names one thing."""
    return item.gtin is not None and item.serial is None


def _shown(found: QueriedEvent) -> dict[str, Any]:
    own = {name: uri for name, uri in found.prefixes.items() if KNOWN_PREFIXES.get(name) != uri}
    shown: dict[str, Any] = {"@context": own} if own and "@context" not in found.body else {}
    shown |= found.body
    shown.setdefault("eventID", f"ni:///sha-256;{found.event_hash}?ver=CBV2.0")
    shown["recordTime"] = found.record_time
    return shown


def _contexts(documents: Documents) -> Callable[[str, int], Prefixes]:
    """The prefixes that hold for an event in a stored document; those of GS1 alone where it can't be read here."""

    @lru_cache(maxsize=64)
    def prefixes_of(document: str) -> tuple[Prefixes, ...]:
        try:
            return tuple(one.context.prefixes for one in open_envelope(documents.get(document), document).events)
        except SuyuanError:
            return ()

    def of(document: str, position: int) -> Prefixes:
        found = prefixes_of(document)
        return found[position] if position is not None and position < len(found) else KNOWN_PREFIXES

    return of


def _token(key: tuple[str | int, str], given: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([*key, given]).encode()).decode().rstrip("=")


def _read_token(token: str | None) -> tuple[tuple[str | int, str] | None, int]:
    if token is None:
        return None, 0
    try:
        order, key, given = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if not isinstance(order, (str, int)) or not isinstance(key, str) or not isinstance(given, int):
            raise ValueError
    except (ValueError, TypeError):
        raise BadInput(
            "The nextPageToken is none that this ledger gave.",
            where="query nextPageToken",
            hint="Follow the Link header of the page before, or ask from the start.",
        ) from None
    return (order, key), given
