"""Verification in numbered steps: what it catches when a document, a row or the chain is not as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from trace_scene import GLNS, MAC_KEY, RAW, SALAD, Scene, goods, harvested, made, new_scene

from ledger.chain.witness import CommitmentOnChain
from ledger.errors import BadInput, NotFound
from ledger.store import schema
from ledger.trace.item_codes import make_serials
from ledger.trace.item_verdict import Verdict
from ledger.trace.verify import Verification, verify_uri

LOT = "S1"


@dataclass
class RecordedChain:
    """A chain that answers as the scene's rows did when they were written, whatever becomes of the rows.

    Written down here so that a test can make rows and chain disagree; the reader of a real node has tests of its own.
    """

    recorded: dict[tuple[int, str], int]
    committed: dict[str, CommitmentOnChain]
    recalled: set[tuple[str, str]] = field(default_factory=set)

    def recorded_at(self, member: int, commitment: str) -> int:
        return self.recorded.get((member, commitment), 0)

    def items_committed(self, root: str, block: int) -> CommitmentOnChain | None:
        found = self.committed.get(root)
        return found if found and found.block == block else None

    def is_recalled(self, gtin: str, lot: str) -> bool:
        return (gtin, lot) in self.recalled


def chain_of(scene: Scene) -> RecordedChain:
    said, items = schema.statement, schema.items_committed
    with scene.engine.connect() as connection:
        return RecordedChain(
            {(row.member, row.commitment): row.recorded_at for row in connection.execute(select(said))},
            {
                row.root: CommitmentOnChain(
                    row.root, row.gtin, row.lot, row.member, row._mapping["count"], row.manifest, row.block
                )
                for row in connection.execute(select(items))
            },
        )


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    told = new_scene(tmp_path)
    told.member("farm", GLNS["farm"], gtins=(RAW,))
    told.member("processor", GLNS["processor"], gtins=(SALAD,))
    told.say("farm", harvested("2026-04-01T08:00", GLNS["farm"], goods(RAW, "L1", 100)))
    told.say(
        "processor", made("2026-04-02T08:00", GLNS["processor"], [goods(RAW, "L1", 100)], [goods(SALAD, LOT, 9, "CS")])
    )
    return told


@pytest.fixture
def serial(scene: Scene) -> str:
    return scene.code(SALAD, LOT, 5, "processor")[2]


def verified(scene: Scene, serial: str | None, *, chain: RecordedChain | None = None, lot: str = LOT) -> Verification:
    uri = f"https://trace.example.org/01/{SALAD}/10/{lot}" + (f"/21/{serial}" if serial else "")
    with scene.engine.connect() as connection:
        return verify_uri(connection, scene.documents, MAC_KEY, uri, chain)


def failing(verification: Verification) -> list[str]:
    return [
        f"{step.number} {check.about.split(' (')[0]}"
        for step in verification.steps
        for check in step.checks
        if not check.holds
    ]


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "uri",
    ["", "https://example.org/about", f"https://example.org/01/{SALAD[:-1]}0/10/S1", f"https://example.org/01/{SALAD}"],
)
def test_what_is_no_digital_link_of_a_lot_is_refused(scene: Scene, uri: str) -> None:
    with scene.engine.connect() as connection, pytest.raises(BadInput):
        verify_uri(connection, scene.documents, MAC_KEY, uri)


def test_a_lot_that_nobody_knows_is_not_found(scene: Scene) -> None:
    with pytest.raises(NotFound):
        verified(scene, None, lot="NOWHERE")


def test_an_unknown_or_forged_serial_is_answered_no(scene: Scene, serial: str) -> None:
    (unknown,) = make_serials(MAC_KEY, SALAD, LOT, 1)
    for found, verdict in ((unknown, Verdict.UNKNOWN), (unknown[::-1], Verdict.FORGED)):
        answer = verified(scene, found, chain=chain_of(scene))
        assert (answer.verdict, answer.exit_status) == (verdict, 1)
        assert "2 lot of the serial" in failing(answer)


def test_a_serial_of_another_lot_is_answered_no(scene: Scene, serial: str) -> None:
    answer = verified(scene, serial, lot="S2", chain=chain_of(scene))
    assert (answer.verdict, answer.exit_status) == (Verdict.OTHER_LOT, 1)


def test_a_recalled_lot_is_answered_no(scene: Scene, serial: str) -> None:
    chain = chain_of(scene)
    scene.recall(SALAD, LOT, "processor")
    answer = verified(scene, serial, chain=replace(chain, recalled={(SALAD, LOT)}))
    assert (answer.verdict, answer.exit_status) == (Verdict.RECALLED, 1)
    assert failing(answer) == ["5 recall of the lot", "5 recall on the chain"]


def test_a_recall_that_the_rows_do_not_know_yet_is_found_on_the_chain(scene: Scene, serial: str) -> None:
    answer = verified(scene, serial, chain=replace(chain_of(scene), recalled={(SALAD, LOT)}))
    assert failing(answer) == ["5 recall on the chain"]
    assert answer.exit_status == 1


# --- tampering --------------------------------------------------------------------------------------------------------


def _damage_document(scene: Scene) -> None:
    with scene.engine.connect() as connection:
        document = connection.execute(select(schema.statement.c.document).limit(1)).scalar_one()
    path = scene.documents.file_of(document)
    path.write_bytes(path.read_bytes().replace(b"100", b"900"))


def _lose_document(scene: Scene) -> None:
    with scene.engine.connect() as connection:
        document = connection.execute(select(schema.statement.c.document).limit(1)).scalar_one()
    scene.documents.file_of(document).unlink()


def _swap_document(scene: Scene) -> None:
    """A whole other document, under its own right digest, put in the place of the one that was captured."""
    with scene.engine.begin() as connection:
        document = connection.execute(select(schema.statement.c.document).limit(1)).scalar_one()
        other = scene.documents.put(scene.documents.get(document).replace(b"100", b"900"))
        rows = update(schema.statement).where(schema.statement.c.document == document)
        connection.execute(rows.values(document=other))


def _move_position(scene: Scene) -> None:
    with scene.engine.begin() as connection:
        connection.execute(update(schema.statement).values(position=7))


@pytest.mark.parametrize("harm", [_damage_document, _lose_document, _swap_document, _move_position])
def test_a_document_that_is_not_what_was_captured_is_found(
    scene: Scene, serial: str, harm: Callable[[Scene], None]
) -> None:
    chain = chain_of(scene)
    harm(scene)
    answer = verified(scene, serial, chain=chain)
    assert "4 event hash" in failing(answer)
    assert answer.exit_status == 1
    assert answer.verdict is Verdict.GENUINE, "the code is; its journey does not hold"


def test_a_statement_that_the_chain_does_not_hold_is_found(scene: Scene, serial: str) -> None:
    chain = chain_of(scene)
    first = next(iter(chain.recorded))
    del chain.recorded[first]
    answer = verified(scene, serial, chain=chain)
    assert failing(answer) == ["4 recorded on the chain"]
    assert "never recorded" in json.dumps(answer.as_json())


def test_a_row_with_another_salt_or_time_is_found(scene: Scene, serial: str) -> None:
    chain = chain_of(scene)
    with scene.engine.begin() as connection:
        connection.execute(update(schema.statement).values(salt="0" * 64, recorded_at=1))
    assert set(failing(verified(scene, serial, chain=chain))) == {"4 commitment", "4 recorded on the chain"}


def test_a_root_that_the_chain_does_not_hold_is_found(scene: Scene, serial: str) -> None:
    answer = verified(scene, serial, chain=replace(chain_of(scene), committed={}))
    assert [line.split(" in block")[0] for line in failing(answer)] == ["3 ItemsCommitted"]
    assert answer.exit_status == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"gtin": RAW}, "3 GTIN on the chain"),
        ({"lot": "S9"}, "3 lot on the chain"),
        ({"member": 1}, "3 member on the chain"),
        ({"count": 6}, "3 count on the chain"),
        ({"manifest": "0" * 64}, "3 manifest on the chain"),
    ],
)
def test_rows_that_say_otherwise_than_the_log_are_found(
    scene: Scene, serial: str, change: dict[str, Any], named: str
) -> None:
    chain = chain_of(scene)
    chain.committed = {root: replace(log, **change) for root, log in chain.committed.items()}
    assert failing(verified(scene, serial, chain=chain)) == [named]


def test_a_manifest_that_is_not_here_is_told(scene: Scene, serial: str) -> None:
    with scene.engine.connect() as connection:
        manifest = connection.execute(select(schema.items_committed.c.manifest)).scalar_one()
    scene.documents.file_of(manifest).unlink()
    answer = verified(scene, serial, chain=chain_of(scene))
    assert failing(answer) == ["3 manifest in the document store"]


# --- what holds -------------------------------------------------------------------------------------------------------


def test_a_genuine_code_holds_in_every_step(scene: Scene, serial: str) -> None:
    answer = verified(scene, serial, chain=chain_of(scene))
    assert [(step.number, step.holds) for step in answer.steps] == [(number, True) for number in range(1, 6)]
    assert (answer.verdict, answer.exit_status, answer.chain_asked) == (Verdict.GENUINE, 0, True)
    document = json.loads(json.dumps(answer.as_json()))
    assert (document["verdict"], document["holds"]) == ("genuine", True)
    assert len(document["steps"][3]["checks"]) == 6, "hash, commitment and record of each of two statements"


def test_without_a_chain_the_rows_stand_in_and_the_answer_says_so(scene: Scene, serial: str) -> None:
    answer = verified(scene, serial)
    assert (answer.exit_status, answer.chain_asked) == (0, False)


def test_a_lot_without_a_serial_is_verified_by_its_journey(scene: Scene) -> None:
    answer = verified(scene, None, chain=chain_of(scene))
    assert [step.number for step in answer.steps] == [1, 4, 5]
    assert (answer.verdict, answer.exit_status) == (None, 0)
