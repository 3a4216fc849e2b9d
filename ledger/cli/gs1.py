"""`suyuan gs1`: GS1 data as a scanner or a person gives it, taken apart and checked."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger.cli.output import EXIT_NO, HomeOption, JsonOption, Output
from ledger.errors import BadInput
from ledger.trace.gs1 import read_gs1

app = typer.Typer(help="GS1 identifiers.", no_args_is_help=True)


@app.command("parse")
def parse(
    text: Annotated[
        str,
        typer.Argument(
            help="An element string (^01…, FNC1 as ^ or GS), a bracketed text ((01)…), or a GS1 Digital Link URI.",
            show_default=False,
        ),
    ],
    as_json: JsonOption = True,
    home: HomeOption = None,
) -> None:
    """Take GS1 data apart and check all of it; always one JSON document; exit 0 when it is valid."""
    document = _document(text)
    Output(as_json=True).result(document)
    if not document["valid"]:
        raise typer.Exit(EXIT_NO)


def _document(text: str) -> dict[str, Any]:
    try:
        data = read_gs1(text)
    except BadInput as problem:
        return {"valid": False, "elementString": "", "ais": {}, "error": str(problem)}
    return {"valid": True, "elementString": data.element_string, "ais": dict(data.ais), "error": None}
