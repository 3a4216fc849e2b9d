"""A window's logs into raw rows: a batch of columns an event.

A log that is followed and does not decode is BrokenEvidence: skipping it would leave rows that are wrong in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.chain.client import RawLog
from ledger.errors import BrokenEvidence
from ledger.index.addresses import Addresses
from ledger.index.event_columns import Column, Undecodable
from ledger.index.raw_tables import Followed, RawEvent


@dataclass(frozen=True, slots=True)
class RawBatch:
    """The logs of one event. `columns`: in the order of the event's table."""

    event: RawEvent
    columns: Sequence[Column]


def decode(logs: Sequence[RawLog], addresses: Addresses) -> list[RawBatch]:
    """BrokenEvidence names the first log of the chain's order that cannot be decoded: `values["block"]`."""
    groups: dict[RawEvent, list[RawLog]] = {}
    faults: list[tuple[RawLog, str]] = []
    for alike in _alike(logs):
        followed, of_ours = addresses.followed(alike)
        if followed is None or not of_ours:
            continue
        try:
            event = _event(followed, of_ours[0])
        except LookupError:
            faults.append((min(of_ours, key=place_of), "no event of our contracts has its first topic"))
            continue
        if event is not None:
            groups.setdefault(event, []).extend(of_ours)
    batches = []
    for event, group in groups.items():
        try:
            batches.append(RawBatch(event, _columns(event, group)))
        except Undecodable as error:
            faults.append((group[error.place], f"it is no {event.columns.name}: {error.why}"))
    if faults:
        raise _undecodable(*min(faults, key=lambda fault: place_of(fault[0])))
    return batches


def _alike(logs: Sequence[RawLog]) -> Iterable[list[RawLog]]:
    """By first topic, number of topics and address: what decides which event a log is."""
    groups: dict[str, list[RawLog]] = {}
    for log in logs:
        topics = log.topics
        topic = topics[0] if topics else ""
        try:
            groups[topic].append(log)
        except KeyError:
            groups[topic] = [log]
    for group in groups.values():
        kinds = {(log.address, len(log.topics)) for log in group}
        if len(kinds) == 1:
            yield group
            continue
        for kind in sorted(kinds):
            yield [log for log in group if (log.address, len(log.topics)) == kind]


def place_of(log: RawLog) -> tuple[int, int]:
    return int(log.block_number, 16), int(log.log_index, 16)


def _event(followed: Followed, log: RawLog) -> RawEvent | None:
    """None for a log that has no rows. LookupError for one that these contracts cannot emit."""
    topics = log.topics
    if topics and topics[0] in followed.events:
        return followed.events[topics[0]]
    anonymous = followed.anonymous.get(len(topics))
    if anonymous is None and followed.whole:
        raise LookupError
    return anonymous


def _columns(event: RawEvent, logs: list[RawLog]) -> list[Column]:
    arguments, data = event.columns.decode(logs)
    return [
        numbers_of([log.block_number for log in logs]),
        numbers_of([log.log_index for log in logs]),
        _bytes([log.transaction_hash for log in logs], 32),
        _bytes([log.address for log in logs], 20),
        *arguments,
        data,
    ]


def numbers_of(texts: Sequence[str]) -> list[int]:
    """Many 0x quantities, of which many are the same."""
    numbers = {text: int(text, 16) for text in set(texts)}
    return [numbers[text] for text in texts]


def _bytes(texts: Sequence[str], size: int) -> Sequence[bytes]:
    """Many 0x hashes or addresses, of which many are the same."""
    found = {text: bytes.fromhex(text[2:]) for text in set(texts)}
    if any(len(value) != size for value in found.values()):
        raise Undecodable(0, f"a hash or an address has not {size} bytes")
    return [found[text] for text in texts]


def _undecodable(log: RawLog, why: str) -> BrokenEvidence:
    block, index = place_of(log)
    return BrokenEvidence(
        f"A log of {log.address} cannot be decoded: {why}.",
        where=f"block {block}, log {index}, transaction {log.transaction_hash}",
        hint="If the contracts are newer than this software, install the version that knows them; nothing was skipped.",
        block=block,
        topics=log.topics,
        data=log.data,
    )
