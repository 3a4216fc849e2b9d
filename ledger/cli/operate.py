"""Commands for whoever runs a home: up, audit."""

from __future__ import annotations

import signal
import threading

import typer

from ledger.cli.output import EXIT_NO, HomeOption, JsonOption, Output, told_plainly
from ledger.config import home_from
from ledger.context import open_ledger
from ledger.operate.serve import serving
from ledger.settle.audit import audit as audit_supply
from ledger.settle.money import yuan


def register(app: typer.Typer) -> None:
    app.command("up")(up)
    app.command("audit")(audit)


def up(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Run the home's chain, signer, sender, indexer and API until Ctrl-C; whatever dies is started again."""
    output = Output(as_json)
    with told_plainly(output):
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())

        def restarted(name: str) -> None:
            output.say(f"The {name} had died and was started again.")

        with serving(home_from(home), ("sender", "indexer", "notifier", "api"), lasting=True, told=restarted) as ledger:
            output.say(f"Serving on {ledger.settings.api_url} until Ctrl-C. Logs: {ledger.home.logs}.")
            stop.wait()


def audit(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Check that the supply of credit is where it should be, in the rows and on the chain; exit 0 when it is."""
    output = Output(as_json)
    with told_plainly(output):
        result = audit_supply(open_ledger(home_from(home)))
        output.say(
            f"Supply {yuan(result.supply_fen)} = escrow {yuan(result.escrow_fen)} + budgets {yuan(result.budget_fen)} + available {yuan(result.available_fen)} "
            f"+ in transit {yuan(result.in_transit_fen)} + to shoppers {yuan(result.to_shoppers_fen)} "
            f"+ guarantee fund {yuan(result.fund_fen)}."
        )
        if result.owed_fen or result.due_fen:
            output.say(f"Beside it: members owe {yuan(result.owed_fen)}; {yuan(result.due_fen)} are due to shoppers.")
        for fault in result.faults:
            output.say(f"! {fault}")
        output.result({**result.__dict__, "ok": not result.faults})
    if result.faults:
        raise typer.Exit(EXIT_NO)
