"""A trace as of a past moment, as an EPCIS document, and as a picture."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree
from trace_scene import CASES, GLNS, RAW, SALAD, Scene, goods, harvested, made, new_scene, the_real_case

from ledger.errors import BadInput, NotFound
from ledger.trace.as_of import read_moment
from ledger.trace.epcis import read_document
from ledger.trace.epcis_document import epcis_document
from ledger.trace.facts import load_lot
from ledger.trace.graph import MOST_BOXES, graph_of
from ledger.trace.graph_svg import graph_svg
from ledger.trace.stated import LotFacts

LOT = "SALAD-20260420-A"
FARM, PACKER, KITCHEN = GLNS["farm"], GLNS["packer"], GLNS["processor"]
NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, corpora: Path) -> Scene:
    return the_real_case(tmp_path_factory.mktemp("real"), corpora)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    scene = new_scene(tmp_path)
    for slug in ("farm", "packer", "processor"):
        scene.member(slug, GLNS[slug])
    return scene


def facts(scene: Scene, gtin: str, lot: str, as_of: int | None = None, *, downstream: bool = True) -> LotFacts:
    with scene.engine.connect() as connection:
        return load_lot(connection, gtin, lot, downstream=downstream, as_of=as_of)


def recorded(block: int) -> int:
    """When the scene records a block."""
    return 1_777_000_000 + 60 * block


# --- as of ------------------------------------------------------------------------------------------------------------


def test_moment_without_an_offset_or_in_the_future_is_refused() -> None:
    for wrong in ("yesterday", "2026-05-01", "2026-05-01T08:00:00"):
        with pytest.raises(BadInput, match="is no moment"):
            read_moment(wrong, "asOf")
    with pytest.raises(BadInput, match="future"):
        read_moment("2999-01-01T00:00:00Z", "asOf")
    assert read_moment("2026-05-01T08:00:00+08:00", "asOf") == read_moment("2026-05-01T00:00:00Z", "asOf")


def test_before_anything_was_recorded_nothing_is_known(scene: Scene) -> None:
    scene.say("farm", harvested("2020-01-01T08:00", FARM, goods(RAW, "L1", 10)))
    with pytest.raises(NotFound, match="by then"):
        facts(scene, RAW, "L1", recorded(scene.block) - 1)
    assert facts(scene, RAW, "L1", recorded(scene.block)).history


def test_event_counts_from_its_recording_not_from_when_it_happened(scene: Scene) -> None:
    scene.say("packer", made("2026-04-02T08:00", PACKER, [goods(RAW, "L1", 10)], [goods(CASES, "C1", 1, "CS")]))
    between = recorded(scene.block)
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 10)))
    then, now = facts(scene, CASES, "C1", between), facts(scene, CASES, "C1")
    assert (len(then.history), len(now.history)) == (1, 2)
    assert f"{RAW}/L1" not in then.created
    assert f"{RAW}/L1" in now.created


def test_what_was_made_of_it_later_was_not_known(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 10)))
    between = recorded(scene.block)
    scene.say("packer", made("2026-04-02T08:00", PACKER, [goods(RAW, "L1", 10)], [goods(CASES, "C1", 1, "CS")]))
    assert facts(scene, RAW, "L1", between).forward == ()
    assert len(facts(scene, RAW, "L1").forward) == 1


def test_second_signer_and_close_of_a_recall_come_in_their_time(scene: Scene) -> None:
    told = harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 10))
    scene.say("farm", told)
    between = recorded(scene.block)
    scene.say("packer", told)
    (then,), (now,) = facts(scene, RAW, "L1", between).history, facts(scene, RAW, "L1").history
    assert [said.member.slug for said in then.statements] == ["farm"]
    assert [said.member.slug for said in now.statements] == ["farm", "packer"]
    scene.recall(RAW, "L1", "farm", closed=True)
    assert facts(scene, RAW, "L1", 1_777_000_060).recalls[0].closed_at == 1_777_000_060
    # Opened and closed a minute apart, before the first event of the scene was recorded.
    assert facts(scene, RAW, "L1", 1_777_000_059).recalls[0].closed_at is None


# --- as an EPCIS document ---------------------------------------------------------------------------------------------


def test_document_of_the_real_case_passes_our_own_check_and_keeps_every_hash(real: Scene) -> None:
    told = facts(real, SALAD, LOT)
    data = epcis_document(real.documents, (*told.history, *told.forward), NOW)
    hashes = {event.hash.hex for event in read_document(data, source="journey").events}
    assert hashes == {event.event_hash for event in (*told.history, *told.forward)}
    document = json.loads(data)
    assert (document["type"], document["schemaVersion"]) == ("EPCISDocument", "2.0")
    times = [event["eventTime"] for event in document["epcisBody"]["eventList"]]
    assert len(times) == len(told.history)


def test_each_event_keeps_what_its_own_document_said_of_names(scene: Scene) -> None:
    def document(prefix: str, namespace: str, time: str) -> bytes:
        event = harvested(time, FARM, goods(RAW, "L1", 10), **{f"{prefix}:grade": "A"})
        return json.dumps(
            {
                "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {prefix: namespace}],
                "type": "EPCISDocument",
                "schemaVersion": "2.0",
                "creationDate": "2026-05-01T00:00:00Z",
                "epcisBody": {"eventList": [event]},
            }
        ).encode()

    hashes = scene.hand_in("farm", document("ours", "https://farm.example/a/", "2026-04-01T08:00"))
    hashes += scene.hand_in("farm", document("ours", "https://farm.example/b/", "2026-04-01T09:00"))
    data = epcis_document(scene.documents, facts(scene, RAW, "L1").history, NOW)
    assert sorted(event.hash.hex for event in read_document(data, source="journey").events) == sorted(hashes)


@pytest.mark.parametrize("folder", ["event-hash", "event-hash-equal", "fsma204"])
def test_whatever_was_captured_leaves_with_its_hash(tmp_path: Path, corpora: Path, folder: str) -> None:
    """Every document of the real cases, JSON and XML."""
    files = [
        path for path in sorted((corpora / "epcis" / folder).rglob("*")) if path.suffix in (".json", ".jsonld", ".xml")
    ]
    assert files
    scene = new_scene(tmp_path)
    scene.member("farm", FARM)
    handed: set[str] = set()
    for file in files:
        try:
            handed.update(scene.hand_in("farm", file.read_bytes()))
        except BadInput:
            continue  # refused at capture, so on no record
    assert handed
    from ledger.trace.event_rows import load_events, load_members

    with scene.engine.connect() as connection:
        events = load_events(connection, handed, load_members(connection))
    data = epcis_document(scene.documents, events.values(), NOW)
    assert {event.hash.hex for event in read_document(data, source="all").events} == handed


# --- as a picture -----------------------------------------------------------------------------------------------------


def test_picture_of_the_salad_shows_what_was_made_of_what(real: Scene) -> None:
    graph = graph_of(real.journey(SALAD, LOT))
    names = {box.lot_key: f"{box.gtin}/{box.lot}" for box in graph.boxes}
    assert [(names[start], names[end]) for start, end in graph.lines] == [
        (f"{CASES}/ABC1234", f"{SALAD}/{LOT}"),
        ("10860009998022/DEF2345", f"{SALAD}/{LOT}"),
        (f"{RAW}/ABC1234", f"{CASES}/ABC1234"),
    ]
    rows = {box.lot_key: box.row for box in graph.boxes}
    assert all(rows[start] < rows[end] for start, end in graph.lines), "goods flow downwards"
    assert graph.left_out == 0


@pytest.mark.parametrize(
    ("language", "says", "tells"),
    [("zh-CN", "由什么制成", "制成。"), ("en", "made from what", "was made from")],
)
def test_picture_is_told_to_a_screen_reader_and_holds_no_script(
    real: Scene, language: str, says: str, tells: str
) -> None:
    root = etree.fromstring(graph_svg(real.journey(SALAD, LOT), language))  # type: ignore[arg-type]
    assert root.get("role") == "img"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert says in title.text
    assert tells in desc.text
    assert int(root.get("viewBox").split()[2]) <= 360, "as wide as a phone"
    elements = {etree.QName(element).localname for element in root.iter()}
    assert not elements & {"script", "foreignObject", "image", "use", "style", "a"}
    assert b"http" not in etree.tostring(root).replace(b"http://www.w3.org/2000/svg", b"")


def test_names_cannot_break_out_of_the_picture(scene: Scene) -> None:
    from sqlalchemy import insert

    from ledger.store.schema import product

    with scene.engine.begin() as connection:
        name = '"/><script>alert(1)</script>\x08&'
        connection.execute(insert(product).values(gtin=RAW, member=1, name=name, block=0))
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 10)))
    root = etree.fromstring(graph_svg(scene.journey(RAW, "L1"), "en"))
    assert root.findall(f".//{SVG}script") == []


def test_circle_of_goods_is_drawn_and_ends(scene: Scene) -> None:
    scene.say("packer", made("2026-04-02T08:00", PACKER, [goods(RAW, "L1", 10)], [goods(CASES, "C1", 1, "CS")]))
    scene.say("packer", made("2026-04-03T08:00", PACKER, [goods(CASES, "C1", 1, "CS")], [goods(RAW, "L1", 10)]))
    graph = graph_of(scene.journey(CASES, "C1", downstream=True))
    assert set(graph.lines) == {(f"{RAW}/L1", f"{CASES}/C1"), (f"{CASES}/C1", f"{RAW}/L1")}
    etree.fromstring(graph_svg(scene.journey(CASES, "C1", downstream=True), "en"))


def test_what_finds_no_room_is_counted(scene: Scene) -> None:
    many = [goods(RAW, f"L{number}", 1) for number in range(MOST_BOXES + 5)]
    scene.say("packer", made("2026-04-02T08:00", PACKER, many, [goods(CASES, "C1", 1, "CS")]))
    graph = graph_of(scene.journey(CASES, "C1"))
    assert (len(graph.boxes), graph.left_out) == (MOST_BOXES, 6)
    assert any(box.asked for box in graph.boxes)
    assert "6 more lots are not drawn" in graph_svg(scene.journey(CASES, "C1"), "en").decode()
