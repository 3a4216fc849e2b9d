"""Puts the node together, says that it is ready, and takes it apart within a second."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from eth_keys.backends import get_backend_class
from eth_keys.backends.coincurve import CoinCurveECCBackend

from ledger.chain.embedded.backend import FileBackend
from ledger.chain.embedded.chain_file import ChainFile
from ledger.chain.embedded.http_server import RpcServer
from ledger.chain.embedded.methods import Methods
from ledger.chain.embedded.miner import Miner
from ledger.chain.embedded.pool import Pool
from ledger.chain.embedded.say import say
from ledger.errors import Unavailable

_GRACE_SECONDS = 0.5
# py-evm calls itself for each call between contracts, up to 1,024 deep: more than a thread's usual stack.
_STACK_BYTES = 64 * 1024 * 1024


def serve(
    chain_file: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8545,
    chain_id: int = 7710,
    accounts: Mapping[str, int],
    instant: bool = False,
) -> None:
    """Runs the node of `chain_file` until SIGTERM or SIGINT. Call it in the main thread of a process of its own.

    `accounts` (0x-address to wei) hold money from the genesis on. A file that exists keeps its own genesis.
    Unavailable, BadInput, Conflict: it could not start.
    """
    if get_backend_class() is not CoinCurveECCBackend:
        raise Unavailable("coincurve is missing.", hint="Install the project's requirements.")
    stop, ready = threading.Event(), threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        if not ready.is_set():
            os._exit(0)  # nothing is served yet, and the file withstands it
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    threading.stack_size(_STACK_BYTES)

    funding = {bytes.fromhex(address.removeprefix("0x")): wei for address, wei in accounts.items()}
    file = ChainFile(chain_file)
    try:
        server = RpcServer(host, port, file.release)
        backend = FileBackend(file, chain_id, funding)
        _say_what_funding_stands(backend, accounts)
        pool = Pool(backend)
        miner = Miner(backend, pool)
        server.call = Methods(backend, pool, miner, instant=instant).call_method
        if instant:
            miner.mine_now()
    except BaseException:
        file.close()
        raise
    workers = [threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="http", daemon=True)]
    if not instant:
        workers.append(threading.Thread(target=miner.run, name="miner", daemon=True))
    for worker in workers:
        worker.start()
    ready.set()
    print(
        f"embedded chain {chain_id} on http://{host}:{server.server_port} at block {backend.head().block_number}",
        flush=True,
    )
    stop.wait()
    _end(server, miner, workers, file)


def _say_what_funding_stands(backend: FileBackend, asked: Mapping[str, int]) -> None:
    """The genesis is made once. Whoever needs money later gets it by a transfer."""
    standing = {address.lower(): wei for address, wei in backend.funding.items()}
    ignored = [address for address, wei in asked.items() if standing.get(address.lower()) != wei]
    if ignored:
        say(f"the file's genesis stands; --fund is ignored for {', '.join(ignored)}: send money by a transfer")
    if not standing:
        say("nobody holds money in this genesis, so nobody can send: start a new file with --fund 0xaddress:wei")


def _end(server: RpcServer, miner: Miner, workers: list[threading.Thread], file: ChainFile) -> None:
    """Leaves a block in the making; its transactions wait in the file. What lingers is cut off."""
    miner.stop()
    server.shutdown()
    server.server_close()
    deadline = time.monotonic() + _GRACE_SECONDS
    for worker in workers:
        worker.join(max(0.0, deadline - time.monotonic()))
    if not any(worker.is_alive() for worker in workers):
        file.close()
    os._exit(0)
