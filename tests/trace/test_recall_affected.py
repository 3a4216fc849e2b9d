"""What a recall reaches: lots, packages and items forward, lots at risk backward, who holds how much, what came back."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import update
from trace_scene import (
    CASES,
    GLNS,
    PALLET,
    RAW,
    SALAD,
    Scene,
    event,
    goods,
    harvested,
    made,
    new_scene,
    palletised,
    seen,
    the_real_case,
    towards,
    unit_seen,
)

from ledger.errors import NotFound
from ledger.store.schema import member
from ledger.trace.quantities import as_json
from ledger.trace.recall_affected import Affected, affected_by, affected_items
from ledger.trace.recall_report import affected_document, affected_sheets, amount, holders_sheet, serials_csv
from ledger.trace.spreadsheet import as_csv, as_xlsx

FARM, PACKER, STORE, KITCHEN = GLNS["farm"], GLNS["packer"], GLNS["distributor"], GLNS["processor"]
OPENED = datetime.fromtimestamp(1_777_000_000, UTC)  # as the scene recalls: 2026-04-24


def after(hours: int) -> str:
    """A local time (+08:00) so many hours after the recall opened."""
    return (OPENED + timedelta(hours=8 + hours)).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """100 cases of C1 made of lot L1: 60 to the store, which received 55 so far, 10 into salad S1, 30 stay."""
    scene = new_scene(tmp_path)
    scene.member("farm", FARM, gtins=(RAW,))
    scene.member("packer", PACKER, gtins=(CASES,))
    scene.member("distributor", STORE)
    scene.member("processor", KITCHEN, gtins=(SALAD,))
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 500)))
    scene.say("packer", made("2026-04-02T08:00", PACKER, [goods(RAW, "L1", 500)], [goods(CASES, "C1", 100, "CS")]))
    scene.say("packer", palletised("2026-04-03T07:00", PACKER, PALLET, goods(CASES, "C1", 60, "CS")))
    scene.say("packer", unit_seen("shipping", "2026-04-03T08:00", PACKER, PALLET, **towards(PACKER, STORE)))
    scene.say(
        "distributor",
        seen("receiving", "2026-04-03T18:00", STORE, goods(CASES, "C1", 55, "CS"), **towards(PACKER, STORE)),
    )
    scene.say(
        "packer", made("2026-04-04T08:00", PACKER, [goods(CASES, "C1", 10, "CS")], [goods(SALAD, "S1", 40, "EA")])
    )
    return scene


def reached(scene: Scene, gtin: str, lot: str, *, drill: bool = False) -> Affected:
    with scene.engine.connect() as connection:
        return affected_by(connection, gtin, lot, drill=drill)


def amounts(affected: Affected, name: str) -> dict[tuple[str, str], list[str]]:
    """By holder and lot, what is not nothing."""
    return {
        (line.holder.key, line.lot.lot or ""): [
            f"{one['quantity']} {one['uom']}" for one in as_json(amount(line, name))
        ]
        for line in affected.lines
        if amount(line, name)
    }


def test_lot_that_nobody_recalled_has_no_list_but_a_drill(scene: Scene) -> None:
    with pytest.raises(NotFound, match="is not recalled"):
        reached(scene, CASES, "C1")
    assert reached(scene, CASES, "C1", drill=True).recall is None


def test_lot_that_nobody_named_is_not_found_in_a_drill_either(scene: Scene) -> None:
    with pytest.raises(NotFound, match="Nothing is recorded"):
        reached(scene, CASES, "NONE", drill=True)


def test_forward_are_lots_and_packages_backward_what_it_was_made_from(scene: Scene) -> None:
    affected = reached(scene, CASES, "C1", drill=True)
    assert [one.lot for one in affected.lots] == ["C1", "S1"]
    assert [one.sscc for one in affected.packages] == [PALLET]
    assert [one.lot for one in affected.at_risk] == ["L1"]
    assert [one.lot for one in reached(scene, RAW, "L1", drill=True).lots] == ["L1", "C1", "S1"]
    assert [one.lot for one in reached(scene, SALAD, "S1", drill=True).lots] == ["S1"]


def test_lot_that_went_in_a_circle_is_affected_with_all_that_was_made_of_it(scene: Scene) -> None:
    scene.say("packer", made("2026-04-05T08:00", PACKER, [goods(SALAD, "S1", 5, "EA")], [goods(CASES, "C1", 1, "CS")]))
    scene.say(
        "processor", made("2026-04-06T08:00", KITCHEN, [goods(CASES, "C1", 1, "CS")], [goods(SALAD, "S2", 4, "EA")])
    )
    affected = reached(scene, SALAD, "S1", drill=True)
    assert {one.lot for one in affected.lots} == {"S1", "C1", "S2"}
    assert [one.lot for one in affected.at_risk] == ["L1"]
    assert PALLET in {one.sscc for one in affected.packages}


def test_each_holder_holds_what_came_in_less_what_went_out(scene: Scene) -> None:
    affected = reached(scene, CASES, "C1", drill=True)
    assert amounts(affected, "held") == {
        ("packer", "C1"): ["30 CS"],
        ("distributor", "C1"): ["55 CS"],
        ("packer", "S1"): ["40 EA"],
    }
    assert amounts(affected, "on_the_way") == {("distributor", "C1"): ["5 CS"]}
    assert amounts(affected, "open")[("distributor", "C1")] == ["60 CS"]


def test_what_was_used_up_is_held_by_nobody(scene: Scene) -> None:
    assert ("packer", "L1") not in amounts(reached(scene, RAW, "L1", drill=True), "held")


def test_two_who_tell_the_same_hand_over_count_it_once(scene: Scene) -> None:
    scene.say(
        "packer", seen("receiving", "2026-04-03T18:00", STORE, goods(CASES, "C1", 55, "CS"), **towards(PACKER, STORE))
    )
    assert amounts(reached(scene, CASES, "C1", drill=True), "held")[("distributor", "C1")] == ["55 CS"]


def test_found_returned_and_destroyed_count_from_the_opening_on(scene: Scene) -> None:
    held = goods(CASES, "C1", 7, "CS")
    scene.say("distributor", seen("holding", "2026-04-10T08:00", STORE, held, disposition="recalled"))
    scene.recall(CASES, "C1", "packer")
    affected = reached(scene, CASES, "C1")
    assert amounts(affected, "found") == {}, "before the recall opened"
    scene.say("distributor", seen("holding", after(2), STORE, goods(CASES, "C1", 50, "CS"), disposition="recalled"))
    scene.say(
        "distributor",
        seen(
            "shipping", after(3), STORE, goods(CASES, "C1", 20, "CS"), disposition="returned", **towards(STORE, PACKER)
        ),
    )
    scene.say(
        "packer",
        seen(
            "receiving",
            after(9),
            PACKER,
            goods(CASES, "C1", 20, "CS"),
            disposition="returned",
            **towards(STORE, PACKER),
        ),
    )
    scene.say(
        "distributor",
        event("ObjectEvent", after(5), STORE, "destroying", action="DELETE", disposition="destroyed", quantityList=[goods(CASES, "C1", 12, "CS")]),
    )  # fmt: skip
    affected = reached(scene, CASES, "C1")
    key = ("distributor", "C1")
    assert amounts(affected, "found") == {key: ["50 CS"]}
    assert amounts(affected, "returned") == {key: ["20 CS"]}, "sent and received is one return"
    assert amounts(affected, "destroyed") == {key: ["12 CS"]}
    assert amounts(affected, "held")[key] == ["55 CS"], "what it answers for stays, what came back is set against it"
    assert amounts(affected, "open")[key] == ["28 CS"]
    assert amounts(affected, "held")[("packer", "C1")] == ["30 CS"], "what comes back is no new stock"


def test_returned_without_a_word_before_was_found(scene: Scene) -> None:
    scene.recall(CASES, "C1", "packer")
    scene.say(
        "packer",
        seen(
            "receiving", after(4), PACKER, goods(CASES, "C1", 9, "CS"), disposition="returned", **towards(STORE, PACKER)
        ),
    )
    affected = reached(scene, CASES, "C1")
    assert amounts(affected, "returned") == {("distributor", "C1"): ["9 CS"]}, "its receiver names the source"
    assert amounts(affected, "found") == {("distributor", "C1"): ["9 CS"]}


def test_after_the_close_nothing_more_is_counted(scene: Scene) -> None:
    scene.recall(CASES, "C1", "packer", closed=True)  # a minute after it opened
    scene.say("distributor", seen("holding", after(2), STORE, goods(CASES, "C1", 50, "CS"), disposition="recalled"))
    affected = reached(scene, CASES, "C1")
    assert affected.recall is not None
    assert amounts(affected, "found") == {}


def test_items_are_the_codes_of_all_affected_lots_and_serials_that_events_name(scene: Scene) -> None:
    cases, salads = scene.code(CASES, "C1", 3, "packer"), scene.code(SALAD, "S1", 2, "processor")
    named = f"https://id.gs1.org/01/{CASES}/10/C1/21/LOOSE7"
    known = f"https://id.gs1.org/01/{CASES}/10/C1/21/{cases[0]}"
    scene.say(
        "packer",
        event("ObjectEvent", "2026-04-05T08:00", PACKER, "inspecting", action="OBSERVE", epcList=[named, known]),
    )
    affected = reached(scene, CASES, "C1", drill=True)
    assert affected.items == 6
    with scene.engine.connect() as connection:
        listed = [(gtin, lot, one) for gtin, lot, serials in affected_items(connection, affected) for one in serials]
    assert listed == [
        *((CASES, "C1", one) for one in cases),
        *((SALAD, "S1", one) for one in salads),
        (CASES, "C1", "LOOSE7"),
    ]


def test_serials_as_csv_are_quoted_where_they_must_be_and_hold_no_formula() -> None:
    portions = [(CASES, "C1", ["A1", "B2"]), (CASES, "C,1", ["-7"]), (SALAD, "S1", [])]
    assert b"".join(serials_csv(portions)).decode().split("\r\n") == [
        "gtin,lot,serial",
        f"{CASES},C1,A1",
        f"{CASES},C1,B2",
        f'{CASES},"C,1",\'-7',
        "",
    ]


def test_list_per_holder_as_csv_and_xlsx_holds_no_formula(scene: Scene, tmp_path: Path) -> None:
    with scene.engine.begin() as connection:
        connection.execute(update(member).where(member.c.slug == "distributor").values(name="=cmd|' /C calc'!A0"))
    affected = reached(scene, CASES, "C1", drill=True)
    rows = list(csv.reader(io.StringIO(as_csv(holders_sheet(affected)).decode("utf-8-sig"))))
    store = next(row for row in rows if row[0] == "distributor")
    assert store[1].startswith("'=cmd")
    assert store[5:9] == ["Product 9920", "CS", "55", "5"]
    book = load_workbook(io.BytesIO(as_xlsx(affected_sheets(affected))))
    assert book.sheetnames == ["holders", "lots", "packages", "at risk"]
    cells = {cell.data_type for row in book["holders"].iter_rows() for cell in row}
    assert "f" not in cells
    found = [[cell.value for cell in row] for row in book["holders"].iter_rows(min_row=2)]
    assert next(row for row in found if row[0] == "distributor")[7:9] == [55, 5]


def test_document_of_the_real_case_names_every_holder(tmp_path: Path, corpora: Path) -> None:
    real = the_real_case(tmp_path, corpora)
    document = affected_document(reached(real, RAW, "ABC1234", drill=True))
    lots: list[dict[str, Any]] = document["lots"]
    assert [(one["gtin"], one["lot"]) for one in lots] == [
        (RAW, "ABC1234"),
        (CASES, "ABC1234"),
        (SALAD, "SALAD-20260420-A"),
    ]
    assert document["packages"] == [{"sscc": PALLET}]
    holders = {one["holder"]: {line["lot_key"]: line["open"] for line in one["lots"]} for one in document["holders"]}
    assert holders["processor"][f"{SALAD}/SALAD-20260420-A"] == [{"quantity": "2000", "uom": "CS"}]
    assert document["drill"] is True
