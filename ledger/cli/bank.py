"""Commands about the bank: members' and payers' accounts, payment files, and the stand-in bank."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from ledger.cli import bank_accounts
from ledger.cli.access import require_member
from ledger.cli.output import HomeOption, JsonOption, Output, read_file, told_plainly
from ledger.config import home_from
from ledger.context import open_ledger
from ledger.errors import BadInput, NotAllowed, NotFound
from ledger.operate.serve import serving
from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.bank.stand_in_bank import NOTICE, StandInBank
from ledger.settle.check_pay_out import check_pay_out
from ledger.settle.money import yuan
from ledger.settle.order_numbered import order_numbered
from ledger.settle.pay_out import expected_payments, last_payment_file, pay_out
from ledger.settle.pay_refunds import WaitingRefund, WaitingRefunds
from ledger.settle.payers import register_payer
from ledger.store.database import read, write

app = typer.Typer(help="Members' and payers' accounts, payment files, and the stand-in bank.", no_args_is_help=True)
bank_accounts.add_to(app)


@app.command("payer")
def payer_account(
    number: Annotated[str, typer.Argument(help="The order's number.")],
    holder: Annotated[str, typer.Option("--holder", help="In whose name the account stands.")],
    account: Annotated[str, typer.Option("--number", help="The account's number.")],
    bank_code: Annotated[str, typer.Option("--bank-code", help="Its bank's CNAPS code.")],
    merchant: Annotated[str, typer.Option("--merchant", help="The merchant whose order it is.")] = "merchant",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Say which account paid an order: its refunds go there. Replaces what was said before, or told by the bank."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        seller = require_member(ledger, merchant)
        with write(ledger.engine) as connection:
            row = order_numbered(connection, seller.member, number)
            if row is None:
                raise NotFound(f"{seller.name} has placed no order {number}.", hint="Check the number.")
            register_payer(connection, row.order_id, BankAccount(holder, account, bank_code))
        output.say(f"Refunds of order {number} go to the account {account} ({holder}) at bank {bank_code}.")
        output.result({"order": number, "holder": holder, "number": account, "bank_code": bank_code})


@app.command("pay")
def bank_pay(
    out: Annotated[Path, typer.Option("--out", help="Where the pain.001 file goes.")],
    slug: Annotated[str, typer.Option("--as", help="The bank member.")] = "bank",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Write a pain.001 file for every withdrawal and refund that is in none. When none waits, the last file is written again."""
    output = Output(as_json)
    with told_plainly(output), serving(home_from(home), ()) as ledger:  # the chain is asked before it is paid
        bank = require_member(ledger, slug)
        with read(ledger.engine) as connection:
            check_pay_out(connection, ledger.client, ledger.deployment)
        with write(ledger.engine) as connection:
            paid = pay_out(
                connection,
                ledger.deployment,
                ledger.documents,
                ledger.settings.account_rule,
                bank=bank.member,
                now=int(time.time()),
            )
            repeated = paid.data is None
            data = paid.data if paid.data is not None else last_payment_file(connection, ledger.documents)
            expected = expected_payments(connection)
        _say_waiting(paid.waiting, output)
        if data is None:
            raise BadInput(
                "No withdrawal waits to be paid, and no refund that can be.",
                hint="Withdraw first: `suyuan withdraw --as MEMBER --all --reference NAME`.",
            )
        out.write_bytes(data)
        newest = paid.message_id or max(expected, key=lambda payment: payment.file_created_at).message_id
        payments = [payment for payment in expected if payment.message_id == newest]
        total = sum(payment.amount_fen for payment in payments)
        output.say(
            f"{out}: {len(payments)} payments, {yuan(total)}."
            + (" Nothing new waits; this is the last file again." if repeated else "")
        )
        for withdrawal in paid.without_account:
            output.say(
                f"  - withdrawal {withdrawal} waits: no account of its member may be used now: `suyuan bank accounts`."
            )
        output.result(
            {
                "file": str(out),
                "payments": len(payments),
                "total_fen": total,
                "repeated": repeated,
                "without_account": list(paid.without_account),
                "refunds": len(paid.refunds),
                "refunds_without_account": [_told(one) for one in paid.waiting.without_account],
                "refunds_without_cover": [_told(one) for one in paid.waiting.without_cover],
            }
        )


def _say_waiting(waiting: WaitingRefunds, output: Output) -> None:
    for one in waiting.without_account:
        output.say(
            f"  - refund {one.refund} of order {one.order_number} waits: nobody said which account paid: `suyuan bank payer`."
        )
    for one in waiting.without_cover:
        output.say(f"  - refund {one.refund} of order {one.order_number} waits: payees owe what it takes.")


def _told(one: WaitingRefund) -> dict[str, object]:
    return {"order": one.order_number, "refund": one.refund, "amount_fen": one.amount_fen}


@app.command("execute")
def bank_execute(
    file: Annotated[Path, typer.Argument(help="A pain.001 payment file.")],
    out: Annotated[Path, typer.Option("--out", help="Where the camt.053 statement goes.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """STAND-IN, NOT A BANK (development homes only): pretend to pay a file and answer with a camt.053 statement."""
    output = Output(as_json)
    with told_plainly(output):
        if not open_ledger(home_from(home)).settings.development:
            raise NotAllowed(
                "The stand-in bank serves development homes only.", hint="Send the payment file to your bank."
            )
        out.write_bytes(StandInBank().execute(read_file(file), source=str(file)))
        output.say(f"{NOTICE} Its statement: {out}.")
        output.result({"file": str(out), "notice": NOTICE})
