"""What a process that lives on sees of its chain: looks at the nodes again and again, and keeps an alarm of the home for as
long as something is wrong, so that whoever looks for a moment (`suyuan status`) sees it too.

On a chain whose validators lost their quorum everything is still accepted and kept, and nothing can be confirmed: whoever takes
requests must say so (`standstill`). A node that lied, or a clock that is wrong, shows only to who looks for a while.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

import structlog
from sqlalchemy import Engine

from ledger.chain.alerts import Alert, chain_alerts
from ledger.chain.client import Client
from ledger.config import Home
from ledger.store.alarms import Alarm, clear_alarm, raise_alarm

LOOK_SECONDS = 1.0

#: What a moment's look of another process does not show.
KEPT = ("no_node", "no_block", "nodes_disagree", "node_left_out", "clock")


def watch(engine: Engine, client: Client, home: Home, process: str, stop: threading.Event) -> None:
    """Looks until `stop` is set."""
    client.nodes.watch()
    standing: dict[str, str | None] = {}  # by kind, once it is known: an earlier process may have left an alarm
    while not stop.wait(LOOK_SECONDS):
        now = time.time()
        told = _by_kind(chain_alerts(engine, client, now))
        for kind in KEPT:
            alert = told.get(kind)
            about = None if alert is None else alert.about
            if kind in standing and standing[kind] == about:
                continue
            standing[kind] = about
            if alert is None:
                clear_alarm(home, process, kind)
            else:
                raise_alarm(home, Alarm(process, kind, alert.since, alert.sentence))
                structlog.get_logger().warning("alarm", kind=kind, sentence=alert.sentence)


def start_watching(engine: Engine, client: Client, home: Home, process: str, stop: threading.Event) -> None:
    """Watches in a thread of its own."""
    arguments = (engine, client, home, process, stop)
    threading.Thread(target=watch, args=arguments, name="pulse", daemon=True).start()


def _by_kind(found: list[Alert]) -> Mapping[str, Alert]:
    """One of each kind; several nodes' sentences after one another."""
    told: dict[str, Alert] = {}
    for alert in found:
        before = told.get(alert.kind)
        if before is None:
            told[alert.kind] = alert
        else:
            sentence, about = f"{before.sentence} {alert.sentence}", f"{before.about} {alert.about}"
            told[alert.kind] = Alert(alert.kind, sentence, min(before.since, alert.since), about)
    return told
