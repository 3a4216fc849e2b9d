"""Builds one block in memory from waiting transactions. Nothing is kept until the chain's file takes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eth.abc import ReceiptAPI, SignedTransactionAPI
from eth_utils.exceptions import ValidationError

from ledger.chain.embedded.chain_file import BlockRows
from ledger.chain.embedded.pool import Waiting
from ledger.chain.embedded.render import block_rows
from ledger.chain.embedded.rules import EmbeddedChain
from ledger.chain.embedded.say import say
from ledger.errors import SuyuanError


class Stopped(Exception):
    """The node is asked to end; the block is left unfinished, and its transactions wait on."""


class Unexecutable(Exception):
    """py-evm failed inside a transaction, which is its own fault: the block is begun anew without it."""

    def __init__(self, waiting: Waiting, cause: Exception) -> None:
        super().__init__(str(cause))
        self.waiting = waiting


@dataclass(frozen=True)
class Built:
    """`rows` is None if no transaction could be executed. `dropped` are hashes that never will be."""

    rows: BlockRows | None
    dropped: tuple[bytes, ...]


def build_block(
    chain: EmbeddedChain, ready: Sequence[Waiting], timestamp: int, keep_going: Callable[[], bool]
) -> Built:
    """Executes `ready` in order on top of the head, as many as the gas limit holds, into a block of this time.

    A transaction that the state no longer allows is dropped; one that the gas left does not hold waits, and its
    sender's later ones with it.
    """
    parent = chain.get_canonical_head()
    header = chain.create_header_from_parent(parent, timestamp=timestamp)
    vm = chain.get_vm(header)
    included: list[SignedTransactionAPI] = []
    receipts: list[ReceiptAPI] = []
    dropped: list[bytes] = []
    held_back: set[bytes] = set()
    for waiting in ready:
        if not keep_going():
            raise Stopped
        if waiting.sender in held_back:
            continue
        if header.gas_used + waiting.transaction.gas > header.gas_limit:
            held_back.add(waiting.sender)
            continue
        try:
            receipt, _ = vm.apply_transaction(header, waiting.transaction)
        except ValidationError as error:
            say(f"transaction 0x{waiting.hash.hex()} dropped: {error}")
            dropped.append(waiting.hash)
            held_back.add(waiting.sender)
            continue
        except SuyuanError:
            raise  # the disk failed under a read: that is not the transaction's fault
        except Exception as error:
            raise Unexecutable(waiting, error) from error
        header = vm.add_receipt_to_header(header, receipt)
        included.append(waiting.transaction)
        receipts.append(receipt)
    if not included:
        return Built(None, tuple(dropped))
    filled = vm.set_block_transactions_and_withdrawals(vm.get_block(), header, tuple(included), tuple(receipts))
    block = vm.mine_block(filled).block
    chain.chaindb.persist_block(block)
    return Built(block_rows(block, receipts, chain.get_score(block.hash)), tuple(dropped))
