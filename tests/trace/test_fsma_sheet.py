"""The FDA's sortable spreadsheet, of the documents of the real case."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from trace_scene import CASES, DRESSING, GLNS, RAW, SALAD, Scene, the_real_case

from ledger.trace.facts import load_lot
from ledger.trace.fsma_sheet import COLUMNS, fsma_sheets
from ledger.trace.spreadsheet import as_xlsx

LETTUCE, PACKED, SOLD = f"(01){RAW}(10)ABC1234", f"(01){CASES}(10)ABC1234", f"(01){SALAD}(10)SALAD-20260420-A"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, corpora: Path) -> Scene:
    return the_real_case(tmp_path_factory.mktemp("real"), corpora)


def workbook(scene: Scene, gtin: str, lot: str, *, downstream: bool = True) -> dict[str, list[dict[str, Any]]]:
    """By sheet, each row by its headings, as a spreadsheet reads the file."""
    with scene.engine.connect() as connection:
        data = as_xlsx(fsma_sheets(load_lot(connection, gtin, lot, downstream=downstream)))
    sheets = {}
    for sheet in load_workbook(io.BytesIO(data)):
        headings, *rows = sheet.iter_rows(values_only=True)
        sheets[sheet.title] = [dict(zip(headings, row, strict=True)) for row in rows]
    return sheets


@pytest.fixture(scope="module")
def sheets(real: Scene) -> dict[str, list[dict[str, Any]]]:
    return workbook(real, SALAD, "SALAD-20260420-A")


def test_there_is_a_sheet_for_each_critical_tracking_event(sheets: dict[str, list[dict[str, Any]]]) -> None:
    assert tuple(sheets) == tuple(COLUMNS)


def test_harvest_tells_lot_quantity_farm_day_document_and_recipient(sheets: dict[str, list[dict[str, Any]]]) -> None:
    row = sheets["Harvesting"][0]
    assert row["Traceability lot code"] == LETTUCE
    assert (row["Quantity"], row["Unit of measure"]) == (25000, "LBR")
    assert f"GLN {GLNS['farm']}" in row["Farm where harvested: location description"]
    assert row["Date of harvesting"] == "2026-04-17T09:26:42-04:00"
    assert (row["Reference document type"], row["Reference document number"]) == ("prodorder", "HARVEST-2026-0417")
    assert f"GLN {GLNS['packer']}" in row["Immediate subsequent recipient: location description"]


def test_cooling_repeats_the_farm(sheets: dict[str, list[dict[str, Any]]]) -> None:
    rows = [row for row in sheets["Cooling"] if f"GLN {GLNS['cooler']}" in row["Where cooled: location description"]]
    assert [row["Traceability lot code"] for row in rows] == [LETTUCE]
    assert f"GLN {GLNS['farm']}" in rows[0]["Farm where harvested: location description"]


def test_packing_of_what_was_harvested_is_initial_packing(sheets: dict[str, list[dict[str, Any]]]) -> None:
    rows = sheets["Initial packing"]
    assert {row["Traceability lot code"] for row in rows} == {PACKED}
    assert {(row["Quantity"], row["Food used: quantity"]) for row in rows} == {(500, 25000), (25, 250)}
    assert all(f"GLN {GLNS['farm']}" in row["Farm where harvested: location description"] for row in rows)
    assert all(row["Date of harvesting"] == "2026-04-17T09:26:42-04:00" for row in rows)


def test_shipping_of_a_pallet_tells_the_lots_on_it(sheets: dict[str, list[dict[str, Any]]]) -> None:
    rows = sheets["Shipping"]
    assert [(row["Traceability lot code"], row["Quantity"]) for row in rows] == [
        (PACKED, 25),
        (f"(01){CASES}(10)ABC5678", 25),
    ]
    assert {row["Logistic unit (SSCC)"] for row in rows} == {"008600099999850000"}
    assert rows[0]["Reference document type"] == "desadv; bol"
    assert f"GLN {GLNS['distributor']}" in rows[0]["Immediate subsequent recipient: location description"]
    assert f"GLN {GLNS['packer']}" in rows[0]["Traceability lot code source: location description"]


def test_receiving_tells_the_previous_source(sheets: dict[str, list[dict[str, Any]]]) -> None:
    row = next(row for row in sheets["Receiving"] if row["Traceability lot code"] == PACKED)
    assert (row["Quantity"], row["Reference document number"]) == (500, "861-100037169")
    assert f"GLN {GLNS['packer']}" in row["Immediate previous source: location description"]


def test_transformation_has_a_row_for_each_food_used(sheets: dict[str, list[dict[str, Any]]]) -> None:
    rows = sheets["Transformation"]
    assert {row["Traceability lot code"] for row in rows} == {SOLD}
    assert [(row["Food used: traceability lot code"], row["Food used: quantity"]) for row in rows] == [
        (PACKED, 100),
        (f"(01){DRESSING}(10)DEF2345", 50),
    ]
    assert rows[0]["Date of transformation"] == "2026-04-20", "it has a date only"


def test_catch_is_told_by_the_first_land_based_receiver(real: Scene) -> None:
    rows = workbook(real, "00860009997004", "SWF-2026-0223")["First land-based receiver"]
    assert [(row["Species or market name"], row["Harvest location"]) for row in rows] == [
        ("SWORDFISH", "21.4R; 27.14.a")
    ]
    assert rows[0]["Harvest date range"] == "2026-02-16 – 2026-02-18"


def test_every_row_names_who_recorded_it_and_its_hash(sheets: dict[str, list[dict[str, Any]]]) -> None:
    rows = [row for sheet in sheets.values() for row in sheet]
    assert all(row["Recorded by"] and row["Event hash (CBV 2.0)"].startswith("ni:///sha-256;") for row in rows)
