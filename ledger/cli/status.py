"""`suyuan status`: one screen that says how the ledger stands, and what needs a look."""

from __future__ import annotations

import time
from dataclasses import asdict

import typer

from ledger.chain.health import Health, health, look_twice
from ledger.cli.output import EXIT_NO, HomeOption, JsonOption, Output, told_plainly
from ledger.config import home_from
from ledger.context import Ledger, open_ledger
from ledger.index.continuity import load_cursor
from ledger.store.database import read


def register(app: typer.Typer) -> None:
    app.command("status")(status)


def status(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """How the ledger stands: its nodes, what waits to be confirmed, and what needs a look; exit 0 when nothing does."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        look_twice(ledger.client)
        now = time.time()
        found = health(ledger.engine, ledger.client, now, home=ledger.home)
        next_block = _next_block(ledger)
        _show(output, ledger, found, next_block, now)
        ledger.client.close()
        output.result({**asdict(found), "next_block": next_block, "ok": found.ok})
    if not found.ok:
        raise typer.Exit(EXIT_NO)


def _show(output: Output, ledger: Ledger, found: Health, next_block: int | None, now: float) -> None:
    settings = ledger.settings
    if found.height < 0:
        output.say(f"chain     {settings.chain_id} ({settings.profile}): no node tells its head")
    else:
        age = _age(now - found.block_time)
        output.say(f"chain     {settings.chain_id} ({settings.profile}), block {found.height}, {age} old")
    best = found.height
    rows = [
        [
            node.name,
            node.state.replace("_", " "),
            str(node.height) if node.height >= 0 else "-",
            str(max(best - node.height, 0)) if node.height >= 0 else "-",
            f"{node.latency_seconds * 1000:.0f} ms" if node.latency_seconds else "-",
        ]
        for node in found.nodes
    ]
    output.table("Nodes", ["node", "state", "block", "behind", "answers in"], rows, right=(2, 3, 4))
    if next_block is not None:
        output.say(f"rows      up to block {next_block - 1}, {max(best + 1 - next_block, 0)} behind")
    if found.outbox is not None:
        states = ", ".join(f"{count} {state}" for state, count in sorted(found.outbox.by_state.items()))
        output.say(f"outbox    {states or 'nothing waits'}")
    if found.standstill is not None:
        output.say("WAITING   What is accepted now is kept, and confirmed once the chain goes on.")
    for alert in found.alerts:
        output.say(f"! {alert.sentence} (since {_moment(alert.since)})")
    if found.ok:
        output.say("alerts    none")


def _next_block(ledger: Ledger) -> int | None:
    with read(ledger.engine) as connection:
        at = load_cursor(connection)
    return at.next_block if at else None


def _age(seconds: float) -> str:
    return f"{max(seconds, 0):.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _moment(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))
