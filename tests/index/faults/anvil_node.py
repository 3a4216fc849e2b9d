"""A development node (anvil) with the ledger's contracts, that takes blocks back when it is told to."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fault_world import sell
from index_world import CHAIN_ID, KEYS, Chain, found

from ledger.chain.client import Client
from ledger.chain.profiles import ANVIL, Profile

PROGRAM = Path(__file__).resolve().parents[3] / "contracts" / "node_modules" / ".bin" / "anvil"
DEPTH = 64
FORKING: Profile = replace(ANVIL, name="forking", finality_depth=DEPTH)
"""A chain whose blocks are final under this many others."""


@contextmanager
def an_anvil_chain(profile: Profile = ANVIL) -> Iterator[Chain]:
    """A node of its own. Skipped in sight where anvil is not installed."""
    if not PROGRAM.exists():
        pytest.skip("anvil is missing (contracts/node_modules: ./scripts/test --all installs it)")
    command = [str(PROGRAM), "--port=0", f"--chain-id={CHAIN_ID}", "--hardfork=london", "--accounts=1"]
    command += ["--prune-history=100000"]  # states in memory: it loses those that it would write to disk
    # In a group of its own: what npm installs is a wrapper, and the node itself would outlive it.
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stdout is not None
        said = next(line for line in process.stdout if line.startswith("Listening on "))
        client = Client(f"http://{said.removeprefix('Listening on ').strip()}", profile)
        client.request("anvil_setLoggingEnabled", False)
        for key in KEYS.values():
            client.request("anvil_setBalance", key.address, hex(10**24))
        yield found(client)
        client.close()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def replace_blocks(chain: Chain, depth: int, chance: random.Random) -> None:
    """The last blocks are replaced by as many others, which are empty or tell of other orders."""
    if chance.random() < 0.5:
        chain.client.request("anvil_reorg", depth, [])
    else:
        head = chain.client.head().number
        chain.client.request("anvil_rollback", depth)
        chain.forget_nonces()
        sell(chain)
        missing = head + 1 - chain.client.head().number
        if missing > 0:
            chain.client.request("anvil_mine", hex(missing))
    chain.forget_nonces()


def grow(chain: Chain, blocks: int) -> None:
    """By about so many blocks; some tell of orders, the last among them."""
    for _ in range(3):
        sell(chain)
        chain.client.request("anvil_mine", hex(max((blocks - 12) // 3, 1)))
    sell(chain)
