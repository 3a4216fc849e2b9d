"""Commands that look at batches of orders: list, show."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from ledger.cli.access import require_member
from ledger.cli.output import HomeOption, JsonOption, Output, told_plainly
from ledger.config import home_from
from ledger.context import open_ledger
from ledger.settle.batch_id import short_name
from ledger.settle.batch_rows import batch_named, orders_of
from ledger.settle.money import yuan
from ledger.store.atomic import write_atomically
from ledger.store.database import read
from ledger.store.schema import batch


def register(app: typer.Typer) -> None:
    app.command("list")(list_batches)
    app.command("show")(show_batch)


def list_batches(
    merchant: Annotated[str, typer.Option("--merchant", help="The merchant whose batches they are.")] = "merchant",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """List a merchant's batches, the newest first."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        seller = require_member(ledger, merchant)
        query = select(batch).where(batch.c.merchant == seller.member)
        with read(ledger.engine) as connection:
            newest = query.order_by(batch.c.placed_block.desc(), batch.c.batch_id)
            rows = connection.execute(newest).mappings().all()
        output.table(
            f"Batches of {seller.name}",
            ["batch", "orders", "amount", "state", "rule", "manifest"],
            [
                [
                    short_name(row["batch_id"]),
                    f"{row['count']:,}",
                    yuan(row["total_fen"]),
                    row["state"],
                    f"{row['rule']} v{row['version'] or '-'}",
                    "here" if row["named"] else row["fault"] or "not here",
                ]
                for row in rows
            ],
            right=(1, 2),
        )
        output.result([dict(row) for row in rows])


def show_batch(
    name: Annotated[str, typer.Argument(help="The batch's id, or its first 6 hex digits or more.")],
    manifest: Annotated[
        Path | None, typer.Option("--manifest", help="Write its manifest here, for the bank and the carrier.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Show a batch and its orders with their states."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        with read(ledger.engine) as connection:
            row = batch_named(connection, name)._mapping
            orders = orders_of(connection, row["batch_id"])
        if manifest is not None:
            write_atomically(manifest, ledger.documents.get(row["manifest"]))
        states = Counter(order.state for order in orders)
        summary = (
            ", ".join(f"{count} {state}" for state, count in states.items()) or "no order has a row until it is paid"
        )
        output.say(
            f"Batch {row['batch_id']}: {row['count']} orders, {yuan(row['total_fen'])}, {row['state']}; {summary}."
        )
        if row["fault"]:
            output.say(row["fault"])
        output.table(
            "Orders",
            ["number", "amount", "state", ""],
            [
                [order.number, yuan(order.amount_fen), order.state, "" if order.batch_id else "taken out"]
                for order in orders
            ],
            right=(1,),
        )
        output.result({**row, "orders": [dict(order._mapping) for order in orders]})
