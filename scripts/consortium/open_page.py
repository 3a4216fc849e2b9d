"""A member's page, open: it hears the feed as the page's own script does, and is drawn again when something of its own happened."""

from __future__ import annotations

import re
import threading
import time
from types import TracebackType

import httpx

from api.pages.language import say
from scripts.consortium.served import Served

ORDER = re.compile(r'data-number="([^"]*)" data-state="([^"]*)"')
SETTLED = say("en", "state.settled")
REDRAW_PAUSE = 0.2  # as api/static/merchant.js has it: one redraw at a time, and a pause behind each


class OpenPage:
    """The merchant's page. `await_settled` tells when (monotonic seconds) an order first stood on it as settled."""

    def __init__(self, served: Served, member: str = "merchant") -> None:
        self._headers = served.headers(member)
        self._path = f"/merchant/{member}"
        self._http = httpx.Client(base_url=served.ledger.settings.api_url, timeout=httpx.Timeout(30, read=None))
        self._member = member
        self._settled: dict[str, float] = {}
        self._dirty = threading.Event()
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=target, daemon=True) for target in (self._hear, self._draw)]
        self.redraws: list[float] = []
        self._listening = threading.Event()

    def __enter__(self) -> OpenPage:
        for thread in self._threads:
            thread.start()
        if not self._listening.wait(30):
            raise RuntimeError("The page's stream did not open.")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._dirty.set()
        self._threads[1].join(10)
        self._http.close()

    def await_settled(self, number: str, seconds: float = 60) -> float:
        """RuntimeError when it does not come to stand there in time."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while number not in self._settled:
                if not self._changed.wait(max(deadline - time.monotonic(), 0)):
                    raise RuntimeError(f"order {number} is not settled on the page after {seconds:.0f} s")
        return self._settled[number]

    def _hear(self) -> None:
        while not self._stop.is_set():
            try:
                with self._http.stream(
                    "GET", "/stream", params={"party": self._member}, headers=self._headers
                ) as answer:
                    self._listening.set()
                    self._dirty.set()
                    for line in answer.iter_lines():
                        if line.startswith("event:"):
                            self._dirty.set()
                        if self._stop.is_set():
                            return
            except (httpx.HTTPError, RuntimeError):
                time.sleep(0.1)

    def _draw(self) -> None:
        while self._dirty.wait() and not self._stop.is_set():
            self._dirty.clear()
            began = time.monotonic()
            try:
                html = self._http.get(
                    self._path, headers={**self._headers, "Accept": "text/html", "Accept-Language": "en"}
                )
            except (httpx.HTTPError, RuntimeError):
                continue
            drawn = time.monotonic()
            self.redraws.append(drawn - began)
            with self._changed:
                for number in _settled_on(html.text):
                    self._settled.setdefault(number, drawn)
                self._changed.notify_all()
            time.sleep(REDRAW_PAUSE)


def _settled_on(html: str) -> list[str]:
    """The numbers of the orders that the page shows as settled: each order's element carries its number and its state."""
    return [number for number, state in ORDER.findall(html) if state == SETTLED]
