"""The peer that a Python developer would write: web3.py decodes log by log, executemany into SQLite, a commit a window.

python -m scripts.bench.peers.web3_naive FILE RPC_URL ADDRESS FIRST_BLOCK LAST_BLOCK
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from typing import Any

from web3 import Web3

from scripts.bench.compile_solidity import MIXED

WINDOW = 20
TABLES = {
    "Noted": ("log_noted", 'topic, "by", number, text'),
    "Listed": ("log_listed", "list, amounts, closed"),
    "Moved": ("log_moved", "lot, place, amount"),
}


def row_of(event: Any) -> tuple[Any, ...]:
    values = [_plain(value) for value in event["args"].values()]
    return event["blockNumber"], event["logIndex"], bytes(event["transactionHash"]), event["address"], *values


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return json.dumps([str(each) for each in value], separators=(",", ":"))
    return str(value) if isinstance(value, int) and value >= 2**63 else value


def main() -> None:
    file, rpc, address, first, last = sys.argv[1:]
    node = Web3(Web3.HTTPProvider(rpc))
    contract = node.eth.contract(
        address=Web3.to_checksum_address(address), abi=json.loads(MIXED.read_text("utf-8"))["abi"]
    )
    events = {
        f"0x{event().topic.removeprefix('0x')}": event()
        for event in (contract.events.Noted, contract.events.Listed, contract.events.Moved)
    }
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode=WAL")
    for table, columns in TABLES.values():
        database.execute(
            f"CREATE TABLE {table} (block INT, log_index INT, tx_hash BLOB, address TEXT, {columns}, PRIMARY KEY (block, log_index))"
        )
    began = time.perf_counter()
    for start in range(int(first), int(last) + 1, WINDOW):
        rows: dict[str, list[tuple[Any, ...]]] = {}
        query: Any = {"fromBlock": start, "toBlock": min(start + WINDOW - 1, int(last)), "address": contract.address}
        for log in node.eth.get_logs(query):
            event = events[f"0x{bytes(log['topics'][0]).hex()}"].process_log(log)
            rows.setdefault(event["event"], []).append(row_of(event))
        for name, made in rows.items():
            table, _ = TABLES[name]
            marks = ", ".join("?" for _ in made[0])
            database.executemany(f"INSERT INTO {table} VALUES ({marks})", made)  # noqa: S608  # names of ours
        database.commit()
    print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main()
