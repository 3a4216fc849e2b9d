"""The feed: in order, resumable, private where it must be, and deaf to nobody's slowness."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest
from api_scene import LETTUCE, Scene, Served
from test_capture import a_document, a_harvest

from api.feed import hub as hub_module
from api.feed.hub import FeedHub, Subscriber
from api.feed.rows import BEGINNING, FeedRow, position_of, rows_after, text_of
from api.feed.stream import EventStream, event_text, with_heartbeat
from ledger.errors import BadInput
from ledger.index import events as chain

PATIENCE = 20.0


async def hear(
    hub: FeedHub, count: int, after: tuple[int, int] | None, ready: asyncio.Event | None = None
) -> list[FeedRow]:
    """The next `count` rows that a subscriber to everything hears."""
    heard: list[FeedRow] = []
    async with aclosing(hub.listen(Subscriber(lambda row: True), after)) as rows:
        if ready:
            ready.set()
        async with asyncio.timeout(PATIENCE):
            async for row in rows:
                heard.append(row)
                if len(heard) == count:
                    break
    return heard


def happen(scene: Scene, reason: str = "late") -> None:
    scene.emit(chain.MemberSuspended(scene.numbers["creator"], reason))


def standing(scene: Scene) -> list[str]:
    with scene.ledger.engine.connect() as connection:
        return [row.id for row in rows_after(connection, BEGINNING)]


@pytest.mark.parametrize("text", ["", "x", "1", "1-", "-1-2", "1-2-3", "９-1", "1" * 30 + "-1"])
def test_position_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        position_of(text)


def test_position_is_read_back() -> None:
    for position in ((0, 0), (12, 3), BEGINNING):
        assert position_of(text_of(position)) == position


def test_subscriber_from_the_beginning_hears_everything_in_order(scene: Scene) -> None:
    expected = standing(scene)

    async def run() -> list[FeedRow]:
        return await hear(FeedHub(scene.ledger.engine), len(expected), BEGINNING)

    assert [row.id for row in asyncio.run(run())] == expected


def test_subscriber_hears_what_happens_while_it_listens(scene: Scene) -> None:
    async def run() -> list[FeedRow]:
        hub = FeedHub(scene.ledger.engine)
        listening = asyncio.create_task(hear(hub, 3, None))
        while not hub.listening:
            await asyncio.sleep(0.01)
        for number in range(3):
            await asyncio.to_thread(happen, scene, f"reason {number}")
        return await listening

    assert [json.loads(row.data)["reason"] for row in asyncio.run(run())] == ["reason 0", "reason 1", "reason 2"]


def test_nothing_is_lost_or_doubled_between_what_stands_and_what_comes(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One writes without pause while many come, leave, and come back with their last id."""
    rounds = 60
    before = standing(scene)
    start = position_of(before[-1])

    async def wanderer(hub: FeedHub, stay: int) -> list[str]:
        after, heard = start, list[str]()
        while len(heard) < rounds:
            part = await hear(hub, min(stay, rounds - len(heard)), after)
            heard += [row.id for row in part]
            after = part[-1].position
        return heard

    async def run() -> list[list[str]]:
        hub = FeedHub(scene.ledger.engine)

        def write_on() -> None:
            for number in range(rounds):
                happen(scene, f"reason {number}")

        writing = asyncio.create_task(asyncio.to_thread(write_on))
        heard = await asyncio.gather(*(wanderer(hub, stay) for stay in (1, 2, 7, 60)))
        await writing
        return heard

    all_heard = asyncio.run(run())
    expected = standing(scene)[len(before) :]
    assert all(heard == expected for heard in all_heard)


def test_long_absence_is_made_up_for_page_by_page(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "PAGE_ROWS", 2)
    expected = standing(scene)

    async def run() -> list[FeedRow]:
        return await hear(FeedHub(scene.ledger.engine), len(expected), BEGINNING)

    assert [row.id for row in asyncio.run(run())] == expected


def test_slow_subscriber_is_cut_off_and_others_hear_on(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "QUEUE_ROWS", 3)

    async def run() -> None:
        hub = FeedHub(scene.ledger.engine)
        slow = Subscriber(lambda row: True)
        stalled = asyncio.Event()

        async def never_reads() -> None:
            async with aclosing(hub.listen(slow, None)) as rows:
                async for _ in rows:
                    stalled.set()
                    await asyncio.Event().wait()

        heard = list[FeedRow]()

        async def reads() -> None:
            async with aclosing(hub.listen(Subscriber(lambda row: True), None)) as rows:
                async for row in rows:
                    heard.append(row)

        stuck, quick = asyncio.create_task(never_reads()), asyncio.create_task(reads())
        while len(hub.listening) < 2:
            await asyncio.sleep(0.01)
        for number in range(8):
            await asyncio.to_thread(happen, scene, str(number))
            async with asyncio.timeout(PATIENCE):
                while len(heard) <= number:
                    await asyncio.sleep(0.005)
        async with asyncio.timeout(PATIENCE):
            await slow.ended.wait()
        for task in (stuck, quick):
            task.cancel()
        await asyncio.gather(stuck, quick, return_exceptions=True)
        assert not hub.listening

    asyncio.run(run())


def test_reader_that_does_not_read_is_let_go(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `send` that never returns: the answer ends all the same."""
    monkeypatch.setattr(hub_module, "QUEUE_ROWS", 2)
    monkeypatch.setattr("api.feed.stream.FAREWELL_SECONDS", 0.05)

    async def run() -> None:
        hub = FeedHub(scene.ledger.engine)
        answer = EventStream(hub, Subscriber(lambda row: True), BEGINNING, None)
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)
            if len(sent) > 2:
                await asyncio.Event().wait()

        async def receive() -> Any:
            await asyncio.Event().wait()

        serving = asyncio.create_task(answer({"type": "http", "method": "GET"}, receive, send))
        while not hub.listening:
            await asyncio.sleep(0.01)
        for number in range(6):
            await asyncio.to_thread(happen, scene, str(number))
        async with asyncio.timeout(PATIENCE):
            await serving
        assert not hub.listening

    asyncio.run(run())


def test_reader_that_leaves_is_forgotten(scene: Scene) -> None:
    async def run() -> None:
        hub = FeedHub(scene.ledger.engine)
        gone = asyncio.Event()

        async def receive() -> Any:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            return None

        answer = EventStream(hub, Subscriber(lambda row: True), None, None)
        serving = asyncio.create_task(answer({"type": "http", "method": "GET"}, receive, send))
        while not hub.listening:
            await asyncio.sleep(0.01)
        gone.set()
        async with asyncio.timeout(PATIENCE):
            await serving
        assert not hub.listening

    asyncio.run(run())


def test_session_that_ends_ends_its_stream(scene: Scene) -> None:
    async def run() -> None:
        async def receive() -> Any:
            await asyncio.Event().wait()

        async def send(message: Any) -> None:
            return None

        answer = EventStream(FeedHub(scene.ledger.engine), Subscriber(lambda row: True), None, until=0)
        async with asyncio.timeout(PATIENCE):
            await answer({"type": "http", "method": "GET"}, receive, send)

    asyncio.run(run())


def test_hub_that_closes_ends_all_streams(scene: Scene) -> None:
    async def run() -> list[FeedRow]:
        hub = FeedHub(scene.ledger.engine)
        listening = asyncio.create_task(hear(hub, 1, None))
        while not hub.listening:
            await asyncio.sleep(0.01)
        hub.close()
        heard = await listening
        assert await hear(hub, 1, BEGINNING) == []  # a closed hub takes nobody on
        return heard

    assert asyncio.run(run()) == []


def test_silence_is_filled_with_comments() -> None:
    async def run() -> list[bytes]:
        async def nothing() -> Any:
            await asyncio.sleep(0.05)
            return
            yield

        return [chunk async for chunk in with_heartbeat(nothing(), pause=0.01)]

    chunks = asyncio.run(run())
    assert chunks[0].startswith(b"retry: ")
    assert b": nothing new\n\n" in chunks


def test_event_is_one_line_of_json_with_its_id() -> None:
    row = FeedRow((7, 1), "recall_opened", 3, "0001/L", None, json.dumps({"reason": "two\nlines"}), frozenset({3}))
    text = event_text(row).decode()
    assert text.startswith("id: 7-1\nevent: recall_opened\ndata: {")
    assert text.endswith("}\n\n")
    assert text.count("\n") == 4


# --- over HTTP ---


def listen_http(
    served: Served, query: str, count: int, *, as_: str | None = None, last: str | None = None
) -> list[dict[str, Any]]:
    """The next events of a stream, each with its id and kind."""
    import httpx

    headers = {**(served.scene.bearer(as_) if as_ else {}), **({"Last-Event-ID": last} if last else {})}
    events: list[dict[str, Any]] = []
    with httpx.stream(
        "GET", f"{served.url}/stream{query}", headers=headers, timeout=PATIENCE, trust_env=False
    ) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        event: dict[str, Any] = {}
        for line in answer.iter_lines():
            if line.startswith("id: "):
                event["id"] = line[4:]
            elif line.startswith("data: "):
                events.append({**event, **json.loads(line[6:])})
                if len(events) == count:
                    break
    return events


def test_stranger_may_not_ask_for_private_kinds(quiet: Served) -> None:
    answer = quiet.get("/stream?kind=payout_credited")
    assert answer.status_code == 403
    assert quiet.get("/stream?party=nobody").status_code == 404
    assert quiet.get("/stream?after=nonsense").status_code == 400


def test_stranger_hears_public_kinds_only(served: Served) -> None:
    legs = served.scene.a_rule()
    served.scene.place("1", 1000)
    served.scene.state("farm", json.dumps(a_document(a_harvest())).encode())
    served.scene.pay("1", legs)
    served.scene.recall(LETTUCE, "L1", "Listeria")
    kinds = [event["kind"] for event in listen_http(served, "?after=18-0", 2)]
    assert kinds == ["statement_recorded", "recall_opened"]


def test_party_hears_of_its_own_money_and_nobody_elses(served: Served) -> None:
    legs = served.scene.a_rule()
    served.scene.place("1", 1000)
    served.scene.pay("1", legs)
    served.scene.deliver_and_settle("1", legs)
    served.scene.recall(LETTUCE, "L1", "Listeria")
    heard = listen_http(served, "?after=18-99", 2, as_="creator")
    assert [(event["kind"], event["party"]) for event in heard] == [("payout_credited", 8), ("recall_opened", 1)]
    merchants = listen_http(served, "?after=18-99&kind=payout_credited&party=merchant", 3, as_="merchant")
    assert [event["amount_fen"] for event in merchants] == [30, 120, 850]


def test_lot_filter_finds_every_lot_that_an_event_names(served: Served) -> None:
    two = a_harvest()
    two["quantityList"].append({"epcClass": f"https://id.gs1.org/01/{LETTUCE}/10/L2", "quantity": 1, "uom": "KGM"})
    served.scene.state("farm", json.dumps(a_document(two)).encode())
    (event,) = listen_http(served, f"?after=0-0&lot={LETTUCE}/L2", 1)
    assert event["kind"] == "statement_recorded"


def test_browser_resumes_behind_its_last_id(served: Served) -> None:
    first = listen_http(served, "?after=0-0", 3)
    rest = listen_http(served, "?after=0-0", 2, last=first[0]["id"])
    assert [event["id"] for event in rest] == [event["id"] for event in first[1:]]
