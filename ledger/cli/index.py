"""Commands about the index: status, rebuild, digest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from ledger.cli.output import EXIT_NO, HomeOption, JsonOption, Output, told_plainly
from ledger.config import home_from
from ledger.context import open_ledger
from ledger.index.digest import digest as digest_of
from ledger.index.ours import our_rebuild
from ledger.index.status import IndexStatus
from ledger.index.status import status as status_of
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
        for line in told(found):
            output.say(line)
        output.table(
            "Rows", ["table", "rows"], [[name, f"{count:,}"] for name, count in found.rows.items()], right=(1,)
        )
        output.result({**asdict(found), "ok": found.ok})
    if not found.ok:
        raise typer.Exit(EXIT_NO)


def told(found: IndexStatus) -> Iterator[str]:
    """A line for each thing that an operator asks first."""
    chain = found.chain_id if found.chain_id is not None else "does not answer"
    yield f"chain         {chain}, last final block {_or_dash(found.height)}"
    read_up_to = found.next_block - 1 if found.next_block else None
    yield f"rows          up to block {_or_dash(read_up_to)}, {_or_dash(found.lag)} behind"
    yield f"verified      up to block {_or_dash(found.verified)} (receipts root recomputed)"
    counts = found.counts
    yield (
        f"done          {counts.logs:,} logs of {counts.blocks:,} blocks in {counts.windows:,} windows, "
        f"the newest at {counts.rate:,} logs/s ({_when(counts.moved_at)})"
    )
    yield f"stopped       {counts.errors:,} times so far"
    again = found.reorganised
    if again is not None:
        yield f"reorganised   blocks {again.ancestor + 1} to {again.head} ({_when(again.at)})"
    else:
        yield "reorganised   never"
    yield f"sealed        {found.sealed:,} statements whose documents are not here"
    if found.last_error is not None:
        yield f"STOPPED       since {_when(found.last_error.at)}: {found.last_error.sentence}"
    if found.node_error is not None:
        yield f"NODE          {found.node_error}"


def _or_dash(number: int | None) -> str:
    return f"{number:,}" if number is not None else "-"


def _when(seconds: int | None) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if seconds is not None else "never"


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


@app.command("digest")
def digest(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Print a digest over all derived rows: the same rows have the same, before and after a rebuild."""
    output = Output(as_json)
    with told_plainly(output):
        with read(open_ledger(home_from(home)).engine) as connection:
            found = digest_of(connection)
        output.say(found)
        output.result({"digest": found})
