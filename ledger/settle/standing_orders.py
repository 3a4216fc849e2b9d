"""Which of a merchant's order numbers stand already, and for what: on their own, in a batch, or under way from here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from ledger.errors import BadInput
from ledger.settle.batch_manifest import read_batch_manifest
from ledger.settle.campaign_rows import price_under, promotions_of
from ledger.settle.order_terms import Terms
from ledger.settle.under_way import calls_under_way
from ledger.store.among import among
from ledger.store.documents import Documents
from ledger.store.schema import batch
from ledger.store.schema import order as orders

_NUMBERS_A_STATEMENT = 500


def standing_orders(
    connection: Connection, merchant: int, numbers: Sequence[str], documents: Documents | None = None
) -> dict[str, Terms]:
    """Those of the numbers that are used, with their terms.

    `documents`: where manifests lie of batches that are not paid yet, whose orders have no rows; without them only what has
    rows or is under way order by order is found.
    """
    found: dict[str, Terms] = {}
    for start in range(0, len(numbers), _NUMBERS_A_STATEMENT):
        part = numbers[start : start + _NUMBERS_A_STATEMENT]
        this = among(connection, orders.c.number, part)
        columns = (orders.c.number, orders.c.order_id, orders.c.amount_fen, orders.c.rule, orders.c.carrier)
        rows = connection.execute(select(*columns).where(orders.c.merchant == merchant, this)).all()
        promoted = promotions_of(connection, [row.order_id for row in rows])
        for row in rows:
            found[row.number] = Terms(row.amount_fen, row.rule, row.carrier, *promoted.get(row.order_id, (None, ())))
    for call in calls_under_way(connection, "Escrow", ["place"], member=merchant):
        for terms in call.args["terms"]:
            found.setdefault(terms["number"], Terms(terms["amountFen"], terms["rule"], terms["carrier"]))
    for call in calls_under_way(connection, "Campaigns", ["place"], member=merchant):
        for placed in call.args["orders"]:
            terms, campaigns = placed["terms"], tuple(placed["campaigns"])
            price = price_under(connection, terms["amountFen"], campaigns)
            listed = Terms(price.amount_fen, terms["rule"], terms["carrier"], terms["amountFen"], campaigns)
            found.setdefault(terms["number"], listed)
    if documents is not None:
        for number, listed in _in_unpaid_batches(connection, merchant, documents):
            found.setdefault(number, listed)
    return found


def _in_unpaid_batches(connection: Connection, merchant: int, documents: Documents) -> Iterator[tuple[str, Terms]]:
    unpaid = select(batch).where(batch.c.merchant == merchant, batch.c.state == "placed")
    placed = {(row.manifest, row.rule, row.carrier) for row in connection.execute(unpaid)}
    for call in calls_under_way(connection, "Escrow", ["placeBatch"], member=merchant):
        terms = call.args["terms"]
        placed.add((bytes(terms["manifest"]).hex(), terms["rule"], terms["carrier"]))
    for digest, rule, carrier in sorted(placed):
        if not documents.has(digest):
            continue
        try:
            manifest = read_batch_manifest(documents.get(digest))
        except BadInput:  # the batch's row says what is wrong with it
            continue
        for number, amount_fen in zip(manifest.numbers, manifest.amounts_fen, strict=True):
            yield number, Terms(amount_fen, rule, carrier)
