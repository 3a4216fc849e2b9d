"""The command `suyuan orders refund`."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from ledger.cli.access import acting
from ledger.cli.output import HomeOption, JsonOption, Output, told_plainly
from ledger.cli.waiting import until_shown
from ledger.config import home_from
from ledger.errors import BadInput
from ledger.settle.acting import Acting
from ledger.settle.money import CNY, parse_amount, yuan
from ledger.settle.refund import RefundLine, refund_orders
from ledger.store.database import write


def refund_order(
    number: Annotated[str, typer.Argument(help="The order's number.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, without names: it stands on the chain.")],
    reference: Annotated[
        str, typer.Option("--reference", help="Your own name for it; the same again is the same refund.")
    ],
    amount: Annotated[str | None, typer.Argument(help="How much, in yuan, like 12.50.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that remains of the order.")] = False,
    member: Annotated[str, typer.Option("--as", help="The merchant whose order it is.")] = "merchant",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Give back a part of an order, or all that remains; whom it paid keep what the rule gives for the rest."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), member) as (ledger, access):
        if (amount is None) != everything:
            raise BadInput("Say how much is refunded.", hint="Name an amount in yuan, or add --all.")
        line = RefundLine(number, None if amount is None else parse_amount(amount, CNY), reason)
        with write(ledger.engine) as connection:
            merchant = Acting(access.member, access.authority)
            refunded = refund_orders(connection, ledger.deployment, merchant, [line], reference, now=int(time.time()))
        block = until_shown(ledger, refunded.outbox_ids)
        made = refunded.refunds[number]
        output.say(
            f"Order {number}: refund {made.refund}, {yuan(made.amount_fen)}, "
            + (f"stands in block {block}." if refunded.new else "stood already; nothing changed.")
        )
        output.result(
            {
                "number": number,
                "refund": made.refund,
                "amount_fen": made.amount_fen,
                "reason": made.reason,
                "repeated": not refunded.new,
                "block": block,
            }
        )
