"""`python -m ledger.notify`: killed at any moment, it loses nothing; asked to stop, it stops."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from feed_scene import Feed
from receiver import PATIENCE, Receiver

from ledger.config import Home, Settings
from ledger.notify.webhooks import Webhook
from ledger.store.database import open_database
from ledger.store.migrate import ensure_schema

HAPPENINGS = 40
KILLS = 4


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    Settings(development=True).save(home)
    return home


@pytest.fixture
def served(home: Home) -> Iterator[Feed]:
    engine = open_database(home)
    ensure_schema(engine)
    yield Feed(engine)
    engine.dispose()


@contextmanager
def notifying(home: Home, ca: trustme.CA) -> Iterator[subprocess.Popen[str]]:
    authority = home.path / "ca.pem"
    ca.cert_pem.write_to_path(str(authority))
    process = subprocess.Popen(
        [sys.executable, "-m", "ledger.notify", "--home", str(home.path)],
        env={**os.environ, "SSL_CERT_FILE": str(authority)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def all_delivered(feed: Feed) -> bool:
    messages = feed.messages()
    return len(messages) >= HAPPENINGS and all(message.state == "delivered" for message in messages)


def test_killed_again_and_again_it_loses_nothing_and_repeats_under_the_same_id(
    home: Home, served: Feed, receiver: Receiver
) -> None:
    one: Webhook = served.register(receiver.url)
    chance = random.Random(5)

    def answer(request: object) -> tuple[int, dict[str, str]]:
        time.sleep(0.05)  # so that kills fall between the delivery and its being written down
        return 200, {}

    receiver.answer = answer
    happening = threading.Thread(target=lambda: [(served.happen(), time.sleep(0.05)) for _ in range(HAPPENINGS)])
    happening.start()
    for _ in range(KILLS):
        with notifying(home, receiver.ca) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0.05, 0.4))
    happening.join()
    with notifying(home, receiver.ca):
        deadline = time.monotonic() + PATIENCE
        while not all_delivered(served) and time.monotonic() < deadline:
            served.let_time_pass()  # a delivery that a kill broke off may have failed at the other end
            time.sleep(0.05)
    messages = served.messages()
    assert len(messages) == HAPPENINGS
    assert set(receiver.messages) == {message.id for message in messages}
    bodies = {(request.message, request.body) for request in receiver.received}
    assert len(bodies) == HAPPENINGS  # a repeat is the same to the byte
    assert served.webhook(one.id).active


def test_it_stops_when_asked_and_says_no_secret(home: Home, served: Feed, receiver: Receiver) -> None:
    served.register(receiver.url)
    with notifying(home, receiver.ca) as process:
        served.happen()
        receiver.await_count(1)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    assert "Traceback" not in said
    assert "whsec_" not in said
    assert receiver.received[0].headers["webhook-signature"].split(",")[1] not in said


def test_second_notifier_of_a_home_is_refused(home: Home, served: Feed, receiver: Receiver) -> None:
    with notifying(home, receiver.ca) as first:
        assert first.stdout is not None
        assert "notifying" in first.stdout.readline()
        with notifying(home, receiver.ca) as second:
            said, _ = second.communicate(timeout=PATIENCE)
            assert second.returncode == 1
            assert "runs already" in said
