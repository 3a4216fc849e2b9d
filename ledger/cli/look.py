"""Commands of the evidence line that look: trace, verify. They read the rows and, where it answers, the chain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ledger.chain.witness import Witness
from ledger.cli.output import EXIT_NO, HomeOption, JsonOption, Output, told_plainly
from ledger.config import home_from
from ledger.context import Ledger, open_ledger
from ledger.errors import BadInput, NotFound, Unavailable
from ledger.store.atomic import write_atomically
from ledger.store.database import read
from ledger.trace.as_of import read_moment
from ledger.trace.epcis_document import epcis_document
from ledger.trace.facts import find_lots, load_lot
from ledger.trace.fsma_sheet import fsma_sheets
from ledger.trace.graph_svg import graph_svg
from ledger.trace.gs1 import check_gtin
from ledger.trace.item_codes import load_mac_key
from ledger.trace.journey import tell
from ledger.trace.spreadsheet import as_xlsx
from ledger.trace.trace_report import journey_document, journey_text
from ledger.trace.verify import verify_uri


def register(app: typer.Typer) -> None:
    app.command("trace")(trace)
    app.command("verify")(verify)


def trace(
    lot: Annotated[str, typer.Option("--lot", help="The lot number.")],
    gtin: Annotated[
        str | None, typer.Option("--gtin", help="Its GTIN, where several products have a lot of that number.")
    ] = None,
    downstream: Annotated[bool, typer.Option("--downstream", help="Also what was made of it.")] = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", help="What was recorded by this moment: 2026-05-01T08:00:00+08:00.", show_default=False
        ),
    ] = None,
    epcis: Annotated[
        Path | None, typer.Option("--epcis", help="Write its events as an EPCIS 2.0 document (JSON-LD).")
    ] = None,
    svg: Annotated[Path | None, typer.Option("--svg", help="Write a picture: what was made of what.")] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help="Write the sortable spreadsheet of the FDA's rule (FSMA 204).")
    ] = None,
    chinese: Annotated[bool, typer.Option("--chinese", help="The words of the picture in Chinese.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Tell a lot's journey: steps with who said them and how well each is known, findings, inputs. Where several products
    have a lot of that number, each is told (in JSON as a list `journeys`)."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        moment = read_moment(as_of, "--as-of") if as_of is not None else None
        with read(ledger.engine) as connection:
            lots = _lots(find_lots(connection, lot), lot, gtin)
            if len(lots) > 1 and (epcis or svg or xlsx):
                raise BadInput(
                    f"{len(lots)} products have a lot {lot}, and a file is of one.",
                    where="--gtin",
                    hint="Name one: " + ", ".join(pair[0] for pair in lots) + ".",
                )
            told = [load_lot(connection, *pair, downstream=downstream, as_of=moment) for pair in lots]
        journeys = [tell(facts) for facts in told]
        files: list[tuple[Path | None, Callable[[], bytes]]] = [
            (epcis, lambda: epcis_document(ledger.documents, (*told[0].history, *told[0].forward), datetime.now(UTC))),
            (svg, lambda: graph_svg(journeys[0], "zh-CN" if chinese else "en")),
            (xlsx, lambda: as_xlsx(fsma_sheets(told[0]))),
        ]
        for path, made in files:
            if path is not None:
                write_atomically(path, made())
                output.say(f"Written: {path}")
        if len(journeys) > 1:
            output.say(f"{len(journeys)} products have a lot {lot}; --gtin names one.")
        for journey in journeys:
            output.say(journey_text(journey))
        documents = [journey_document(journey) for journey in journeys]
        output.result(documents[0] if len(documents) == 1 else {"lot": lot, "journeys": documents})


def _lots(found: list[tuple[str, str]], lot: str, gtin: str | None) -> list[tuple[str, str]]:
    """The lots of that number: of one product, or of each that has one."""
    if gtin is not None:
        gtin = check_gtin(gtin)
        found = [pair for pair in found if pair[0] == gtin]
    if not found:
        raise NotFound(
            f"No recorded event names lot {lot}" + (f" of GTIN {gtin}." if gtin else "."),
            hint="Check the number, or capture its events first.",
        )
    return found


def verify(
    uri: Annotated[str, typer.Argument(help="The GS1 Digital Link URI that the QR code holds.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Check an item code and its lot's journey step by step against the chain; exit 0 when it is genuine."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        with read(ledger.engine) as connection:
            result = verify_uri(connection, ledger.documents, load_mac_key(ledger.home), uri, _witness(ledger))
        if result.verdict is not None:
            output.say(f"{result.verdict.value.upper()}: {result.verdict.sentence.en}")
        for step in result.steps:
            output.say(f"{'✓' if step.holds else '✗'} {step.number}. {step.title}: {len(step.checks)} checks")
            for check in step.checks:
                if not check.holds:
                    output.say(f"     {check.about}: expected {check.expected}, found {check.found}")
        if not result.chain_asked:
            output.say("The chain's node does not answer: this was checked against the rows of this home only.")
        output.result(result.as_json())
    if result.exit_status:
        raise typer.Exit(EXIT_NO)


def _witness(ledger: Ledger) -> Witness | None:
    """The chain itself, where its node answers."""
    try:
        ledger.client.require_chain(ledger.settings.chain_id)
    except Unavailable:
        return None
    return Witness(ledger.client, ledger.deployment)
