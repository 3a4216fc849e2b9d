"""The values that a member's visible events hold in one dimension: EPCs, business steps, places (EPCIS 2.0 section 12.6,
top-level resources)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import Connection

from ledger.errors import BadInput
from ledger.store.documents import Documents
from ledger.store.queries.members import MemberRow
from ledger.trace.epcis.vocabulary import BIZ_STEP, DISPOSITION
from ledger.trace.gs1 import parse_epc
from ledger.trace.query.event_query import EventQuery, QueriedEvent
from ledger.trace.query.find_events import matching
from ledger.trace.query.look_up import objects, plain, word_of


def _epcs(event: QueriedEvent) -> Iterator[str]:
    yield from (epc for _, epc, _ in event.epcs)


def _biz_steps(event: QueriedEvent) -> Iterator[str]:
    if isinstance(said := event.body.get("bizStep"), str):
        yield word_of(said, BIZ_STEP, event.prefixes)


def _dispositions(event: QueriedEvent) -> Iterator[str]:
    if isinstance(said := event.body.get("disposition"), str):
        yield word_of(said, DISPOSITION, event.prefixes)


def _place(field: str) -> Callable[[QueriedEvent], Iterator[str]]:
    def values(event: QueriedEvent) -> Iterator[str]:
        yield from (plain(place["id"], event.prefixes) for place in objects(event.body.get(field)) if "id" in place)

    return values


#: resource: (its values in an event, the query parameter that asks for one).
RESOURCES: Mapping[str, tuple[Callable[[QueriedEvent], Iterator[str]], str]] = {
    "epcs": (_epcs, "MATCH_anyEPC"),
    "bizSteps": (_biz_steps, "EQ_bizStep"),
    "bizLocations": (_place("bizLocation"), "EQ_bizLocation"),
    "readPoints": (_place("readPoint"), "EQ_readPoint"),
    "dispositions": (_dispositions, "EQ_disposition"),
}


def parameter_for(resource: str, value: str) -> str:
    """The query parameter that asks for events with this value: a lot or a product is a class, and asked for as one."""
    if resource == "epcs":
        try:
            named = parse_epc(value)
        except BadInput:
            return "MATCH_anyEPC"  # it tells what is wrong
        return "MATCH_anyEPCClass" if named.gtin is not None and named.serial is None else "MATCH_anyEPC"
    return RESOURCES[resource][1]


def values_known(connection: Connection, documents: Documents, resource: str, member: MemberRow) -> list[str]:
    """Each value once, sorted."""
    values, _ = RESOURCES[resource]
    found: set[str] = set()
    for candidate in matching(connection, documents, EventQuery(), member):
        found.update(values(candidate.event))
    return sorted(found)
