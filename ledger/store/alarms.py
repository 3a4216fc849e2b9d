"""What a home's processes find wrong beyond their own work: a file each, so that whoever looks sees it, and an end of it as well.

run/alarms/<process>.<kind>.json   {"since": Unix seconds, "sentence": …}
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ledger.config import Home
from ledger.errors import Unavailable
from ledger.store.atomic import write_atomically


@dataclass(frozen=True)
class Alarm:
    """`since` by the clock of the process that raised it, Unix seconds."""

    process: str
    kind: str
    since: int
    sentence: str


def raise_alarm(home: Home, alarm: Alarm) -> None:
    """Keeps it until it is cleared. A disk that refuses is no reason for a process to end."""
    with suppress(Unavailable):
        content = {"since": alarm.since, "sentence": alarm.sentence}
        write_atomically(_file(home, alarm.process, alarm.kind), json.dumps(content, ensure_ascii=False).encode())


def clear_alarm(home: Home, process: str, kind: str) -> None:
    with suppress(OSError):
        _file(home, process, kind).unlink(missing_ok=True)


def alarms(home: Home) -> list[Alarm]:
    """All that stand, by process and kind."""
    found = []
    for file in sorted(_folder(home).glob("*.json")):
        process, _, kind = file.stem.partition(".")
        with suppress(OSError, ValueError, KeyError, TypeError):  # being cleared or written just now
            content = json.loads(file.read_text(encoding="utf-8"))
            found.append(Alarm(process, kind, int(content["since"]), str(content["sentence"])))
    return found


def _file(home: Home, process: str, kind: str) -> Path:
    return _folder(home) / f"{process}.{kind}.json"


def _folder(home: Home) -> Path:
    return home.run / "alarms"
