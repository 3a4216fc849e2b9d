"""Verdicts on scanned codes: forged, unknown, of another lot, recalled, genuine; each with its status and its words."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update
from trace_scene import CASES, GLNS, MAC_KEY, SALAD, Scene, new_scene

from ledger.errors import BrokenEvidence, NotFound
from ledger.store import schema
from ledger.trace.item_codes import Manifest, make_serials, write_manifest
from ledger.trace.item_proofs import ItemProofs
from ledger.trace.item_verdict import Scan, Verdict, judge

LOT, OTHER = "SALAD-20260420-A", "SALAD-20260421-B"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = new_scene(tmp_path)
    made.member("processor", GLNS["processor"], gtins=(SALAD,))
    return made


def scanned(scene: Scene, lot: str, serial: str, gtin: str = SALAD, key: bytes = MAC_KEY) -> Scan:
    with scene.engine.connect() as connection:
        return judge(connection, key, gtin, lot, serial)


def test_a_forged_serial(scene: Scene) -> None:
    (serial, *_) = scene.code(SALAD, LOT, 3, "processor")
    forged = serial[:-1] + ("0" if serial[-1] != "0" else "1")
    judged = scanned(scene, LOT, forged)
    assert (judged.verdict, judged.verdict.http_status, judged.mac_right, judged.item) == (
        Verdict.FORGED, 404, False, None,
    )  # fmt: skip


@pytest.mark.parametrize("serial", ["1", "NOT-A-SERIAL", "0" * 20])
def test_what_is_no_serial_of_ours_is_forged(scene: Scene, serial: str) -> None:
    assert scanned(scene, LOT, serial).verdict is Verdict.FORGED


def test_a_serial_with_the_right_mac_that_was_never_committed_is_unknown(scene: Scene) -> None:
    (serial,) = make_serials(MAC_KEY, SALAD, LOT, 1)
    judged = scanned(scene, LOT, serial)
    assert (judged.verdict, judged.verdict.http_status, judged.mac_right) == (Verdict.UNKNOWN, 404, True)


def test_a_real_serial_under_another_lot(scene: Scene) -> None:
    (serial, *_) = scene.code(SALAD, LOT, 3, "processor")
    scene.code(SALAD, OTHER, 3, "processor")
    judged = scanned(scene, OTHER, serial)
    assert (judged.verdict, judged.verdict.http_status) == (Verdict.OTHER_LOT, 404)
    assert judged.item is not None
    assert judged.item.lot == LOT


def test_a_real_serial_under_another_product_is_forged(scene: Scene) -> None:
    (serial, *_) = scene.code(SALAD, LOT, 3, "processor")
    assert scanned(scene, LOT, serial, gtin=CASES).verdict is Verdict.FORGED


def test_a_real_serial_of_a_recalled_lot(scene: Scene) -> None:
    (serial, *_) = scene.code(SALAD, LOT, 3, "processor")
    scene.recall(SALAD, LOT, "processor")
    judged = scanned(scene, LOT, serial)
    assert (judged.verdict, judged.verdict.http_status) == (Verdict.RECALLED, 200)
    assert judged.recall is not None
    assert judged.recall.reason == "Glass found"


def test_a_recall_is_told_also_of_a_code_that_proves_nothing(scene: Scene) -> None:
    scene.recall(SALAD, LOT, "processor")
    judged = scanned(scene, LOT, "0" * 20)
    assert judged.verdict is Verdict.FORGED
    assert judged.recall is not None


def test_a_closed_recall_no_longer_counts(scene: Scene) -> None:
    (serial, *_) = scene.code(SALAD, LOT, 3, "processor")
    scene.recall(SALAD, LOT, "processor", closed=True)
    assert scanned(scene, LOT, serial).verdict is Verdict.GENUINE


def test_a_genuine_serial_however_a_person_types_it(scene: Scene) -> None:
    serials = scene.code(SALAD, LOT, 3, "processor")
    for position, serial in enumerate(serials):
        judged = scanned(scene, LOT, serial.lower().replace("1", "i").replace("0", "o"))
        assert (judged.verdict, judged.verdict.http_status, judged.serial) == (Verdict.GENUINE, 200, serial)
        assert judged.item is not None
        assert (judged.item.position, judged.item.count, judged.item.member.slug) == (position, 3, "processor")


def test_a_code_that_another_home_of_the_owner_made_is_genuine(scene: Scene) -> None:
    (serial, *_) = scene.code(SALAD, LOT, 3, "processor")
    judged = scanned(scene, LOT, serial, key=b"y" * 32)
    assert (judged.verdict, judged.mac_right) == (Verdict.GENUINE, False)


def test_every_verdict_has_a_sentence_in_both_languages() -> None:
    for verdict in Verdict:
        assert verdict.sentence.en.endswith(".")
        assert verdict.sentence.zh_cn.endswith("。")


# --- proofs -----------------------------------------------------------------------------------------------------------


def test_a_manifest_that_is_not_here_proves_nothing(scene: Scene) -> None:
    (serial, *_) = scene.code(SALAD, LOT, 3, "processor")
    with scene.engine.begin() as connection:
        connection.execute(update(schema.items_committed).values(manifest="0" * 64))
    item = scanned(scene, LOT, serial).item
    assert item is not None
    with pytest.raises(NotFound):
        ItemProofs(scene.documents).prove(item)


def test_a_manifest_of_other_codes_proves_nothing(scene: Scene) -> None:
    (serial, *_) = scene.code(SALAD, LOT, 3, "processor")
    shorter = write_manifest(Manifest(SALAD, LOT, make_serials(MAC_KEY, SALAD, LOT, 2)))
    same_length = write_manifest(Manifest(SALAD, LOT, make_serials(MAC_KEY, SALAD, LOT, 3)))
    for data in (shorter, b"no manifest at all"):
        with scene.engine.begin() as connection:
            connection.execute(update(schema.items_committed).values(manifest=scene.documents.put(data)))
        item = scanned(scene, LOT, serial).item
        assert item is not None
        with pytest.raises(BrokenEvidence):
            ItemProofs(scene.documents).prove(item)
    with scene.engine.begin() as connection:
        connection.execute(update(schema.items_committed).values(manifest=scene.documents.put(same_length)))
    item = scanned(scene, LOT, serial).item
    assert item is not None
    assert not ItemProofs(scene.documents).prove(item).holds


def test_every_item_of_a_lot_is_proven_by_its_path(scene: Scene) -> None:
    proofs = ItemProofs(scene.documents)
    for serial in scene.code(SALAD, LOT, 7, "processor"):
        item = scanned(scene, LOT, serial).item
        assert item is not None
        proof = proofs.prove(item)
        assert proof.holds
        assert proof.root_found() == item.root
        assert proof.leaf == f"/01/{SALAD}/10/{LOT}/21/{serial}"
        assert proof.size == 7
