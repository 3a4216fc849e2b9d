"""A steady load: every so often a capture by the farm and the delivery of an order by the carrier, as their clients would send them.

A client that gets no answer asks again with the same content, as real ones do: what counts is what was accepted, and how often.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from ledger.trace.event_hash import hashes_of_document
from scripts.consortium.served import Served

FIELD = "0860009999060"
LETTUCE = "00860009999923"
CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"


@dataclass
class Counts:
    """What became of the requests. `refused`: answers other than 2xx by status; `unanswered`: no answer came, asked again."""

    captures: list[str] = field(default_factory=list)  # event hashes accepted
    orders: list[str] = field(default_factory=list)  # order numbers accepted
    unanswered: int = 0
    refused: dict[int, int] = field(default_factory=dict)
    delayed: int = 0  # accepted, with the word that the chain cannot confirm yet
    slowest: float = 0.0  # seconds from the first try to acceptance


class Load:
    """Runs in a thread of its own from `with` to `with`'s end."""

    def __init__(self, served: Served, orders: Sequence[str], every: float = 0.5, name: str = "load") -> None:
        self.counts = Counts()
        self._served = served
        self._orders = iter(orders)
        self._every = every
        self._name = name
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._headers = {member: served.headers(member) for member in ("farm", "carrier")}
        self._http = httpx.Client(base_url=served.ledger.settings.api_url, timeout=10)
        self.trouble: BaseException | None = None

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(120)
        self._http.close()
        if self.trouble is not None:
            raise RuntimeError(f"The load stopped: {self.trouble!r}") from self.trouble

    def _run(self) -> None:
        try:
            for number in self._ticks():
                document = capture_document(f"{self._name}-{number}")
                self._say("/epcis/capture", "farm", document, "application/ld+json")
                (event,) = hashes_of_document(document, "load")
                self.counts.captures.append(event.hex)
                order = next(self._orders, None)
                if order is not None:
                    self._say("/checkpoints", "carrier", checkpoint(order), "application/json")
                    self.counts.orders.append(order)
        except BaseException as error:
            self.trouble = error

    def _ticks(self) -> Iterator[int]:
        due = time.monotonic()
        for number in itertools.count():
            if self._stop.wait(max(due - time.monotonic(), 0)):
                return
            due = max(due + self._every, time.monotonic())
            yield number

    def _say(self, path: str, member: str, body: bytes, kind: str) -> None:
        """Until it is accepted. RuntimeError for a refusal that asking again cannot mend."""
        began = time.monotonic()
        while True:
            try:
                answer = self._http.post(path, content=body, headers={**self._headers[member], "Content-Type": kind})
            except httpx.HTTPError:
                self.counts.unanswered += 1
                if time.monotonic() - began > 120:
                    raise
                time.sleep(0.2)
                continue
            if answer.status_code in (200, 202):
                self.counts.slowest = max(self.counts.slowest, time.monotonic() - began)
                self.counts.delayed += "suyuan-confirmation" in answer.headers
                return
            self.counts.refused[answer.status_code] = self.counts.refused.get(answer.status_code, 0) + 1
            if answer.status_code < 500 or time.monotonic() - began > 120:
                raise RuntimeError(f"{path} was refused: {answer.status_code} {answer.text}")
            time.sleep(0.2)


def capture_document(lot: str) -> bytes:
    """One event: the farm harvested a lot in its field."""
    event: dict[str, Any] = {
        "type": "ObjectEvent",
        "eventTime": "2026-04-18T08:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "ADD",
        "bizStep": "creating_class_instance",
        "readPoint": {"id": f"https://id.gs1.org/414/{FIELD}"},
        "quantityList": [{"epcClass": f"https://id.gs1.org/01/{LETTUCE}/10/{lot}", "quantity": 12, "uom": "KGM"}],
    }
    document = {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-04-18T08:00:00+08:00",
        "epcisBody": {"eventList": [event]},
    }
    return json.dumps(document).encode()


def checkpoint(order: str, *, settle: bool = True) -> bytes:
    """The carrier handed one parcel over."""
    said = {
        "orders": [{"merchant": "merchant", "number": order}],
        "at": "2026-04-21T10:00:00+08:00",
        "place": "杭州",
        "settle": settle,
    }
    return json.dumps(said, ensure_ascii=False).encode()
