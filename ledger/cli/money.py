"""Commands of the money line after settlement: withdraw, reconcile, statement."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.cli.access import acting, require_member
from ledger.cli.output import EXIT_NO, HomeOption, JsonOption, Output, read_file, told_plainly
from ledger.cli.waiting import until_shown
from ledger.config import home_from
from ledger.context import open_ledger
from ledger.errors import BadInput
from ledger.settle.acting import Acting
from ledger.settle.bank.read_statement import read_statement
from ledger.settle.bank_accounts import account_to_pay_from
from ledger.settle.book_reconciled import book_reconciled
from ledger.settle.money import yuan
from ledger.settle.party_statement import day_of, parse_day, party_statement
from ledger.settle.pay_out import expected_payments
from ledger.settle.reconcile import reconcile
from ledger.settle.reconciliation import Reconciliation
from ledger.settle.statement_csv import statement_csv
from ledger.settle.statement_xlsx import statement_xlsx
from ledger.settle.withdraw import available_to_withdraw, withdraw, withdrawal_queued
from ledger.store.database import read, write
from ledger.store.queries.members import member_by_slug


def register(app: typer.Typer) -> None:
    app.command("withdraw")(withdraw_credit)
    app.command("reconcile")(reconcile_file)
    app.command("statement")(statement)


def withdraw_credit(
    slug: Annotated[str, typer.Option("--as", help="The payee.")],
    reference: Annotated[
        str, typer.Option("--reference", help="Your own name for it; the same again is the same withdrawal.")
    ],
    amount_fen: Annotated[int | None, typer.Option("--amount-fen", help="How much, in fen.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is available.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Withdraw settlement credit to the member's bank account."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), slug) as (ledger, access):
        if (amount_fen is None) != everything:
            raise BadInput("Say how much is withdrawn.", hint="Add --amount-fen N, or --all.")
        payee = Acting(access.member, access.authority)
        with write(ledger.engine) as connection:
            queued = withdrawal_queued(connection, access.member.member, reference) if amount_fen is None else None
            if queued is None:
                amount = amount_fen if amount_fen is not None else available_to_withdraw(connection, payee)
                outcome = withdraw(connection, ledger.deployment, payee, amount, reference, now=int(time.time()))
                queued, repeated = outcome.id, not outcome.new
            else:
                repeated = True
        block = until_shown(ledger, [queued])
        output.say(
            f"{access.member.name}: withdrawal {reference!r} "
            + ("stood already; nothing changed." if repeated else f"stands in block {block}.")
        )
        output.result({"member": slug, "reference": reference, "repeated": repeated, "block": block})


def reconcile_file(
    file: Annotated[Path, typer.Argument(help="A bank statement: camt.052, camt.053 or camt.054.")],
    book: Annotated[
        bool,
        typer.Option(
            "--book", help="As the bank member, book on the chain what matches and give back what was returned."
        ),
    ] = False,
    slug: Annotated[str, typer.Option("--as", help="The bank member that books.")] = "bank",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Match a bank statement with the ledger's payments, line by line; exit 0 when every line agrees to the fen."""
    output = Output(as_json)
    with told_plainly(output):
        statements = read_statement(read_file(file), source=str(file)).statements
        books = open_ledger(home_from(home))
        with read(books.engine) as connection:
            bank = member_by_slug(connection, slug)
            rule = books.settings.account_rule
            paying = account_to_pay_from(connection, books.deployment, bank.member, rule) if bank else None
            found = reconcile(expected_payments(connection), statements, account=paying.number if paying else None)
        booked = None
        counts: dict[str, int] = {}
        if book:
            with acting(home_from(home), slug) as (ledger, access):
                with write(ledger.engine) as connection:
                    booked = book_reconciled(
                        connection,
                        ledger.deployment,
                        Acting(access.member, access.authority),
                        found,
                        now=int(time.time()),
                    )
                until_shown(ledger, booked.outbox_ids)
        _say(found, output)
        if booked is not None:
            refunds = booked.refunds
            counts = {
                "booked": len(booked.booked) + len(refunds.booked),
                "returned": len(booked.returned) + len(refunds.returned),
                "repeated": len(booked.repeated) + len(refunds.repeated),
            }
            output.say(f"{counts['booked']} booked, {counts['returned']} given back, {counts['repeated']} before.")
            for name in refunds.returned:
                output.say(f"  - {name} came back: its refund waits for another account, `suyuan bank payer ORDER`.")
        output.result(_document(found) | counts)
    if not found.agrees:
        raise typer.Exit(EXIT_NO)


def statement(
    party: Annotated[str, typer.Option("--party", help="The member.")],
    day: Annotated[str | None, typer.Option("--day", help="China's day, like 2026-04-20; today by default.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write it as CSV.")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write it as XLSX.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """A member's statement for a day: opening balance, every line explained, closing balance."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        row = require_member(ledger, party)
        with read(ledger.engine) as connection:
            told = party_statement(connection, row.member, parse_day(day) if day else day_of(int(time.time())))
        for path, content in (
            (csv, statement_csv(told) if csv else b""),
            (xlsx, statement_xlsx(told) if xlsx else b""),
        ):
            if path is not None:
                path.write_bytes(content)
                output.say(f"Written: {path}")
        output.say(
            f"{told.party}, {told.day}: opening {yuan(told.opening_fen)}, {len(told.lines)} lines, closing {yuan(told.closing_fen)}"
            + (f", owed {yuan(told.owed_fen)}" if told.owed_fen else "")
        )
        rows = [
            [
                line.time,
                line.kind,
                line.order_number or "",
                line.operation or "",
                yuan(line.amount_fen),
                yuan(line.balance_fen),
            ]
            for line in told.lines
        ]
        output.table("Lines", ["time", "kind", "order", "arithmetic", "amount", "balance"], rows, right=(4, 5))
        output.result(
            {
                "party": party,
                "day": told.day.isoformat(),
                "opening_fen": told.opening_fen,
                "closing_fen": told.closing_fen,
                "owed_fen": told.owed_fen,
                "lines": [
                    {
                        "time": line.time,
                        "kind": line.kind,
                        "amount_fen": line.amount_fen,
                        "balance_fen": line.balance_fen,
                        "order": line.order_number,
                        "rule": line.rule,
                        "version": line.version,
                        "leg": line.leg,
                        "operation": line.operation,
                    }
                    for line in told.lines
                ],
            }
        )


def _say(found: Reconciliation, output: Output) -> None:
    output.say(
        f"{len(found.matched)} lines match, {len(found.differences)} differ; the gap is {yuan(found.totals.gap_fen)}."
    )
    for match in found.matched:
        output.say(
            f"  = {match.payment.end_to_end_id} {match.payment.payee} {yuan(match.payment.amount_fen)}: {match.line.where}"
        )
    for difference in found.differences:
        output.say(f"  ! {difference.sentence}")
        for payment in difference.ledger:
            output.say(f"      ledger: {payment.end_to_end_id} {payment.payee} {yuan(payment.amount_fen)}")
        for line in difference.bank:
            output.say(f"      bank:   {line}")
        output.say("      gap:    " + ("not in fen" if difference.gap_fen is None else yuan(difference.gap_fen)))
    for remark in found.remarks:
        output.say(f"  · {remark}")


def _document(found: Reconciliation) -> dict[str, Any]:
    return {
        "matched": len(found.matched),
        "ledger_fen": found.totals.ledger_fen,
        "bank_fen": found.totals.bank_fen,
        "gap_fen": found.totals.gap_fen,
        "differences": [
            {
                "kind": difference.kind,
                "sentence": difference.sentence,
                "ledger": [
                    {"end_to_end_id": payment.end_to_end_id, "payee": payment.payee, "amount_fen": payment.amount_fen}
                    for payment in difference.ledger
                ],
                "bank": [str(line) for line in difference.bank],
                "gap_fen": difference.gap_fen,
            }
            for difference in found.differences
        ],
        "remarks": list(found.remarks),
    }
