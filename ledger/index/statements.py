"""Opens statements: fills in what the document store says about a commitment.

The rows depend on the chain and the store only, not on when a document arrived: the event's own rows always come from
the document of its first opened statement, in chain order.
"""

from __future__ import annotations

from typing import Any

from ledger.index.rows import Row, Rows
from ledger.index.stored_events import OpenedEvent, StoredEvents
from ledger.index.texts import json_text, rows_of
from ledger.store.schema import event, event_item, event_order, feed, statement
from ledger.trace.epcis import body_text
from ledger.trace.epcis.event import Event, EventItem


def open_statement(rows: Rows, stored: StoredEvents, commitment: str, member: int) -> bool:
    """Fills the rows behind a statement that stands; false where it stays sealed.

    BrokenEvidence when a file was damaged.
    """
    opened = stored.open(commitment, member)
    if opened is None:
        return False
    row = rows.move(statement, {"commitment": commitment, "member": member}, opened_columns(opened))
    place = {"block": row["block"], "log_index": row["log_index"]}
    if rows.get(feed, *place.values()) is not None:
        rows.move(feed, place, told_lots(opened))
    write_event(rows, opened, row["block"], row["log_index"])
    return True


def opened_columns(opened: OpenedEvent) -> dict[str, Any]:
    """What an opening fills in of its statement."""
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
    return row


def told_lots(opened: OpenedEvent) -> dict[str, Any]:
    """What the feed's row tells of an opened event: its lots, the first of which stands in a column."""
    lots = list(dict.fromkeys(each.epc.lot_key for each in opened.event.items if each.epc.lot_key))
    data = {
        "commitment": opened.opening.commitment,
        "event_type": opened.event.event_type,
        "biz_step": opened.event.biz_step,
        "lots": lots,
    }
    (row,) = rows_of([{"lot_key": lots[0] if lots else None, "data": json_text(data)}])
    return row


def write_event(rows: Rows, opened: OpenedEvent, block: int, log_index: int) -> None:
    """The event's own rows, unless a statement before this one has given them already."""
    key = opened.opening.event_hash
    written = rows.get(event, key)
    if written is not None:
        if written["block"] < block or _first_opened(rows, key) != (block, log_index):
            return
        _remove_event(rows, key)
    said = opened.event
    rows.insert_once(event, *rows_of([_event_row(said, block)]))
    rows.insert_once(event_item, *rows_of([_item_row(key, each) for each in said.items]))
    orders = [
        {"event_hash": key, "ordinal": ordinal, "type": kind, "biz_transaction": number}
        for ordinal, (kind, number) in enumerate(said.biz_transactions)
    ]
    rows.insert_once(event_order, *rows_of(orders))


def _first_opened(rows: Rows, event_hash: str) -> tuple[int, int]:
    return min(_place(row) for row in rows.find(statement, statement.c.event_hash == event_hash))


def _remove_event(rows: Rows, key: str) -> None:
    for table in (event_order, event_item):
        for row in rows.find(table, table.c.event_hash == key):
            rows.remove(table, key, row["ordinal"])
    rows.remove(event, key)


def _place(row: Row) -> tuple[int, int]:
    return row["block"], row["log_index"]


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
