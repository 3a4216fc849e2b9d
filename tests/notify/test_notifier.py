"""Messages are made once and delivered at least once, signed, to whoever may hear them; what nobody takes is kept."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from typing import Any

import pytest
import trustme
from feed_scene import KEY, MEMBER, Feed, deliver, secret
from receiver import Receiver, receiving

from ledger.errors import BadInput, Conflict, NotFound
from ledger.notify import webhooks as webhooks_module
from ledger.notify.feed import BEGINNING, Position
from ledger.notify.interest import Interest
from ledger.notify.messages import replay
from ledger.notify.notifier import Notifier
from ledger.notify.plan import plan
from ledger.notify.schedule import ATTEMPTS, DAY, DELAYS, delay_after, retry_after
from ledger.notify.webhooks import enable, remove, rotate, webhooks_of
from ledger.store.database import read, write
from ledger.store.schema import reorganisation
from ledger.store.wake import write_and_wake


def now() -> int:
    return int(time.time())


# --- refusals --------------------------------------------------------------------------------------------------------


def test_target_that_cannot_be_one_is_refused_when_it_is_registered(feed: Feed) -> None:
    with pytest.raises(BadInput):
        feed.register("http://example.com/")
    with pytest.raises(BadInput):
        feed.register("https://192.168.1.1/")


def test_more_webhooks_than_a_member_may_have_are_refused(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks_module, "MOST_WEBHOOKS", 1)
    feed.register("https://example.com/")
    with pytest.raises(Conflict):
        feed.register("https://example.com/")
    feed.register("https://example.com/", member=MEMBER + 1)


def test_anothers_webhook_is_not_there(feed: Feed) -> None:
    mine = feed.register("https://example.com/")
    with write(feed.engine) as connection:
        for act in (remove, enable):
            with pytest.raises(NotFound):
                act(connection, MEMBER + 1, mine.id)
        with pytest.raises(NotFound):
            replay(connection, MEMBER + 1, mine.id, now=0)
        assert webhooks_of(connection, MEMBER + 1) == []


# --- what is told, to whom -------------------------------------------------------------------------------------------


def test_message_is_signed_and_says_what_the_feed_says(feed: Feed, receiver: Receiver) -> None:
    one = feed.register(f"{receiver.url}/suyuan?a=1")
    position = feed.happen("recall_opened", lot="0001/L", reason="Listeria 李斯特菌")
    deliver(feed, receiver.trust)
    (request,) = receiver.received
    assert request.path == "/suyuan?a=1"
    assert request.headers["host"] == receiver.url.removeprefix("https://")
    assert request.headers["content-type"] == "application/json"
    assert request.signed_by(secret(one))
    said = json.loads(request.body)
    assert (said["type"], said["data"]["reason"], said["data"]["lot"], said["data"]["position"]) == (
        "recall_opened", "Listeria 李斯特菌", "0001/L", position,
    )  # fmt: skip
    assert said["timestamp"].endswith("Z")
    assert [message.state for message in feed.messages()] == ["delivered"]


def test_what_stood_before_is_told_only_when_asked_for(feed: Feed, receiver: Receiver) -> None:
    feed.happen(reason="before")
    feed.register(receiver.url)
    feed.register(f"{receiver.url}/all", after=BEGINNING)
    feed.happen(reason="after")
    deliver(feed, receiver.trust)
    heard = sorted((request.path, json.loads(request.body)["data"]["reason"]) for request in receiver.received)
    assert heard == [("/", "after"), ("/all", "after"), ("/all", "before")]


def test_filters_hold_and_private_kinds_reach_their_parties_only(feed: Feed, receiver: Receiver) -> None:
    feed.register(f"{receiver.url}/all")
    feed.register(f"{receiver.url}/lot", Interest(lot="0001/L", listener=MEMBER))
    feed.register(f"{receiver.url}/kind", Interest(kinds=frozenset({"payout_credited"}), listener=MEMBER))
    feed.register(f"{receiver.url}/party", Interest(party=3, listener=MEMBER))
    feed.happen("payout_credited", member=MEMBER, what="mine")
    feed.happen("payout_credited", member=MEMBER + 1, what="another's")
    feed.happen("recall_opened", member=3, lot="0001/L", what="recall")
    deliver(feed, receiver.trust)
    heard = sorted((request.path, json.loads(request.body)["data"]["what"]) for request in receiver.received)
    assert heard == [("/all", "mine"), ("/all", "recall"), ("/kind", "mine"), ("/lot", "recall"), ("/party", "recall")]


def test_messages_of_a_long_absence_are_made_page_by_page_and_wait_where_they_are_not_taken(
    feed: Feed, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.notify.plan.PAGE_ROWS", 2)
    monkeypatch.setattr("ledger.notify.plan.MOST_PENDING", 4)
    feed.register(receiver.url)
    positions = [feed.happen() for _ in range(9)]
    while plan(feed.engine, now()):
        pass
    assert len(feed.messages()) == 4  # the rest waits in the feed
    deliver(feed, receiver.trust, rounds=5)
    assert sorted(json.loads(request.body)["data"]["position"] for request in receiver.received) == positions


def test_reorganisation_is_told_and_what_stands_instead_follows(feed: Feed, receiver: Receiver) -> None:
    feed.register(receiver.url)
    feed.happen(reason="stays")
    feed.happen(reason="gives way")
    deliver(feed, receiver.trust)
    with write_and_wake(feed.engine) as connection:
        connection.exec_driver_sql("DELETE FROM feed WHERE block > 1")
        connection.execute(reorganisation.insert(), {"ancestor": 1, "head": 2, "at": 1})
    feed.block = 1
    feed.happen(reason="instead")
    deliver(feed, receiver.trust)
    heard = {json.loads(request.body)["data"]["position"] for request in receiver.received}
    assert heard == {"1-0", "2-0", "1-999999999~1", "2-0~1"}
    assert len(set(receiver.messages)) == 4


def test_two_notifiers_make_each_message_once(feed: Feed, receiver: Receiver) -> None:
    feed.register(receiver.url)
    for _ in range(5):
        feed.happen()

    async def run() -> None:
        await asyncio.gather(*(asyncio.to_thread(plan, feed.engine, now()) for _ in range(6)))

    asyncio.run(run())
    assert len(feed.messages()) == 5


# --- failures --------------------------------------------------------------------------------------------------------


def test_what_was_not_taken_is_sent_again_under_the_same_id_until_it_is(feed: Feed, receiver: Receiver) -> None:
    one = feed.register(receiver.url)
    feed.happen()
    receiver.answer = lambda request: (500 if len(receiver.received) < 3 else 200, {})
    deliver(feed, receiver.trust, rounds=4)
    assert len(receiver.received) == 3
    assert len(set(receiver.messages)) == 1
    assert len({request.body for request in receiver.received}) == 1
    assert all(request.signed_by(secret(one)) for request in receiver.received)
    (message,) = feed.messages()
    assert (message.state, message.attempts, message.last_status) == ("delivered", 3, 200)
    assert feed.webhook(one.id).failing_since is None


def test_failure_makes_the_message_wait_and_the_webhook_rest(feed: Feed, receiver: Receiver) -> None:
    one = feed.register(receiver.url)
    feed.happen()
    receiver.answer = lambda request: (500, {})
    began = now()

    async def run() -> None:
        notifier = Notifier(feed.engine, KEY, development=True, trust=receiver.trust)
        for _ in range(3):
            await notifier.step()
            await notifier.settle()

    asyncio.run(run())
    (message,) = feed.messages()
    assert len(receiver.received) == 1
    assert message.due_at >= began + 4
    assert feed.webhook(one.id).not_before >= began + 4
    assert "HTTP 500" in str(message.last_error)


def test_receiver_that_asks_for_time_gets_it(feed: Feed, receiver: Receiver) -> None:
    one = feed.register(receiver.url)
    feed.happen()
    receiver.answer = lambda request: (503, {"Retry-After": "900"})
    began = now()

    async def run() -> None:
        notifier = Notifier(feed.engine, KEY, development=True, trust=receiver.trust)
        await notifier.step()
        await notifier.settle()

    asyncio.run(run())
    assert feed.messages()[0].due_at >= began + 900
    assert feed.webhook(one.id).not_before >= began + 900


def test_message_that_nobody_takes_is_a_dead_letter_and_can_be_replayed(feed: Feed, receiver: Receiver) -> None:
    one = feed.register(receiver.url)
    feed.happen()
    receiver.answer = lambda request: (404, {})
    deliver(feed, receiver.trust, rounds=ATTEMPTS + 2)
    assert len(receiver.received) == ATTEMPTS
    (letter,) = feed.dead()
    assert (letter.attempts, letter.last_status) == (ATTEMPTS, 404)
    assert feed.webhook(one.id).active
    with write(feed.engine) as connection, pytest.raises(NotFound, match="none was replayed"):
        replay(connection, MEMBER, one.id, now=now(), messages=[letter.id, "msg_other"])
    assert feed.dead() == [letter]
    receiver.answer = lambda request: (200, {})
    with write(feed.engine) as connection:
        assert replay(connection, MEMBER, one.id, now=now(), messages=[letter.id]) == 1
        assert replay(connection, MEMBER, one.id, now=now()) == 0
    deliver(feed, receiver.trust)
    assert feed.dead() == []
    assert set(receiver.messages) == {letter.id}


def test_webhook_of_which_nothing_is_taken_for_days_is_disabled(feed: Feed, receiver: Receiver) -> None:
    one = feed.register(receiver.url)
    feed.happen()
    receiver.answer = lambda request: (500, {})
    deliver(feed, receiver.trust)
    feed.change(one.id, failing_since=now() - 6 * DAY)
    deliver(feed, receiver.trust, rounds=ATTEMPTS)
    assert (feed.webhook(one.id).state, len(feed.dead())) == ("disabled", 1)


def test_receiver_that_is_gone_is_left_alone_until_it_is_enabled_and_then_misses_nothing(
    feed: Feed, receiver: Receiver
) -> None:
    one = feed.register(receiver.url)
    first = feed.happen()
    receiver.answer = lambda request: (410, {})
    deliver(feed, receiver.trust)
    second = feed.happen()
    deliver(feed, receiver.trust, rounds=2)
    assert len(receiver.received) == 1
    found = feed.webhook(one.id)
    assert (found.state, found.reason is not None and "410" in found.reason) == ("disabled", True)
    receiver.answer = lambda request: (200, {})
    with write(feed.engine) as connection:
        enable(connection, MEMBER, one.id)
        replay(connection, MEMBER, one.id, now=now())
    deliver(feed, receiver.trust, rounds=2)
    assert sorted(json.loads(request.body)["data"]["position"] for request in receiver.received[1:]) == [first, second]


def test_one_that_is_down_takes_nobodys_turn(feed: Feed, receiver: Receiver) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        feed.register(f"https://localhost:{nobody.getsockname()[1]}/")
        feed.register(receiver.url)
        for _ in range(20):
            feed.happen()
        deliver(feed, receiver.trust, rounds=8)
    assert len(receiver.received) == 20
    assert {message.state for message in feed.messages()} == {"delivered", "pending"}


# --- where it may lead -----------------------------------------------------------------------------------------------


def test_redirect_is_not_followed(feed: Feed, receiver: Receiver) -> None:
    feed.register(receiver.url)
    feed.happen()
    receiver.answer = lambda request: (307, {"Location": f"{receiver.url}/elsewhere"})
    deliver(feed, receiver.trust)
    assert [request.path for request in receiver.received] == ["/"]
    assert feed.messages()[0].last_status == 307


def test_loopback_is_refused_outside_development_at_the_delivery_too(feed: Feed, receiver: Receiver) -> None:
    feed.register(receiver.url)
    feed.happen()
    deliver(feed, receiver.trust, development=False)
    assert receiver.received == []
    assert "not a public address" in str(feed.messages()[0].last_error)


def test_name_that_begins_to_lead_inside_is_refused(
    feed: Feed, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed.register(receiver.url.replace("localhost", "example.com"))
    feed.happen()

    async def inside(self: object, host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", port))]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", inside)
    deliver(feed, receiver.trust)
    assert "10.0.0.1 is not a public address" in str(feed.messages()[0].last_error)


def test_connection_goes_to_the_address_that_was_checked(
    feed: Feed, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads elsewhere when it is asked a second time."""
    asked: list[str] = []
    real = asyncio.base_events.BaseEventLoop.getaddrinfo

    async def once(self: Any, host: str, port: int, **how: Any) -> Any:
        asked.append(host)
        if host == "localhost":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        return await real(self, host, port, **how)

    feed.register(receiver.url)
    feed.happen()
    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", once)
    deliver(feed, receiver.trust)
    assert len(receiver.received) == 1
    assert asked.count("localhost") == 1
    assert set(asked) <= {"localhost", "127.0.0.1"}


def test_certificate_of_another_name_is_refused(feed: Feed, ca: trustme.CA) -> None:
    with receiving(ca, "other.example") as other:
        feed.register(other.url)
        feed.happen()
        deliver(feed, other.trust)
        assert other.received == []
    assert "certificate" in str(feed.messages()[0].last_error)


def test_certificate_of_an_unknown_authority_is_refused(feed: Feed, receiver: Receiver) -> None:
    feed.register(receiver.url)
    feed.happen()
    with receiving(trustme.CA()) as other:
        deliver(feed, other.trust)
    assert receiver.received == []
    assert "certificate" in str(feed.messages()[0].last_error)


def test_receiver_that_never_answers_is_given_up(
    feed: Feed, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.notify.attempt.ATTEMPT_SECONDS", 0.3)
    feed.register(receiver.url)
    feed.happen()

    def slow(request: object) -> tuple[int, dict[str, str]]:
        time.sleep(1)
        return 200, {}

    receiver.answer = slow
    deliver(feed, receiver.trust)
    assert feed.messages()[0].state == "pending"


# --- secrets and removal ---------------------------------------------------------------------------------------------


def test_old_secret_signs_beside_the_new_one_for_a_day(feed: Feed, receiver: Receiver) -> None:
    old = feed.register(receiver.url)
    with write(feed.engine) as connection:
        new = rotate(connection, MEMBER, old.id, now=now())
    feed.happen()
    deliver(feed, receiver.trust)
    assert receiver.received[0].signed_by(secret(old))
    assert receiver.received[0].signed_by(secret(new))
    feed.change(old.id, old_secret_until=now() - 1)
    feed.happen()
    deliver(feed, receiver.trust)
    assert not receiver.received[1].signed_by(secret(old))
    assert receiver.received[1].signed_by(secret(new))


def test_removed_webhook_is_told_nothing_more(feed: Feed, receiver: Receiver) -> None:
    one = feed.register(receiver.url)
    feed.happen()
    plan(feed.engine, now())
    with write(feed.engine) as connection:
        remove(connection, MEMBER, one.id)
    deliver(feed, receiver.trust)
    assert receiver.received == []
    with read(feed.engine) as connection:
        assert webhooks_of(connection, None) == []


# --- the schedule ----------------------------------------------------------------------------------------------------


def test_waits_grow_with_a_little_chance_and_end() -> None:
    for attempts, delay in enumerate(DELAYS, start=1):
        found = {delay_after(attempts) for _ in range(200)}
        assert all(one is not None and 0.79 * delay <= one <= 1.21 * delay for one in found)
        assert len(found) > 1
    assert delay_after(ATTEMPTS) is None
    assert sum(DELAYS) > 3 * DAY


def test_what_is_asked_for_is_waited_for_within_reason() -> None:
    assert delay_after(1, asked=600) == 600
    assert delay_after(1, asked=10**9) == DAY
    assert [retry_after(text, 0) for text in (None, "7", "-1", "soon", "9" * 40)] == [None, 7, None, None, DAY]
    assert retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 0) == 60
    assert retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 100) == 0


def test_position_that_was_asked_for_is_kept(feed: Feed) -> None:
    assert feed.register("https://example.com/", after=Position(12, 3)).position == Position(12, 3)
