"""Opens statements: fills in what the document store says about a commitment.

The rows depend on the chain and the store only, not on when a document arrived: the event's own rows always come from
the document of its first opened statement, in chain order.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update

from ledger.index.rows import json_text, rows_of
from ledger.index.stored_events import OpenedEvent, StoredEvents
from ledger.store.schema import event, event_item, event_order, feed, statement
from ledger.trace.epcis import body_text
from ledger.trace.epcis.event import Event, EventItem


def open_statement(connection: Connection, stored: StoredEvents, commitment: str, member: int) -> bool:
    """Fills the rows behind one statement; false where it stays sealed. BrokenEvidence when a file was damaged."""
    opened = stored.open(commitment, member)
    if opened is None:
        return False
    this = (statement.c.commitment == commitment, statement.c.member == member)
    (row,) = rows_of(
        [
            {
                "event_hash": opened.opening.event_hash,
                "salt": opened.opening.salt,
                "document": opened.opening.document,
                "position": opened.opening.position,
                "event_id": opened.event.event_id,
            }
        ]
    )
    connection.execute(update(statement).where(*this).values(**row))
    block, log_index = connection.execute(select(statement.c.block, statement.c.log_index).where(*this)).one()
    _tell_lots(connection, opened, block, log_index)
    if _first_opened(connection, opened.opening.event_hash) == (block, log_index):
        _write_event(connection, opened.event, block)
    return True


def _first_opened(connection: Connection, event_hash: str) -> tuple[int, int]:
    first = connection.execute(
        select(statement.c.block, statement.c.log_index)
        .where(statement.c.event_hash == event_hash)
        .order_by(statement.c.block, statement.c.log_index)
        .limit(1)
    ).one()
    return first.block, first.log_index


def _write_event(connection: Connection, said: Event, block: int) -> None:
    """In place of what a later statement's document had given."""
    key = said.hash.hex
    for table in (event_order, event_item, event):
        connection.execute(delete(table).where(table.c.event_hash == key))
    connection.execute(event.insert(), rows_of([_event_row(said, block)]))
    if said.items:
        connection.execute(event_item.insert(), rows_of([_item_row(key, each) for each in said.items]))
    orders = [
        {"event_hash": key, "ordinal": ordinal, "type": kind, "biz_transaction": number}
        for ordinal, (kind, number) in enumerate(said.biz_transactions)
    ]
    if orders:
        connection.execute(event_order.insert(), rows_of(orders))


def _event_row(said: Event, block: int) -> dict[str, object]:
    read_point, biz_location = said.read_point, said.biz_location
    return {
        "event_hash": said.hash.hex,
        "event_type": said.event_type,
        "event_time": said.event_time,
        "time_zone_offset": said.time_zone_offset,
        "action": said.action,
        "biz_step": said.biz_step,
        "disposition": said.disposition,
        "read_point": read_point.canonical if read_point else None,
        "biz_location": biz_location.canonical if biz_location else None,
        "read_point_gln": read_point.gln if read_point else None,
        "biz_location_gln": biz_location.gln if biz_location else None,
        "body": body_text(said.body),
        "block": block,
    }


def _item_row(event_hash: str, each: EventItem) -> dict[str, object]:
    return {
        "event_hash": event_hash,
        "ordinal": each.ordinal,
        "role": each.role,
        "epc": each.epc.canonical,
        "lot_key": each.epc.lot_key or None,
        "gtin": each.epc.gtin,
        "lot": each.epc.lot,
        "serial": each.epc.serial,
        "sscc": each.epc.sscc,
        "quantity": each.quantity,
        "uom": each.uom,
    }


def _tell_lots(connection: Connection, opened: OpenedEvent, block: int, log_index: int) -> None:
    """The feed's row names the lots, once they are known; the first of them stands in its column."""
    lots = list(dict.fromkeys(each.epc.lot_key for each in opened.event.items if each.epc.lot_key))
    data = {
        "commitment": opened.opening.commitment,
        "event_type": opened.event.event_type,
        "biz_step": opened.event.biz_step,
        "lots": lots,
    }
    (row,) = rows_of([{"lot_key": lots[0] if lots else None, "data": json_text(data)}])
    connection.execute(update(feed).where(feed.c.block == block, feed.c.log_index == log_index).values(**row))
