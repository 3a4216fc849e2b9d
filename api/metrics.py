"""What a monitor reads at /metrics (Prometheus text format): counted in this process, and read from the home's rows
when it asks.

`Metrics` belongs to one app. Names begin with `suyuan_`; durations are seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.feed.hub import FeedHub
from api.reads.standing import Standing, standing_of
from ledger.chain.health import Health, health
from ledger.context import Ledger
from ledger.errors import SuyuanError

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """`durations` and `failures` are counted as requests end."""

    def __init__(self, ledger: Ledger, hub: FeedHub) -> None:
        self._registry = CollectorRegistry()
        self.durations = Histogram(
            "suyuan_http_request_duration_seconds",
            "Requests that were answered, by route and status.",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self.failures = Counter(
            "suyuan_http_request_failures", "Requests that broke off.", ("method", "route"), registry=self._registry
        )
        self._registry.register(_Home(ledger, hub))

    def text(self) -> bytes:
        """All of it, as a monitor reads it."""
        return generate_latest(self._registry)


class MeasureRequests:
    """Middleware: how long each request took until its answer's head, by route, not by path: paths have no end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        answered = False

        async def timed(message: Message) -> None:
            nonlocal answered
            if not answered and message["type"] == "http.response.start":
                answered = True
                metrics: Metrics = scope["app"].state.shared.metrics
                labels = (_method(scope), _route(scope), str(message["status"]))
                metrics.durations.labels(*labels).observe(time.perf_counter() - began)
            await send(message)

        try:
            await self._app(scope, receive, timed)
        except BaseException:
            metrics: Metrics = scope["app"].state.shared.metrics
            metrics.failures.labels(_method(scope), _route(scope)).inc()
            raise


def _method(scope: Scope) -> str:
    """Anybody may invent methods; each would be a series of its own."""
    known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    return scope["method"] if scope["method"] in known else "other"


def _route(scope: Scope) -> str:
    """The path with its blanks, as it stands in the code."""
    return getattr(scope.get("route"), "path", "none")


class _Home(Collector):
    """Read anew each time that a monitor asks."""

    def __init__(self, ledger: Ledger, hub: FeedHub) -> None:
        self._ledger, self._hub = ledger, hub

    def collect(self) -> Iterator[Metric]:
        yield _gauge("suyuan_stream_subscribers", "Who listens to the stream now.", len(self._hub.listening))
        yield _counter("suyuan_stream_events", "Events dealt out.", self._hub.told)
        yield _counter("suyuan_stream_cut_off", "Subscribers that did not keep up.", self._hub.cut_off)
        yield from _chain(health(self._ledger.engine, self._ledger.client, time.time(), home=self._ledger.home))
        try:
            rows = standing_of(self._ledger.engine, int(time.time()))
        except SuyuanError:
            yield _gauge("suyuan_database_up", "Whether the database answers.", 0)
            return
        yield _gauge("suyuan_database_up", "Whether the database answers.", 1)
        yield from _rows(rows)


def _chain(found: Health) -> Iterator[Metric]:
    """From the nodes' last looks: none is asked."""
    if found.height >= 0:
        yield _gauge("suyuan_chain_head_block", "The chain's head.", found.height)
    yield _gauge("suyuan_chain_standstill", "1 while nothing can be confirmed.", int(found.standstill is not None))
    yield _labelled(
        "suyuan_alert", "What needs a look: 1 while it stands.", "kind", {one.kind: 1 for one in found.alerts}
    )
    nodes = found.nodes
    up = {node.name: int(node.state == "healthy") for node in nodes}
    yield _labelled("suyuan_node_healthy", "Whether a node is asked.", "node", up)
    yield _labelled("suyuan_node_block", "A node's head.", "node", {node.name: node.height for node in nodes})
    latency = {node.name: node.latency_seconds for node in nodes}
    yield _labelled("suyuan_node_latency_seconds", "How long a node takes to answer.", "node", latency)


def _rows(rows: Standing) -> Iterator[Metric]:
    if rows.indexed_block is not None:
        yield _gauge("suyuan_index_block", "The last block whose rows stand.", rows.indexed_block)
    if rows.verified_block is not None:
        yield _gauge("suyuan_index_verified_block", "The last block whose receipts were checked.", rows.verified_block)
    yield _gauge("suyuan_index_stopped", "1 while something holds the index up.", int(rows.stopped_since is not None))
    stopped = rows.now - rows.stopped_since if rows.stopped_since is not None else 0
    yield _gauge("suyuan_index_stopped_seconds", "For how long it has been held up.", stopped)
    yield _counter("suyuan_index_reorganisations", "Times that blocks were replaced.", rows.reorganisations)
    yield _counter("suyuan_index_blocks", "Blocks that were taken.", rows.counts.blocks)
    yield _counter("suyuan_index_logs", "Logs that were taken.", rows.counts.logs)
    yield _counter("suyuan_index_errors", "Times that the line stopped.", rows.counts.errors)
    yield _gauge("suyuan_index_rate", "Logs a second, in the newest window that held any.", rows.counts.rate)
    yield _labelled("suyuan_outbox_transactions", "Transactions of this home, by state.", "state", rows.outbox)
    yield _gauge("suyuan_outbox_oldest_seconds", "Age of the oldest that is not final.", rows.outbox_oldest_seconds)
    yield _labelled("suyuan_webhooks", "Webhooks, by state.", "state", rows.webhooks)
    yield _labelled("suyuan_webhook_messages", "Webhooks' messages, by state.", "state", rows.messages)
    yield _gauge("suyuan_webhook_oldest_seconds", "Age of the oldest message that waits.", rows.messages_oldest_seconds)


def _gauge(name: str, help_: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_, value=value)


def _labelled(name: str, help_: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, help_, labels=(label,))
    for value_of, value in values.items():
        family.add_metric((value_of,), value)
    return family


def _counter(name: str, help_: str, value: float) -> Metric:
    return CounterMetricFamily(name, help_, value=value)
