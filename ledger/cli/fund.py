"""Commands about the guarantee fund: show, pay-in."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from ledger.cli.access import acting
from ledger.cli.output import HomeOption, JsonOption, Output, told_plainly
from ledger.cli.waiting import until_shown
from ledger.config import home_from
from ledger.context import open_ledger
from ledger.settle.acting import Acting
from ledger.settle.guarantee_fund import guarantee_fund, pay_into_fund
from ledger.settle.money import yuan
from ledger.store.database import read, write

app = typer.Typer(no_args_is_help=True, help="The guarantee fund, which pays refunds that a payee cannot.")


@app.command("show")
def show(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """What is in the fund, what members owe, and what shoppers wait for."""
    output = Output(as_json)
    with told_plainly(output):
        with read(open_ledger(home_from(home)).engine) as connection:
            fund = guarantee_fund(connection)
        output.say(f"In the guarantee fund: {yuan(fund.fund_fen)}.")
        output.say(f"Members owe {yuan(fund.owed_fen)}; shoppers wait for {yuan(fund.due_fen)} of it.")
        output.result({"fund_fen": fund.fund_fen, "owed_fen": fund.owed_fen, "due_fen": fund.due_fen})


@app.command("pay-in")
def pay_in(
    slug: Annotated[str, typer.Option("--as", help="The member that pays.")],
    amount_fen: Annotated[int, typer.Option("--amount-fen", min=1, help="How much, in fen.")],
    reference: Annotated[
        str, typer.Option("--reference", help="Your own name for it; the same again is the same payment.")
    ],
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Pay from what is available into the fund. What is due to shoppers goes on to them."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), slug) as (ledger, access):
        payer = Acting(access.member, access.authority)
        with write(ledger.engine) as connection:
            outcome = pay_into_fund(connection, ledger.deployment, payer, amount_fen, reference, now=int(time.time()))
        block = until_shown(ledger, [outcome.id])
        output.say(
            f"{access.member.name}: {yuan(amount_fen)} into the guarantee fund "
            + (f"in block {block}." if outcome.new else "stood already; nothing changed.")
        )
        output.result({"member": slug, "reference": reference, "repeated": not outcome.new, "block": block})
