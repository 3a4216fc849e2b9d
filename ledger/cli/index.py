"""Commands about the index: status, rebuild, verify, repair, digest."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from ledger.cli.output import EXIT_NO, HomeOption, JsonOption, Output, told_plainly
from ledger.config import home_from
from ledger.context import open_ledger
from ledger.index.audit_history import Verified
from ledger.index.digest import digest as digest_of
from ledger.index.ours import our_plan, our_rebuild
from ledger.index.raw_tables import RawTables
from ledger.index.repair import repair as repair_rows
from ledger.index.status import status as status_of
from ledger.index.verify import verify as verify_rows
from ledger.operate.serve import serving
from ledger.store.database import read

FromNodeOption = Annotated[
    bool, typer.Option("--from-node", help="Fetch everything again from the node, raw rows too.")
]

app = typer.Typer(help="The index: the chain as rows.", no_args_is_help=True)


@app.command("status")
def status(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Where the rows stand against the chain, and what holds the line up; exit 0 when nothing does."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        found = status_of(ledger.engine, ledger.client)
        output.say(
            f"chain     {found.chain_id if found.chain_id is not None else 'does not answer'}, last final block {found.height if found.height is not None else '-'}"
        )
        output.say(
            f"rows      up to block {found.next_block - 1 if found.next_block else '-'}, {found.lag if found.lag is not None else '?'} behind"
        )
        done = found.counts
        output.say(
            f"done      {done.logs:,} logs of {done.blocks:,} blocks, {done.rate:,} logs/s in the newest window with any; stopped {done.errors:,} times so far"
        )
        output.say(f"proven    {_told(found.verified)}")
        if found.reorganised is not None:
            last = found.reorganised
            output.say(
                f"replaced  {last.head - last.ancestor} blocks after block {last.ancestor} at {_time(last.at)}; {last.times} times in all"
            )
        output.say(f"sealed    {found.sealed} statements whose documents are not here")
        if found.last_error is not None:
            output.say(f"STOPPED   {found.last_error}")
        if found.verified.finding is not None:
            output.say(
                f"FOUND     {found.verified.finding.sentence} Put what the block proves in its place: `suyuan index repair`."
            )
        if found.node_error is not None:
            output.say(f"node      {found.node_error}")
        output.table(
            "Rows", ["table", "rows"], [[name, f"{count:,}"] for name, count in found.rows.items()], right=(1,)
        )
        output.result({**asdict(found), "ok": found.ok})
    if not found.ok:
        raise typer.Exit(EXIT_NO)


@app.command("rebuild")
def rebuild(from_node: FromNodeOption = False, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Make all derived rows again from the raw rows and the document store; the digest is the same, pages stay up."""
    output = Output(as_json)
    with told_plainly(output), serving(home_from(home), ()) as ledger:
        with output.progress("Rebuilding") as progress:
            cursor = our_rebuild(
                ledger.engine,
                ledger.client,
                ledger.deployment,
                ledger.documents,
                ledger.home.path / "rebuild",
                from_node=from_node,
                progress=progress,
            )
        with read(ledger.engine) as connection:
            after = digest_of(connection)
        output.say(f"Rebuilt up to block {cursor.next_block - 1}. Digest {after}")
        output.result({"block": cursor.next_block - 1, "digest": after})


@app.command("verify")
def verify(
    first: Annotated[int | None, typer.Option("--from", help="The first block; by default the ledger's first.")] = None,
    last: Annotated[int | None, typer.Option("--to", help="The last block; by default the last that was read.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Prove the rows by the chain: recompute each block's receipts root and compare; exit 1 with the first that differs."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        tables = RawTables(our_plan(ledger.deployment, ledger.documents))
        with output.progress("Verifying") as progress:
            found = verify_rows(ledger.engine, ledger.client, tables, first, last, progress)
        if found.difference is None:
            output.say(
                f"Blocks {found.first} to {found.last}: {found.receipts:,} receipts recomputed, and the rows are what they prove."
            )
        else:
            output.say(f"DIFFERS   {found.difference.sentence}")
        output.result({**asdict(found), "ok": found.difference is None})
    if found.difference is not None:
        raise typer.Exit(EXIT_NO)


@app.command("repair")
def repair(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Where the audit found rows that differ: put what the blocks prove in their place, and make derived rows again."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        tables = RawTables(our_plan(ledger.deployment, ledger.documents))
        with output.progress("Repairing") as progress:
            repaired = repair_rows(
                ledger.engine, ledger.client, tables, ledger.home.path / "rebuild", progress=progress
            )
        named = ", ".join(map(str, repaired))
        output.say(f"Repaired block {named}." if repaired else "Nothing was found that needs repair.")
        output.result({"blocks": repaired})


@app.command("digest")
def digest(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Print a digest over all derived rows: the same rows have the same, before and after a rebuild."""
    output = Output(as_json)
    with told_plainly(output):
        with read(open_ledger(home_from(home)).engine) as connection:
            found = digest_of(connection)
        output.say(found)
        output.result({"digest": found})


def _told(verified: Verified) -> str:
    if verified.unverified is None:
        return "nothing yet: the audit has not begun"
    up_to = "" if verified.up_to is None else f"up to block {verified.up_to}"
    return f"{up_to}, {verified.unverified} blocks not yet" if verified.unverified else up_to or "nothing yet"


def _time(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
