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
from api.feed import subscriber as subscriber_module
from api.feed.hub import FeedHub
from api.feed.stream import EventStream
from api.feed.subscriber import HEARTBEAT, Event, Subscriber
from ledger.errors import BadInput, Unavailable
from ledger.index import events as chain
from ledger.notify.feed import BEGINNING, FeedRow, Position, page_after, position_of, text_of
from ledger.notify.interest import Interest
from ledger.store.database import write
from ledger.store.schema import feed, reorganisation
from ledger.store.wake import write_and_wake

PATIENCE = 20.0

Heard = dict[str, Any]


def events_in(chunk: bytes) -> list[Heard]:
    """The events of a chunk of the stream, each with its id."""
    told = []
    for part in chunk.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in part.splitlines() if not line.startswith(":"))
        if "data" in fields:
            told.append({"id": fields["id"], **json.loads(fields["data"])})
    return told


async def hear(hub: FeedHub, count: int, after: Position | None, interest: Interest = Interest()) -> list[Heard]:
    """The next `count` events (or a few more) that a subscriber hears."""
    heard: list[Heard] = []
    async with aclosing(hub.listen(Subscriber(interest), after)) as chunks, asyncio.timeout(PATIENCE):
        async for chunk in chunks:
            heard += events_in(chunk)
            if len(heard) >= count:
                break
    return heard


async def listening(hub: FeedHub, count: int = 1) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(hub.listening) < count:
            await asyncio.sleep(0.01)


def happen(scene: Scene, reason: str = "late") -> None:
    scene.emit(chain.MemberSuspended(scene.numbers["creator"], reason))


def standing(scene: Scene) -> list[str]:
    """The ids of all that a stranger may hear."""
    return [row.id for row in page_after(scene.ledger.engine, BEGINNING).rows if Interest().covers(row)]


@pytest.mark.parametrize("text", ["", "x", "1", "1-", "-1-2", "1-2-3", "1-2~", "1-2~x", "９-1", "1" * 30 + "-1"])
def test_position_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        position_of(text)


def test_position_is_read_back() -> None:
    for position in (Position(0, 0), Position(12, 3), Position(12, 3, 7), BEGINNING, BEGINNING._replace(turn=2)):
        assert position_of(text_of(position)) == position


def test_more_subscribers_than_fit_are_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "MOST_SUBSCRIBERS", 0)
    with pytest.raises(Unavailable):
        FeedHub(scene.ledger.engine).require_room()


def test_subscriber_from_the_beginning_hears_everything_in_order(scene: Scene) -> None:
    expected = standing(scene)

    async def run() -> list[Heard]:
        return await hear(FeedHub(scene.ledger.engine), len(expected), BEGINNING)

    assert [event["id"] for event in asyncio.run(run())] == expected


def test_subscriber_hears_what_happens_while_it_listens(scene: Scene) -> None:
    async def run() -> list[Heard]:
        hub = FeedHub(scene.ledger.engine)
        hearing = asyncio.create_task(hear(hub, 3, None))
        await listening(hub)
        for number in range(3):
            await asyncio.to_thread(happen, scene, f"reason {number}")
        return await hearing

    assert [event["reason"] for event in asyncio.run(run())] == ["reason 0", "reason 1", "reason 2"]


def test_row_whose_wake_up_was_lost_is_told_all_the_same(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer killed between its commit and the wake-up."""
    monkeypatch.setattr(hub_module, "LOOK_SECONDS", 0.05)

    async def run() -> list[Heard]:
        hub = FeedHub(scene.ledger.engine)
        hearing = asyncio.create_task(hear(hub, 1, None))
        await listening(hub)
        with write(scene.ledger.engine) as connection:
            connection.execute(feed.insert(), {"block": 900, "log_index": 0, "kind": "recall_opened", "data": "{}"})
        return await hearing

    assert [event["id"] for event in asyncio.run(run())] == ["900-0"]


def test_nothing_is_lost_or_doubled_between_what_stands_and_what_comes(scene: Scene) -> None:
    """One writes without pause while many come, leave, and come back with their last id."""
    rounds = 60
    before = standing(scene)
    start = position_of(before[-1])

    async def wanderer(hub: FeedHub, stay: int) -> list[str]:
        after, heard = start, list[str]()
        while len(heard) < rounds:
            heard += [event["id"] for event in await hear(hub, min(stay, rounds - len(heard)), after)]
            after = position_of(heard[-1])
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

    async def run() -> list[Heard]:
        return await hear(FeedHub(scene.ledger.engine), len(expected), BEGINNING)

    assert [event["id"] for event in asyncio.run(run())] == expected


# --- reorganisations ---


def reorganise(scene: Scene, ancestor: int, *reasons: str) -> None:
    """The blocks behind `ancestor` give way to one a reason."""
    with write_and_wake(scene.ledger.engine) as connection:
        connection.execute(feed.delete().where(feed.c.block > ancestor))
        connection.execute(reorganisation.insert(), {"ancestor": ancestor, "head": scene.block, "at": 1})
        for number, reason in enumerate(reasons, ancestor + 1):
            row = {"block": number, "log_index": 0, "kind": "member_suspended", "data": json.dumps({"reason": reason})}
            connection.execute(feed.insert(), row)
    scene.block = ancestor + len(reasons)


def test_reorganisation_is_told_to_those_who_listen_and_what_stands_instead_follows(scene: Scene) -> None:
    happen(scene, "first")
    ancestor = scene.block
    happen(scene, "gives way")

    async def run() -> list[Heard]:
        hub = FeedHub(scene.ledger.engine)
        hearing = asyncio.create_task(hear(hub, 3, None))
        await listening(hub)
        await asyncio.to_thread(reorganise, scene, ancestor, "instead", "and then")
        return await hearing

    heard = asyncio.run(run())
    assert [(event["kind"], event.get("ancestor"), event.get("reason")) for event in heard] == [
        ("reorganised", ancestor, None),
        ("member_suspended", None, "instead"),
        ("member_suspended", None, "and then"),
    ]
    assert heard[1]["id"] == f"{ancestor + 1}-0~1"


def test_who_comes_back_with_an_id_of_replaced_blocks_is_told(scene: Scene) -> None:
    happen(scene, "stays")
    ancestor = scene.block
    happen(scene, "gives way")
    gone, kept = Position(scene.block, 0), Position(ancestor, 0)
    reorganise(scene, ancestor, "instead")

    async def run(after: Position, count: int) -> list[Heard]:
        return await hear(FeedHub(scene.ledger.engine), count, after)

    assert [event["kind"] for event in asyncio.run(run(gone, 2))] == ["reorganised", "member_suspended"]
    (told, instead) = asyncio.run(run(gone, 2))
    assert [event["reason"] for event in asyncio.run(run(kept, 1))] == ["instead"]  # it was told nothing that went
    assert asyncio.run(run(position_of(told["id"]), 1)) == [instead]  # and comes back with the new ids as ever


def test_blocks_that_are_replaced_by_nothing_yet_are_told_too(scene: Scene) -> None:
    ancestor = scene.block
    happen(scene, "gives way")
    gone = Position(scene.block, 0)
    reorganise(scene, ancestor)

    async def run() -> list[Heard]:
        return await hear(FeedHub(scene.ledger.engine), 1, gone)

    assert [(event["kind"], event["ancestor"]) for event in asyncio.run(run())] == [("reorganised", ancestor)]


def test_several_reorganisations_in_an_absence_go_back_to_the_lowest_ancestor(scene: Scene) -> None:
    ancestor = scene.block
    for reason in ("one", "two", "three"):
        happen(scene, reason)
    gone = Position(scene.block, 0)
    reorganise(scene, ancestor, "second one", "second two", "second three", "second four")
    reorganise(scene, ancestor + 2, "third three")

    async def run() -> list[Heard]:
        return await hear(FeedHub(scene.ledger.engine), 4, gone)

    heard = asyncio.run(run())
    assert [event.get("reason", event.get("ancestor")) for event in heard] == [
        ancestor,
        "second one",
        "second two",
        "third three",
    ]


# --- slowness and leaving ---


def test_slow_subscriber_is_cut_off_and_others_hear_on(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_module, "MOST_WAITING", 3)

    async def run() -> None:
        hub = FeedHub(scene.ledger.engine)
        slow = Subscriber(Interest())

        async def never_reads() -> None:
            async with aclosing(hub.listen(slow, None)) as chunks:
                async for _ in chunks:
                    await asyncio.Event().wait()

        heard = list[Heard]()

        async def reads() -> None:
            async with aclosing(hub.listen(Subscriber(Interest()), None)) as chunks:
                async for chunk in chunks:
                    heard.extend(events_in(chunk))

        stuck, quick = asyncio.create_task(never_reads()), asyncio.create_task(reads())
        await listening(hub, 2)
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
        assert hub.cut_off == 1

    asyncio.run(run())


async def stalled(hub: FeedHub, scene: Scene, happenings: int) -> None:
    """Serves a reader whose `send` never returns from the third on, until that answer ends."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) > 2:
            await asyncio.Event().wait()

    async def receive() -> Any:
        await asyncio.Event().wait()

    answer = EventStream(hub, Subscriber(Interest()), BEGINNING, None)
    serving = asyncio.create_task(answer({"type": "http", "method": "GET"}, receive, send))
    await listening(hub)
    for number in range(happenings):
        await asyncio.to_thread(happen, scene, str(number))
    async with asyncio.timeout(PATIENCE):
        await serving
    assert not hub.listening
    assert hub.cut_off == 1


def test_reader_that_does_not_read_is_let_go_when_too_much_waits(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_module, "MOST_WAITING", 2)
    monkeypatch.setattr("api.feed.stream.FAREWELL_SECONDS", 0.05)
    asyncio.run(stalled(FeedHub(scene.ledger.engine), scene, 6))


def test_reader_that_takes_too_long_for_one_event_is_let_go(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(subscriber_module, "TAKE_SECONDS", 0.05)
    monkeypatch.setattr("api.feed.stream.FAREWELL_SECONDS", 0.05)
    asyncio.run(stalled(FeedHub(scene.ledger.engine), scene, 0))


def test_reader_that_leaves_is_forgotten(scene: Scene) -> None:
    async def run() -> None:
        hub = FeedHub(scene.ledger.engine)
        gone = asyncio.Event()

        async def receive() -> Any:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            return None

        answer = EventStream(hub, Subscriber(Interest()), None, None)
        serving = asyncio.create_task(answer({"type": "http", "method": "GET"}, receive, send))
        await listening(hub)
        gone.set()
        async with asyncio.timeout(PATIENCE):
            await serving
        assert not hub.listening
        assert hub.cut_off == 0

    asyncio.run(run())


def test_session_that_ends_ends_its_stream(scene: Scene) -> None:
    async def run() -> None:
        async def receive() -> Any:
            await asyncio.Event().wait()

        async def send(message: Any) -> None:
            return None

        answer = EventStream(FeedHub(scene.ledger.engine), Subscriber(Interest()), None, until=0)
        async with asyncio.timeout(PATIENCE):
            await answer({"type": "http", "method": "GET"}, receive, send)

    asyncio.run(run())


def test_hub_that_closes_ends_all_streams(scene: Scene) -> None:
    async def run() -> list[Heard]:
        hub = FeedHub(scene.ledger.engine)
        hearing = asyncio.create_task(hear(hub, 1, None))
        await listening(hub)
        hub.close()
        heard = await hearing
        assert await hear(hub, 1, BEGINNING) == []  # a closed hub takes nobody on
        return heard

    assert asyncio.run(run()) == []


def test_silence_is_filled_with_comments(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(subscriber_module, "HEARTBEAT_SECONDS", 0.01)

    async def run() -> list[bytes]:
        async with aclosing(FeedHub(scene.ledger.engine).listen(Subscriber(Interest()), None)) as chunks:
            return [await anext(chunks), await anext(chunks)]

    assert asyncio.run(run()) == [HEARTBEAT, HEARTBEAT]


def test_event_is_one_line_of_json_with_its_id() -> None:
    row = FeedRow(
        Position(7, 1), "recall_opened", 3, "0001/L", None, json.dumps({"reason": "two\nlines"}), frozenset({3})
    )
    text = Event(row).text_for(None).decode()
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
    answer = quiet.get("/stream?kind=order_settled")
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
    assert [(event["kind"], event["party"]) for event in heard] == [("order_settled", 7), ("recall_opened", 1)]
    assert heard[0]["parts_fen"] == [120]
    (whole,) = listen_http(served, "?after=18-99&kind=order_settled&party=merchant", 1, as_="merchant")
    assert whole["parts_fen"] == [30, 120, 850]


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
