"""Commands about batches of orders: place, pay, settle, refund, take out. Looking at them: ledger.cli.batch_look."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.chain.roles import Role
from ledger.cli import batch_look
from ledger.cli.access import acting
from ledger.cli.orders import AsMerchant, only_choices
from ledger.cli.output import EXIT_NO, HomeOption, JsonOption, Output, error_document, read_file, told_plainly
from ledger.cli.waiting import until_shown
from ledger.config import home_from
from ledger.errors import BadInput
from ledger.settle.acting import Acting, require_role
from ledger.settle.batch_id import short_name
from ledger.settle.batch_rows import batch_named
from ledger.settle.money import yuan
from ledger.settle.orders_csv import read_orders
from ledger.settle.pay_batch import BatchPayment, pay_batch
from ledger.settle.place_batches import place_batches
from ledger.settle.refund_batch import refund_batch
from ledger.settle.settle_batch import BatchCheckpoint, settle_batch
from ledger.settle.take_out import take_out
from ledger.store.database import write

app = typer.Typer(help="Orders by the thousand, from payment to settlement.", no_args_is_help=True)
batch_look.register(app)

BatchArgument = Annotated[str, typer.Argument(help="The batch's id, or its first 6 hex digits or more.")]
Numbers = Annotated[list[str], typer.Argument(help="Order numbers.")]


@app.command("place")
def place(
    file: Annotated[Path, typer.Argument(help="CSV with number, amount (yuan) or amount_fen, rule, carrier.")],
    member: AsMerchant = "merchant",
    rule: Annotated[
        int | None,
        typer.Option("--rule", help="For lines that name none; by default the merchant's only rule in force."),
    ] = None,
    carrier: Annotated[
        str | None, typer.Option("--carrier", help="For lines that name none; by default the only carrier.")
    ] = None,
    proceed: Annotated[
        bool, typer.Option("--proceed", help="Place the good orders of a file that has bad ones.")
    ] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Place the orders of a CSV file in batches of up to 1,000; those that stand already are passed over."""
    output = Output(as_json)
    with told_plainly(output):
        data = read_file(file)
        behaviour: Any = "proceed" if proceed else "rollback"
        with acting(home_from(home), member) as (ledger, access):
            merchant = Acting(access.member, access.authority)
            require_role(merchant, Role.MERCHANT, "place orders")
            rule, carrier = only_choices(ledger, member, rule, carrier)
            lines = read_orders(data, str(file), rule=rule, carrier=carrier, behaviour=behaviour)
            with write(ledger.engine) as connection:
                placed = place_batches(
                    connection,
                    ledger.deployment,
                    ledger.documents,
                    merchant,
                    lines.orders,
                    now=int(time.time()),
                    behaviour=behaviour,
                )
            block = until_shown(ledger, placed.outbox_ids)
        refused = [*lines.refused, *placed.refused]
        for batch in placed.new:
            output.say(f"{short_name(batch.id)}: {batch.terms.count} orders, {yuan(batch.terms.total_fen)} in all.")
        count = sum(batch.terms.count for batch in placed.new)
        where = f" in block {block}" if block else ""
        output.say(f"{count} placed in {len(placed.new)} batches{where}, {len(placed.repeated)} known already.")
        for problem in refused:
            output.say(f"  - {problem}")
        output.result(
            {
                "batches": [
                    {"batch": batch.id, "count": batch.terms.count, "total_fen": batch.terms.total_fen}
                    for batch in placed.new
                ],
                "placed": count,
                "repeated": len(placed.repeated),
                "block": block,
                "refused": [error_document(problem) for problem in refused],
            }
        )
    if refused:
        raise typer.Exit(EXIT_NO)


@app.command("pay")
def pay(
    batch: BatchArgument,
    member: Annotated[str, typer.Option("--as", help="The bank member.")] = "bank",
    reference: Annotated[
        str | None, typer.Option("--reference", help="The bank's own; BUYERS- and the batch by default.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option("--manifest", help="The batch's manifest, where this home does not hold it yet.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Confirm, as the bank, that the buyers of a batch paid: credit is minted and held in escrow."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), member) as (ledger, access):
        with write(ledger.engine) as connection:
            row = batch_named(connection, batch)
            name = short_name(row.batch_id)
            if manifest is not None and ledger.documents.put(read_file(manifest)) != row.manifest:
                hint = "Ask the merchant for the file that the batch commits to."
                raise BadInput(f"This is not the manifest of batch {name}.", where=str(manifest), hint=hint)
            payment = BatchPayment(row.batch_id, row.total_fen, reference or f"BUYERS-{name}")
            bank = Acting(access.member, access.authority)
            confirmed = pay_batch(connection, ledger.deployment, ledger.documents, bank, payment, now=int(time.time()))
        block = until_shown(ledger, confirmed.outbox_ids)
        when = "was confirmed before" if confirmed.repeated else f"confirmed in block {block}"
        output.say(f"Batch {name}, {yuan(payment.total_fen)}: {when}.")
        result = {"batch": confirmed.id, "total_fen": payment.total_fen, "repeated": confirmed.repeated, "block": block}
        output.result(result)


@app.command("settle")
def settle(
    batch: BatchArgument,
    numbers: Annotated[list[str] | None, typer.Argument(help="Order numbers; or --all.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that are left in the batch.")] = False,
    member: Annotated[str, typer.Option("--as", help="The carrier that the batch pins.")] = "carrier",
    place: Annotated[str, typer.Option("--place", help="Where they were handed over.")] = "the buyers' doors",
    at: Annotated[str | None, typer.Option("--at", help="When, ISO 8601 with zone; now by default.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Record a checkpoint: these orders of a batch were delivered. They are settled in the same transaction."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), member) as (ledger, access):
        if bool(numbers) == everything:
            raise BadInput("Say which orders were delivered.", hint="Name them, or add --all.")
        seen = at or datetime.now(UTC).isoformat(timespec="seconds")
        checkpoint = BatchCheckpoint(batch, None if everything else tuple(numbers or ()), seen, place)
        with write(ledger.engine) as connection:
            carrier = Acting(access.member, access.authority)
            settled = settle_batch(
                connection, ledger.deployment, ledger.documents, carrier, checkpoint, now=int(time.time())
            )
        block = until_shown(ledger, settled.outbox_ids)
        where = f" in block {block}" if block else ""
        output.say(f"{len(settled.new)} delivered and settled{where}, {len(settled.repeated)} before.")
        output.result(
            {
                "batch": settled.id,
                "settled": len(settled.new),
                "repeated": len(settled.repeated),
                "evidence": settled.evidence,
                "block": block,
            }
        )


@app.command("refund")
def refund(
    batch: BatchArgument,
    numbers: Numbers,
    reason: Annotated[str, typer.Option("--reason", help="Why; the shopper reads it.")],
    member: AsMerchant = "merchant",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Refund orders of a batch whole, settled or not."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), member) as (ledger, access):
        merchant = Acting(access.member, access.authority)
        with write(ledger.engine) as connection:
            refunded = refund_batch(
                connection, ledger.deployment, merchant, batch, numbers, reason, now=int(time.time())
            )
        block = until_shown(ledger, refunded.outbox_ids)
        where = f" in block {block}" if block else ""
        output.say(f"{len(refunded.new)} refunded, {yuan(refunded.total_fen)}{where}; {len(refunded.repeated)} before.")
        output.result(
            {
                "batch": refunded.id,
                "refunded": list(refunded.new),
                "repeated": list(refunded.repeated),
                "total_fen": refunded.total_fen,
                "block": block,
            }
        )


@app.command("take-out")
def take_orders_out(
    batch: BatchArgument,
    numbers: Numbers,
    member: AsMerchant = "merchant",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Take orders out of a batch, to be delivered, settled and refunded on their own."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), member) as (ledger, access):
        merchant = Acting(access.member, access.authority)
        with write(ledger.engine) as connection:
            taken = take_out(connection, ledger.deployment, merchant, batch, numbers, now=int(time.time()))
        block = until_shown(ledger, taken.outbox_ids)
        where = f" in block {block}" if block else ""
        output.say(f"{len(taken.new)} taken out{where}, {len(taken.repeated)} before.")
        output.result(
            {"batch": taken.id, "taken_out": list(taken.new), "repeated": list(taken.repeated), "block": block}
        )
