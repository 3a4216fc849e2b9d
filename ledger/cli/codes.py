"""Commands of a product's owner: item codes with their label sheet, and recalls."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from ledger.cli.access import acting
from ledger.cli.output import HomeOption, JsonOption, Output, told_plainly
from ledger.cli.waiting import until_shown
from ledger.config import home_from
from ledger.context import Ledger
from ledger.store.database import read, write
from ledger.store.schema import product
from ledger.trace.item_batches import ItemBatch, make_items
from ledger.trace.item_codes import Manifest
from ledger.trace.labels import LabelSheet, labels_html, labels_svg
from ledger.trace.recalls import close_recall, open_recall

items_app = typer.Typer(help="Item codes: serials under one Merkle root.", no_args_is_help=True)
recall_app = typer.Typer(help="Recalls of lots.", no_args_is_help=True)

GtinOption = Annotated[str, typer.Option("--gtin", help="The product.")]
LotOption = Annotated[str, typer.Option("--lot", help="The lot.")]
OwnerOption = Annotated[
    str, typer.Option("--as", help="The member that owns the product; for a recall also a regulator.")
]


@items_app.command("make")
def make(
    member: OwnerOption,
    gtin: GtinOption,
    lot: LotOption,
    count: Annotated[int, typer.Option("--count", help="How many.")],
    batch: Annotated[str, typer.Option("--batch", help="Your name for this batch; the same again makes no new codes.")],
    sheet: Annotated[
        Path | None, typer.Option("--sheet", help="A folder for the label sheet (SVG, and HTML for print).")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Make serials for a lot, commit them under one Merkle root, and print a label sheet."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), member) as (ledger, access):
        made = make_items(
            ledger, member=access.member, gtin=gtin, lot=lot, count=count, batch=batch, authority=access.authority
        )
        block = until_shown(ledger, [made.outbox_id])
        labels = _sheet(ledger, made)
        page = _print(labels, sheet, made) if sheet is not None else None
        output.say(
            f"{len(made.serials):,} codes under root {made.root}"
            + (": made before, nothing changed." if made.repeated else f" in block {block}.")
            + (f" Labels: {page}" if page else "")
        )
        output.result(
            {
                "gtin": made.gtin,
                "lot": made.lot,
                "root": made.root,
                "manifest": made.manifest,
                "count": len(made.serials),
                "repeated": made.repeated,
                "block": block,
                "sheet": str(page) if page else None,
                "uris": [labels.uri(serial) for serial in made.serials],
            }
        )


@recall_app.command("open")
def recall(
    member: OwnerOption,
    gtin: GtinOption,
    lot: LotOption,
    reason: Annotated[str, typer.Option("--reason", help="What shoppers are told.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Recall a lot: its pages say so from the next block on."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), member) as (ledger, access):
        with write(ledger.engine) as connection:
            queued = open_recall(
                connection, ledger.deployment, access.member, gtin, lot, reason, access.authority, int(time.time())
            )
        block = until_shown(ledger, queued.outbox_ids)
        output.say(
            f"Lot {lot} of {queued.gtin} "
            + ("was recalled already; nothing changed." if queued.repeated else f"is recalled since block {block}.")
        )
        output.result({"gtin": queued.gtin, "lot": lot, "reason": reason, "block": block, "repeated": queued.repeated})


@recall_app.command("close")
def end_recall(
    member: OwnerOption, gtin: GtinOption, lot: LotOption, as_json: JsonOption = False, home: HomeOption = None
) -> None:
    """End a lot's recall."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), member) as (ledger, access):
        with write(ledger.engine) as connection:
            queued = close_recall(
                connection, ledger.deployment, access.member, gtin, lot, access.authority, int(time.time())
            )
        block = until_shown(ledger, queued.outbox_ids)
        output.say(f"The recall of lot {lot} of {gtin} ended in block {block}.")
        output.result({"gtin": gtin, "lot": lot, "block": block, "repeated": queued.repeated})


def _sheet(ledger: Ledger, made: ItemBatch) -> LabelSheet:
    with read(ledger.engine) as connection:
        name = connection.execute(select(product.c.name).where(product.c.gtin == made.gtin)).scalar()
    return LabelSheet(base=ledger.settings.api_url, manifest=Manifest(made.gtin, made.lot, made.serials), product=name)


def _print(labels: LabelSheet, folder: Path, made: ItemBatch) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(
        letter if letter.isalnum() or letter in "-_" else "_" for letter in f"{made.gtin}-{made.lot}-{made.batch}"
    )
    (folder / f"{name}.svg").write_text(labels_svg(labels), encoding="utf-8")
    page = folder / f"{name}.html"
    page.write_text(labels_html(labels), encoding="utf-8")
    return page
