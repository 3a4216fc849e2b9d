"""Which logs a filter of eth_getLogs means, and the rows that match it.

Semantics (execution-apis, Filter): `address` one or a list; `topics` by position, each null (anything), a topic, or a
list of which one must match; a log with fewer topics than the filter has positions never matches; either `blockHash` or
a range, which defaults to the newest block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger.chain.embedded import parameters as p
from ledger.chain.embedded.chain_file import ChainFile, row_id
from ledger.chain.embedded.refusals import LIMIT_EXCEEDED, Refusal, invalid, refused

MAX_LOGS = 100_000  # one answer of about 70 MB: more is asked for in windows
_MAX_TOPICS = 4
_MAX_ALTERNATIVES = 1_000


@dataclass(frozen=True)
class LogFilter:
    """Blocks inclusive. Empty `addresses`, or an empty set of a position, match anything."""

    from_block: int
    to_block: int
    addresses: tuple[bytes, ...]
    topics: tuple[tuple[bytes, ...], ...]


def parse_filter(value: Any, latest: int, number_of: dict[str, int] | None = None) -> LogFilter:
    """`number_of` maps the block hash that the filter names, if it names one, to its number."""
    if not isinstance(value, dict):
        raise invalid("invalid argument 0: a filter object is wanted")
    if value.get("blockHash") is not None:
        if value.get("fromBlock") is not None or value.get("toBlock") is not None:
            raise invalid("cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other")
        found = (number_of or {}).get(value["blockHash"])
        if found is None:
            raise refused("unknown block")
        first = last = found
    else:
        first = p.block_number(value.get("fromBlock") or "latest", latest)
        last = p.block_number(value.get("toBlock") or "latest", latest)
        if first > last and value.get("fromBlock") is not None and value.get("toBlock") is not None:
            raise invalid("invalid block range params")
    return LogFilter(first, min(last, latest), _addresses(value.get("address")), _topics(value.get("topics")))


def _addresses(value: Any) -> tuple[bytes, ...]:
    if value is None:
        return ()
    listed = value if isinstance(value, list) else [value]
    if len(listed) > _MAX_ALTERNATIVES:
        raise invalid("exceed max addresses")
    return tuple(p.address(item) for item in listed)


def _topics(value: Any) -> tuple[tuple[bytes, ...], ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > _MAX_TOPICS:
        raise invalid("exceed max topics")
    return tuple(_alternatives(item) for item in value)


def _alternatives(value: Any) -> tuple[bytes, ...]:
    if value is None:
        return ()
    listed = value if isinstance(value, list) else [value]
    if len(listed) > _MAX_ALTERNATIVES:
        raise invalid("exceed max topics")
    # A null among the alternatives lets everything through, as in geth.
    return () if None in listed else tuple(p.hash32(item, "topic") for item in listed)


def matching_logs(file: ChainFile, wanted: LogFilter) -> list[bytes]:
    """The logs as JSON, in the order of the chain. Refusal if there are more than one answer should carry."""
    conditions = ["id BETWEEN ? AND ?"]
    values: list[Any] = [row_id(wanted.from_block), row_id(wanted.to_block + 1) - 1]
    columns = [
        ("address", wanted.addresses),
        *((f"topic{index}", topics) for index, topics in enumerate(wanted.topics)),
    ]
    for column, alternatives in columns:
        if alternatives:
            conditions.append(f"{column} IN ({','.join('?' * len(alternatives))})")
            values += alternatives
        elif column != "address":
            conditions.append(f"{column} IS NOT NULL")
    # Columns are our own words; everything that was sent to us is bound.
    sql = f"SELECT json FROM log WHERE {' AND '.join(conditions)} ORDER BY id LIMIT {MAX_LOGS + 1}"  # noqa: S608
    rows = file.query(sql, values)
    if len(rows) > MAX_LOGS:
        raise Refusal(LIMIT_EXCEEDED, f"query returned more than {MAX_LOGS} results: ask for fewer blocks at a time")
    return [json for (json,) in rows]
