"""`suyuan recall list`: what a recall reaches and who holds it, on the screen and as files. Reads the rows of this home."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.output import HomeOption, JsonOption, Output, told_plainly
from ledger.config import home_from
from ledger.context import open_ledger
from ledger.store.atomic import write_atomically
from ledger.store.database import read
from ledger.trace.fsma_sheet import fsma_sheets
from ledger.trace.recall_affected import affected_by, affected_items
from ledger.trace.recall_report import (
    affected_document,
    affected_sheets,
    affected_text,
    holders_sheet,
    serials_csv,
    table_rows,
)
from ledger.trace.spreadsheet import as_csv, as_xlsx

_COLUMNS = ["holder", "lot", "held", "on the way", "found", "returned", "destroyed", "open"]


def register(app: typer.Typer) -> None:
    app.command("list")(recall_list)


def recall_list(
    gtin: Annotated[str, typer.Argument(help="The product.")],
    lot: Annotated[str, typer.Argument(help="The lot.")],
    drill: Annotated[
        bool, typer.Option("--drill", help="As if the lot were recalled now: nobody is told, nothing is recorded.")
    ] = False,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the list per holder as CSV.")] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help="Write holders, lots, packages and risks as XLSX.")
    ] = None,
    items: Annotated[Path | None, typer.Option("--items", help="Write every affected serial as CSV.")] = None,
    fsma: Annotated[
        Path | None, typer.Option("--fsma", help="Write the sortable spreadsheet of the FDA's rule (FSMA 204) as XLSX.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """List what a lot's recall reaches: lots, packages and items made of it, who holds how much, and what was found, returned
    and destroyed since it opened."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        with read(ledger.engine) as connection:
            affected = affected_by(connection, gtin, lot, drill=drill)
            serials = b"".join(serials_csv(affected_items(connection, affected))) if items else b""
        output.say(affected_text(affected))
        if affected.lines:
            output.table("", _COLUMNS, table_rows(affected), right=tuple(range(2, len(_COLUMNS))))
        files: list[tuple[Path | None, Callable[[], bytes]]] = [
            (csv, lambda: as_csv(holders_sheet(affected))),
            (xlsx, lambda: as_xlsx(affected_sheets(affected))),
            (items, lambda: serials),
            (fsma, lambda: as_xlsx(fsma_sheets(affected.facts))),
        ]
        for path, made in files:
            if path is not None:
                write_atomically(path, made())
                output.say(f"Written: {path}")
        output.result(affected_document(affected))
