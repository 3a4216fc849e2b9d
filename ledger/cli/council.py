"""Commands of the Council: what is proposed, who has said what, what is missing; vote, object, execute, stop, lift."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import QueuedOutcome
from ledger.cli.access import acting
from ledger.cli.council_propose import propose_app
from ledger.cli.council_told import state_text, told, votes_text
from ledger.cli.output import HomeOption, JsonOption, Output, told_plainly
from ledger.cli.waiting import until_shown
from ledger.config import home_from
from ledger.context import Ledger, open_ledger
from ledger.errors import BadInput
from ledger.govern import decide
from ledger.govern.documents import proposal_document
from ledger.govern.durations import parse_duration
from ledger.govern.moment import chain_now
from ledger.govern.proposals import proposals
from ledger.govern.stops import running_stops, stop_calls
from ledger.govern.words import duration_text, time_text
from ledger.settle.acting import Acting
from ledger.store.database import read, write

app = typer.Typer(help="The Council: proposals, votes, emergency stops.", no_args_is_help=True)
app.add_typer(propose_app, name="propose")

Seat = Annotated[str, typer.Option("--as", help="The member whose seat it is.")]
Number = Annotated[int, typer.Argument(help="The proposal's number.", min=1)]
Function = Annotated[str, typer.Argument(help="CONTRACT.FUNCTION, for example Escrow.pay.")]


@app.command("list")
def list_proposals(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are closed.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """List proposals that are open, with what each lacks, and stops that run."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        with read(ledger.engine) as connection:
            now = chain_now(connection)
            found = [one for one in proposals(connection, ledger.deployment, now) if one.open or everything]
            stops = running_stops(connection, ledger.deployment, now)
            calls = stop_calls(connection, ledger.deployment, now)
        rows = [[str(one.number), one.says.en, votes_text(one), state_text(one)] for one in found]
        output.table("Proposals", ["", "would do", "votes", "state"], rows, right=(0,))
        if not found:
            output.say("No proposal is open.")
        for stop in stops:
            output.say(f"Stopped: {stop.function} until {time_text(stop.until).en}: {stop.reason}")
        for call in calls:
            what = "end of the stop" if call.lift else "stop"
            output.say(
                f"Asked for: {what} of {call.function}, by {', '.join(member.slug for member in call.asking)}; "
                f"{call.needed} seats are needed before {time_text(call.counts_until).en}"
            )
        output.result(
            {"proposals": [proposal_document(one) for one in found], "stops": [asdict(stop) for stop in stops]}
        )


@app.command("show")
def show(number: Number, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Show a proposal: what it would do in words and as a call, who has said what, who is missing, and until when."""
    output = Output(as_json)
    with told_plainly(output):
        told(open_ledger(home_from(home)), number, output)


@app.command("vote")
def vote(
    number: Number,
    slug: Seat,
    yes: Annotated[bool | None, typer.Option("--yes/--no", help="What the seat says.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Say yes or no to a proposal; a seat may change its mind until the proposal is closed."""
    output = Output(as_json)
    with told_plainly(output):
        if yes is None:
            raise BadInput("Yes or no?", hint="Add --yes or --no.")
        _voted(home, slug, number, yes, output)


@app.command("object")
def object_to(number: Number, slug: Seat, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Object to a proposal: a no, also after it has passed, while its delay runs and until it is executed."""
    output = Output(as_json)
    with told_plainly(output):
        _voted(home, slug, number, False, output)


@app.command("execute")
def execute(number: Number, slug: Seat, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Make the proposal's call, once its delay is over and while the quorum holds; any member may."""
    output = Output(as_json)
    with told_plainly(output):
        _acted(home, slug, lambda rows, at, who: decide.execute(rows, at, who, number, now=_now()), number, output)


@app.command("withdraw")
def withdraw(number: Number, slug: Seat, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Take back a proposal of one's own, for ever."""
    output = Output(as_json)
    with told_plainly(output):
        _acted(
            home,
            slug,
            lambda rows, at, who: decide.withdraw_proposal(rows, at, who, number, now=_now()),
            number,
            output,
        )


@app.command("stop")
def stop(
    function: Function,
    slug: Seat,
    reason: Annotated[str, typer.Option("--reason", help="Why; everybody reads it.")],
    for_: Annotated[str, typer.Option("--for", help="How long: 30m, 2h, 1d.")] = "1h",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Ask to stop a function at once, for a while. It stops when enough seats have asked, and ends by itself."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), slug, scope="council") as (ledger, access):
        contract, name = _function(function)
        with write(ledger.engine) as connection:
            queued = decide.call_stop(
                connection,
                ledger.deployment,
                Acting(access.member, access.authority),
                contract,
                name,
                parse_duration(for_),
                reason,
                now=_now(),
            )
        _stop_told(ledger, queued.id, function, output, lift=False)


@app.command("lift")
def lift(function: Function, slug: Seat, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Ask to end a stop before its time; it ends when enough seats have asked."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), slug, scope="council") as (ledger, access):
        contract, name = _function(function)
        with write(ledger.engine) as connection:
            queued = decide.call_lift(
                connection, ledger.deployment, Acting(access.member, access.authority), contract, name, now=_now()
            )
        _stop_told(ledger, queued.id, function, output, lift=True)


# --- parts -----------------------------------------------------------------------------------------------------------


def _voted(home: Path | None, slug: str, number: int, yes: bool, output: Output) -> None:
    _acted(home, slug, lambda rows, at, who: decide.vote(rows, at, who, number, yes, now=_now()), number, output)


def _acted(
    home: Path | None,
    slug: str,
    queue: Callable[[Connection, Deployment, Acting], QueuedOutcome],
    number: int,
    output: Output,
) -> None:
    with acting(home_from(home), slug, scope="council") as (ledger, access):
        with write(ledger.engine) as connection:
            queued = queue(connection, ledger.deployment, Acting(access.member, access.authority))
        until_shown(ledger, [queued.id])
        told(ledger, number, output)


def _function(text: str) -> tuple[str, str]:
    contract, _, name = text.partition(".")
    if not name:
        raise BadInput(f"{text!r} names no function.", hint="Write CONTRACT.FUNCTION, for example Escrow.pay.")
    return contract, name


def _stop_told(ledger: Ledger, queued: int, function: str, output: Output, *, lift: bool) -> None:
    until_shown(ledger, [queued])
    with read(ledger.engine) as connection:
        now = chain_now(connection)
        running = [one for one in running_stops(connection, ledger.deployment, now) if one.function == function]
        calls = [
            one
            for one in stop_calls(connection, ledger.deployment, now)
            if (one.function, one.lift) == (function, lift)
        ]
    if calls:
        left = calls[0].needed - len(calls[0].asking)
        window = duration_text(max(0, calls[0].counts_until - now)).en
        output.say(f"{function}: {left} more seat{'' if left == 1 else 's'} must ask for it within {window}.")
    elif running:
        output.say(f"{function} is stopped until {time_text(running[0].until).en}, when it goes on by itself.")
    else:
        output.say(f"{function} is not stopped.")
    output.result({"function": function, "stopped_until": running[0].until if running else None})


def _now() -> int:
    return int(time.time())
