"""Commands about orders: import, pay, deliver, settle, refund, list; and explain."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import func, select

from ledger.chain.roles import Role
from ledger.cli.access import acting, require_member
from ledger.cli.orders_refund import refund_order
from ledger.cli.output import EXIT_NO, HomeOption, JsonOption, Output, error_document, read_file, told_plainly
from ledger.cli.waiting import until_shown
from ledger.config import home_from
from ledger.context import Ledger, open_ledger
from ledger.errors import NotFound
from ledger.settle.acting import Acting, require_role
from ledger.settle.bank.read_statement import read_statement
from ledger.settle.buyers_payments import buyers_payments
from ledger.settle.collect_owed import collect_owed
from ledger.settle.confirm_payments import BuyersPayment, confirm_payments
from ledger.settle.delivery import Checkpoint, deliver_checkpoint
from ledger.settle.explain_order import explain_order
from ledger.settle.explain_price import ExplainedPrice
from ledger.settle.keep_campaigns import keep_campaigns
from ledger.settle.money import yuan
from ledger.settle.orders_csv import read_orders
from ledger.settle.place_orders import place_orders
from ledger.settle.settle_delivered import settle_delivered
from ledger.settle.tiers import version_pinned
from ledger.store.database import read, write
from ledger.store.schema import member as members
from ledger.store.schema import order, promotion, rule_version

app = typer.Typer(help="Orders, from payment to settlement.", no_args_is_help=True)
app.command("refund")(refund_order)

AsMerchant = Annotated[str, typer.Option("--as", help="The merchant whose orders they are.")]
OfMerchant = Annotated[str, typer.Option("--merchant", help="The merchant whose orders they are.")]


@app.command("import")
def import_orders(
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
    """Place the orders of a CSV file; an order that stands already with the same content is passed over."""
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
                placed = place_orders(
                    connection,
                    ledger.deployment,
                    merchant,
                    lines.orders,
                    now=int(time.time()),
                    behaviour=behaviour,
                    documents=ledger.documents,
                )
            block = until_shown(ledger, placed.outbox_ids)
        refused = [*lines.refused, *placed.refused]
        wanted = {*placed.new, *placed.repeated}
        total = sum(line.amount_fen for line in lines.orders if line.number in wanted)
        output.say(
            f"{len(placed.new)} placed"
            + (f" in block {block}" if block else "")
            + f", {len(placed.repeated)} known already, {yuan(total)} in all."
        )
        for problem in refused:
            output.say(f"  - {problem}")
        output.result(
            {
                "placed": len(placed.new),
                "repeated": len(placed.repeated),
                "total_fen": total,
                "block": block,
                "refused": [error_document(problem) for problem in refused],
            }
        )
    if refused:
        raise typer.Exit(EXIT_NO)


def only_choices(ledger: Ledger, merchant: str, rule: int | None, carrier: str | None) -> tuple[int | None, str | None]:
    """What stands in where a line names no rule or no carrier, as far as there is just one that it can be."""
    with read(ledger.engine) as connection:
        in_force = (
            select(rule_version.c.rule)
            .join(members, members.c.member == rule_version.c.merchant)
            .where(members.c.slug == merchant, rule_version.c.adopted_block.is_not(None))
        )
        rules = set(connection.execute(in_force).scalars())
        active = connection.execute(select(members.c.slug, members.c.roles).where(members.c.active)).all()
    carriers = [row.slug for row in active if Role.CARRIER in Role(row.roles)]
    return (
        rule if rule is not None or len(rules) != 1 else rules.pop(),
        carrier if carrier is not None or len(carriers) != 1 else carriers[0],
    )


@app.command("pay")
def pay_orders(
    member: Annotated[str, typer.Option("--as", help="The bank member.")] = "bank",
    merchant: OfMerchant = "merchant",
    numbers: Annotated[
        list[str] | None, typer.Argument(help="Order numbers; all that are placed when none is named.")
    ] = None,
    statement: Annotated[
        Path | None,
        typer.Option("--statement", help="A camt file: only what it shows as paid, and by whom, for refunds."),
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Confirm, as the bank, that the buyers paid: credit is minted and held in escrow by order."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), member) as (ledger, access):
        seller = require_member(ledger, merchant)
        with write(ledger.engine) as connection:
            due_fen = func.coalesce(promotion.c.shopper_fen, order.c.amount_fen).label("due_fen")
            query = select(order.c.number, due_fen).outerjoin(promotion, promotion.c.order_id == order.c.order_id)
            query = query.where(order.c.merchant == seller.member)
            query = query.where(order.c.number.in_(numbers)) if numbers else query.where(order.c.state == "placed")
            found = {row.number: row.due_fen for row in connection.execute(query.order_by(order.c.number))}
            if unknown := [number for number in numbers or () if number not in found]:
                hint = "Check the number, or import the order first; nothing was confirmed."
                raise NotFound(f"{seller.name} has placed no order {', '.join(unknown)}.", hint=hint)
            if statement is None:
                payments = [
                    BuyersPayment(seller.member, number, amount_fen, f"BUYER-{number}")
                    for number, amount_fen in found.items()
                ]
            else:
                told = read_statement(read_file(statement), source=str(statement)).statements
                shown = buyers_payments(connection, seller.member, told)
                payments = [payment for payment in shown if not numbers or payment.number in found]
            bank = Acting(access.member, access.authority)
            confirmed = confirm_payments(connection, ledger.deployment, bank, payments, now=int(time.time()))
        block = until_shown(ledger, confirmed.outbox_ids)
        output.say(f"{len(confirmed.new)} confirmed, {len(confirmed.repeated)} confirmed before.")
        output.result({"confirmed": len(confirmed.new), "repeated": len(confirmed.repeated), "block": block})


@app.command("deliver")
def deliver_orders(
    numbers: Annotated[list[str], typer.Argument(help="Order numbers.")],
    member: Annotated[str, typer.Option("--as", help="The carrier that the orders pin.")] = "carrier",
    merchant: OfMerchant = "merchant",
    place: Annotated[str, typer.Option("--place", help="Where they were handed over.")] = "the buyers' doors",
    at: Annotated[str | None, typer.Option("--at", help="When, ISO 8601 with zone; now by default.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Record a checkpoint: these orders were delivered. They are settled in the same transaction."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), member) as (ledger, access):
        seller = require_member(ledger, merchant)
        checkpoint = Checkpoint(
            orders=tuple((seller.member, number) for number in numbers),
            at=at or datetime.now(UTC).isoformat(timespec="seconds"),
            place=place,
        )
        with write(ledger.engine) as connection:
            carrier = Acting(access.member, access.authority)
            delivered = deliver_checkpoint(
                connection, ledger.deployment, ledger.documents, carrier, checkpoint, now=int(time.time())
            )
        block = until_shown(ledger, delivered.outbox_ids)
        output.say(
            f"{len(delivered.new)} delivered and settled"
            + (f" in block {block}" if block else "")
            + f", {len(delivered.repeated)} before."
        )
        output.result(
            {
                "delivered": list(delivered.new),
                "repeated": list(delivered.repeated),
                "evidence": delivered.evidence,
                "block": block,
            }
        )


@app.command("settle")
def settle_orders(
    member: Annotated[str, typer.Option("--as", help="Who sends it; anyone may.")] = "platform",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """The keeper: settle what is delivered and not settled yet; have debts paid by what their members have earned since."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), member) as (ledger, access):
        keeper = Acting(access.member, access.authority)
        ids: list[int] = []
        while True:
            with write(ledger.engine) as connection:
                more = settle_delivered(connection, ledger.deployment, keeper, now=int(time.time()))
            if not more:
                break
            until_shown(ledger, more)
            ids += more
        with write(ledger.engine) as connection:
            collected = collect_owed(connection, ledger.deployment, keeper, now=int(time.time()))
        until_shown(ledger, collected)
        with write(ledger.engine) as connection:
            kept = keep_campaigns(connection, ledger.deployment, keeper, now=int(time.time()))
        until_shown(ledger, kept)
        output.say(f"{len(ids)} transactions settled what was delivered." if ids else "Nothing waits to be settled.")
        if collected:
            output.say(f"{len(collected)} members that owe paid with what they have earned since.")
        if kept:
            output.say(
                f"{len(kept)} transactions for campaigns: sponsors' refunds, commissions, reservations, budgets."
            )
        output.result({"transactions": len(ids), "collected": len(collected), "campaigns": len(kept)})


@app.command("list")
def list_orders(merchant: OfMerchant = "merchant", as_json: JsonOption = False, home: HomeOption = None) -> None:
    """List a merchant's orders with their states."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        seller = require_member(ledger, merchant)
        with read(ledger.engine) as connection:
            rows = connection.execute(
                select(order).where(order.c.merchant == seller.member).order_by(order.c.number)
            ).all()
        output.table(
            f"Orders of {seller.name}",
            ["number", "amount", "refunded", "state", "rule"],
            [
                [
                    row.number,
                    yuan(row.amount_fen),
                    yuan(row.refunded_fen) if row.refunded_fen else "",
                    row.state,
                    f"{row.rule} v{version_pinned(row.version or 0) or '-'}",
                ]
                for row in rows
            ],
            right=(1, 2),
        )
        output.result([dict(row._mapping) for row in rows])


def _say_price(output: Output, price: ExplainedPrice) -> None:
    rows = [
        [
            str(one.campaign),
            one.name,
            one.sentence,
            yuan(one.off_fen or one.commission_fen),
            "" if one.agrees else "DIFFERS",
        ]
        for one in price.discounts
    ]
    output.table(
        f"Price, from the list price of {yuan(price.list_fen)}",
        ["campaign", "name", "arithmetic", "amount", ""],
        rows,
        right=(3,),
    )
    output.say(
        f"The shopper pays {yuan(price.shopper_fen)}, sponsors pay {yuan(price.sponsors_fen)}; together "
        f"{yuan(price.amount_fen)}, which is split."
    )
    if price.shopper_back_fen or price.sponsors_back_fen:
        output.say(
            f"Of its refunds {yuan(price.shopper_back_fen)} are the shopper's and {yuan(price.sponsors_back_fen)} its sponsors'."
        )


def explain(
    number: Annotated[str, typer.Argument(help="The order's number.")],
    merchant: OfMerchant = "merchant",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Explain an order's split, line by line: the leg, the operation, the rounding, the amount."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        seller = require_member(ledger, merchant)
        with read(ledger.engine) as connection:
            explained = explain_order(connection, seller.member, number)
        output.say(
            f"Order {number}: {yuan(explained.amount_fen)}, {explained.state}, rule {explained.rule} version {explained.version}"
        )
        if explained.price is not None:
            _say_price(output, explained.price)
        for one in explained.refunds:
            output.say(f"Refund {one.number}: {yuan(one.amount_fen)}, {one.state}: {one.reason}")
        if explained.refunds:
            output.say(f"{yuan(explained.rest_fen)} remain, and are split like this:")
        for term in explained.terms:
            output.say(f"{term}.")
        rows = [
            [str(line.leg + 1), line.payee, line.operation, yuan(line.amount_fen), "" if line.agrees else "DIFFERS"]
            for line in explained.legs
        ]
        output.table("Split", ["leg", "payee", "arithmetic", "amount", ""], rows, right=(3,))
        output.result(
            {
                "number": number,
                "amount_fen": explained.amount_fen,
                "refunded_fen": explained.refunded_fen,
                "rest_fen": explained.rest_fen,
                "refunds": [
                    {
                        "refund": one.number,
                        "amount_fen": one.amount_fen,
                        "reason": one.reason,
                        "state": one.state,
                        "requested_at": one.requested_at,
                    }
                    for one in explained.refunds
                ],
                "state": explained.state,
                "rule": explained.rule,
                "version": explained.version,
                "terms": explained.terms,
                "price": None if explained.price is None else dataclasses.asdict(explained.price),
                "lines": [
                    {
                        "leg": line.leg,
                        "payee": line.payee,
                        "operation": line.operation,
                        "amount_fen": line.amount_fen,
                        "credited_fen": line.credited_fen,
                    }
                    for line in explained.legs
                ],
            }
        )
