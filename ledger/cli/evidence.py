"""Commands of the evidence line that write: event-hash, capture."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.chain.outbox import await_final
from ledger.cli.access import Access, access_as
from ledger.cli.output import EXIT_NO, HomeOption, JsonOption, Output, error_document, read_file, told_plainly
from ledger.cli.waiting import WAIT_SECONDS
from ledger.config import home_from
from ledger.context import Ledger
from ledger.errors import BadInput, NotAllowed
from ledger.index.follow import await_block
from ledger.operate.serve import WRITING, serving
from ledger.store.queries.members import member_of_gln
from ledger.trace.capture import Behaviour, CaptureResult, capture
from ledger.trace.epcis import read_document
from ledger.trace.event_hash import hashes_of_document

AsOption = Annotated[
    str | None,
    typer.Option(
        "--as",
        help="The member in whose name; by default the holder of the place where it happened.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    app.command("event-hash")(event_hash)
    app.command("capture")(capture_files)


def event_hash(
    files: Annotated[list[Path], typer.Argument(help="EPCIS 2.0 documents, JSON or XML; - for standard input.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Print the CBV 2.0 hash of each event: one ni: URI a line, in document order."""
    output = Output(as_json)
    with told_plainly(output):
        found = [(str(path), digest) for path in files for digest in hashes_of_document(read_file(path), str(path))]
        for _, digest in found:
            output.say(digest.ni)
        output.result([{"file": file, "hash": digest.ni, "prehash": digest.prehash} for file, digest in found])


def capture_files(
    files: Annotated[list[Path], typer.Argument(help="EPCIS 2.0 documents, JSON or XML; - for standard input.")],
    member: AsOption = None,
    proceed: Annotated[
        bool, typer.Option("--proceed", help="Capture the good events of a document that has bad ones.")
    ] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Capture EPCIS documents in a member's name, and wait until they stand on the chain."""
    output = Output(as_json)
    behaviour: Behaviour = "proceed" if proceed else "rollback"
    with told_plainly(output):
        contents = [(str(path), read_file(path)) for path in files]
        for name, data in contents:
            read_document(data, source=name, behaviour=behaviour)  # refuse before anything is started
        with serving(home_from(home), WRITING) as ledger:
            reports = []
            for name, data in contents:
                access = _access(ledger, member, name, data, behaviour, output)
                result = capture(
                    ledger, data, source=name, member=access.member, authority=access.authority, behaviour=behaviour
                )
                reports.append(_report(ledger, name, access, result, output))
        output.result({"files": reports})
    if any(report["refused"] for report in reports):
        raise typer.Exit(EXIT_NO)


def _access(ledger: Ledger, slug: str | None, name: str, data: bytes, behaviour: Behaviour, output: Output) -> Access:
    slug = slug or ledger.settings.member
    if slug is None:
        slug = _holder(ledger, name, data, behaviour)
        output.say(f"{name}: captured as {slug}, who holds the place of its last event (name another with --as).")
    return access_as(ledger, slug)


def _holder(ledger: Ledger, name: str, data: bytes, behaviour: Behaviour) -> str:
    """The member that holds the place of the document's last event: the one who would hand it in."""
    for event in reversed(read_document(data, source=name, behaviour=behaviour).events):
        place = event.biz_location or event.read_point
        if place is not None and place.gln is not None:
            with ledger.engine.connect() as connection:
                holder = member_of_gln(connection, place.gln)
            if holder is not None:
                return holder.slug
    raise BadInput("It does not tell in whose name to capture.", where=name, hint="Name the member with --as.")


def _report(ledger: Ledger, name: str, access: Access, result: CaptureResult, output: Output) -> dict[str, Any]:
    """Waits for the chain and the rows, and says what became of each event."""
    rows = await_final(ledger.engine, result.outbox_ids, WAIT_SECONDS)
    failed = [row for row in rows if row.state == "reverted"]
    if failed:
        raise NotAllowed(failed[0].error or "The contract refused.", where=name)
    block = max((row.block or 0 for row in rows), default=None)
    if block is not None:
        await_block(ledger.engine, block, WAIT_SECONDS)
    counts = Counter(event.outcome for event in result.events)
    output.say(
        f"{name}: {counts['accepted']} recorded"
        + (f" in block {block}" if block is not None else "")
        + (f", {counts['repeated']} said before by {access.member.name}: nothing changed" if counts["repeated"] else "")
        + (f", {len(result.refused)} refused:" if result.refused else ".")
    )
    for problem in result.refused:
        output.say(f"  - {problem}")
    return {
        "file": name,
        "member": access.member.slug,
        "job": result.job,
        "document": result.document,
        "block": block,
        "events": [event.__dict__ for event in result.events],
        "refused": [error_document(problem) for problem in result.refused],
    }
