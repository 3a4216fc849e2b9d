"""Which orders an EPCIS event names in its bizTransactionList (CBV 2.0, section 8.5: business transaction identifiers).

Two forms are understood:
- `urn:epcglobal:cbv:bt:{GLN}:{number}`, whose GLN is one of the merchant's locations: exact, of any transaction type;
- any other URI that ends in the order's number (a shop's URL, a GDTI's serial): only where the type is a purchase
  order, a type of the members' own, or not given, and only when one single order of this carrier's has the number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from sqlalchemy import Connection, Row, select

from ledger.settle.order_numbered import order_numbered
from ledger.store.schema import location
from ledger.store.schema import order as orders

_EXACT = re.compile(r"urn:epcglobal:cbv:bt:([0-9]{13}):(.+)")
_GDTI = re.compile(r"https?://[^/]+/(?:[^?#]*/)?253/[0-9]{13}([^/?#]+)/?")
_CBV_TYPE = re.compile(r"(?:urn:epcglobal:cbv:btt:|https?://(?:ref\.gs1\.org|gs1\.org/voc)/cbv/BTT-|cbv:BTT-)?([a-z]+)")
_OF_ORDERS = ("po",)  # the CBV's type for a purchase order

#: Steps at which goods have not reached the buyer, though the order may be named already.
NOT_YET_THERE = frozenset(
    {"commissioning", "collecting", "consigning", "departing", "loading", "packing", "picking", "reserving", "shipping"}
    | {"staging_outbound", "transporting", "void_shipping"}
)


def orders_named(
    connection: Connection, carrier: int, biz_transactions: Sequence[tuple[str | None, str]]
) -> list[Row[Any]]:
    """Rows of the orders pinned to this carrier that the event names, each once. What names no order is passed over."""
    found: dict[str, Row[Any]] = {}
    for kind, identity in biz_transactions:
        row = _exactly(connection, identity) or _by_number(connection, carrier, kind, identity)
        if row is not None and row.carrier == carrier:
            found[row.order_id] = row
    return list(found.values())


def _exactly(connection: Connection, identity: str) -> Row[Any] | None:
    match = _EXACT.fullmatch(identity)
    if match is None:
        return None
    merchant = connection.execute(
        select(location.c.member).where(location.c.gln == match.group(1))
    ).scalar_one_or_none()
    if merchant is None:
        return None
    return order_numbered(connection, merchant, unquote(match.group(2)))


def _by_number(connection: Connection, carrier: int, kind: str | None, identity: str) -> Row[Any] | None:
    if _EXACT.fullmatch(identity) or not _may_be_an_order(kind):
        return None
    gdti = _GDTI.fullmatch(identity)
    number = gdti.group(1) if gdti else re.split(r"[/:#=]", identity.rstrip("/"))[-1]
    query = select(orders).where(orders.c.number == unquote(number), orders.c.carrier == carrier).limit(2)
    rows = connection.execute(query).all()
    return rows[0] if len(rows) == 1 else None


def _may_be_an_order(kind: str | None) -> bool:
    if kind is None:
        return True
    match = _CBV_TYPE.fullmatch(kind)
    return match is None or match.group(1) in _OF_ORDERS
