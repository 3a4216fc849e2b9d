"""`suyuan epcis`: EPCIS documents checked without capturing them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.cli.output import EXIT_NO, HomeOption, JsonOption, Output, error_document, read_file
from ledger.errors import BadDocument, BadInput
from ledger.trace.epcis import read_document

app = typer.Typer(help="EPCIS 2.0 documents.", no_args_is_help=True)


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="EPCIS 2.0 documents, JSON or XML; - for standard input.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Say of each document that it is ok, or every reason why it would be refused; exit 0 when all are ok."""
    output = Output(as_json)
    reports = [_check(path, output) for path in files]
    output.result(reports)
    if not all(report["ok"] for report in reports):
        raise typer.Exit(EXIT_NO)


def _check(path: Path, output: Output) -> dict[str, Any]:
    """One file's report; a file that cannot be read is refused like one that is wrong."""
    try:
        document = read_document(read_file(path), source=str(path))
    except BadInput as problem:
        output.say(f"{path}: refused")
        reasons = problem.problems if isinstance(problem, BadDocument) and problem.problems else (problem,)
        for reason in reasons:
            output.say(f"  - {reason}")
        return {"file": str(path), "ok": False, "events": 0, "reasons": [error_document(reason) for reason in reasons]}
    output.say(f"{path}: ok")
    return {"file": str(path), "ok": True, "events": len(document.events), "reasons": []}
