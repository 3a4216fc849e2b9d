"""Reads events with their items, orders, statements, places and product names: a fixed number of queries a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, select

from ledger.errors import BadInput
from ledger.store import schema
from ledger.trace.event_body import parties, read_body, sensor_values
from ledger.trace.gs1 import parse_epc
from ledger.trace.stated import Item, Member, Place, StatedEvent, Statement

_BATCH = 500  # SQLite takes at most 32,766 variables in a statement, and long lists are slow to plan


def in_batches(
    connection: Connection, query: Select[Any], column: Column[Any], keys: Iterable[str]
) -> Iterator[Row[Any]]:
    """The rows of `query` whose `column` is among `keys`."""
    wanted = sorted(set(keys))
    for at in range(0, len(wanted), _BATCH):
        yield from connection.execute(query.where(column.in_(wanted[at : at + _BATCH])))


def load_members(connection: Connection) -> dict[int, Member]:
    """All members by number."""
    table = schema.member
    rows = connection.execute(select(table.c.member, table.c.slug, table.c.name, table.c.roles))
    return {row.member: Member(row.member, row.slug, row.name, row.roles) for row in rows}


def load_events(connection: Connection, hashes: Iterable[str], members: Mapping[int, Member]) -> dict[str, StatedEvent]:
    """The events with these hashes, by hash; a hash without a row is left out."""
    wanted = set(hashes)
    rows = list(in_batches(connection, select(schema.event), schema.event.c.event_hash, wanted))
    items = _grouped(connection, schema.event_item, wanted)
    orders = _grouped(connection, schema.event_order, wanted)
    statements = _statements(connection, wanted, members)
    names = _product_names(connection, items)
    bodies = {row.event_hash: read_body(row.body) for row in rows}
    ends = {
        event_hash: (
            [_party(text) for text in parties(body, "sourceList", "source")],
            [_party(text) for text in parties(body, "destinationList", "destination")],
        )
        for event_hash, body in bodies.items()
    }
    glns = {gln for row in rows for gln in (row.read_point_gln, row.biz_location_gln)}
    glns |= {gln for sources, destinations in ends.values() for _, gln in (*sources, *destinations)}
    places = _places(connection, glns, members)
    return {
        row.event_hash: StatedEvent(
            event_hash=row.event_hash,
            event_type=row.event_type,
            event_time=row.event_time,
            time_zone_offset=row.time_zone_offset,
            action=row.action,
            biz_step=row.biz_step,
            disposition=row.disposition,
            place=_place_of(row, places),
            sources=tuple(_place(uri, gln, places) for uri, gln in ends[row.event_hash][0]),
            destinations=tuple(_place(uri, gln, places) for uri, gln in ends[row.event_hash][1]),
            items=tuple(_item(item, names) for item in items[row.event_hash]),
            orders=tuple((order.type, order.biz_transaction) for order in orders[row.event_hash]),
            sensors=sensor_values(bodies[row.event_hash]),
            statements=tuple(statements[row.event_hash]),
            body=bodies[row.event_hash],
        )
        for row in rows
    }


def _grouped(connection: Connection, table: Any, hashes: set[str]) -> dict[str, list[Row[Any]]]:
    grouped: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in in_batches(connection, select(table).order_by(table.c.ordinal), table.c.event_hash, hashes):
        grouped[row.event_hash].append(row)
    return grouped


def _statements(connection: Connection, hashes: set[str], members: Mapping[int, Member]) -> dict[str, list[Statement]]:
    table = schema.statement
    query = select(table).order_by(table.c.block, table.c.log_index)
    grouped: dict[str, list[Statement]] = defaultdict(list)
    for row in in_batches(connection, query, table.c.event_hash, hashes):
        grouped[row.event_hash].append(
            Statement(
                member=members.get(row.member) or Member(row.member, f"member-{row.member}", f"#{row.member}", 0),
                recorded_at=row.recorded_at,
                block=row.block,
                log_index=row.log_index,
                tx_hash=row.tx_hash,
                commitment=row.commitment,
                salt=row.salt,
                document=row.document,
                position=row.position,
                event_id=row.event_id,
                grant_hash=row.grant_hash,
            )
        )
    return grouped


def _product_names(connection: Connection, items: Mapping[str, list[Row[Any]]]) -> dict[str, str]:
    gtins = {item.gtin for rows in items.values() for item in rows if item.gtin}
    table = schema.product
    rows = in_batches(connection, select(table.c.gtin, table.c.name), table.c.gtin, gtins)
    return {row.gtin: row.name for row in rows}


def _places(
    connection: Connection, glns: set[str | None], members: Mapping[int, Member]
) -> dict[str, tuple[str, Member | None]]:
    table = schema.location
    rows = in_batches(connection, select(table), table.c.gln, (gln for gln in glns if gln))
    return {row.gln: (row.name, members.get(row.member)) for row in rows}


def _place_of(row: Row[Any], places: Mapping[str, tuple[str, Member | None]]) -> Place | None:
    """Where it happened: the read point, and only failing that the business location, where goods are afterwards."""
    if row.read_point is not None:
        return _place(row.read_point, row.read_point_gln, places)
    if row.biz_location is not None:
        return _place(row.biz_location, row.biz_location_gln, places)
    return None


def _place(uri: str, gln: str | None, places: Mapping[str, tuple[str, Member | None]]) -> Place:
    name, holder = places.get(gln or "", (None, None))
    return Place(uri=uri, gln=gln, name=name, holder=holder)


def _party(text: str) -> tuple[str, str | None]:
    """The canonical form of a source or destination and its GLN; what is no GS1 identifier stays as it was said."""
    try:
        epc = parse_epc(text)
    except BadInput:
        return text, None
    return epc.canonical, epc.gln


def _item(row: Row[Any], names: Mapping[str, str]) -> Item:
    return Item(
        role=row.role,
        epc=row.epc,
        lot_key=row.lot_key or row.epc,
        gtin=row.gtin,
        lot=row.lot,
        serial=row.serial,
        sscc=row.sscc,
        quantity=row.quantity,
        uom=row.uom,
        name=names.get(row.gtin or ""),
    )
