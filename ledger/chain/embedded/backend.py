"""eth-tester's py-evm backend with its chain moved into the file: accounts and calls at any block.

The parent class keeps its chain in memory and finds things by walking it; here the same chain stands on SQLite and is
entered by header.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, cast

from eth.abc import BlockHeaderAPI, ComputationAPI, SignedTransactionAPI, StateAPI
from eth.vm.spoof import SpoofTransaction
from eth_tester.backends.pyevm import PyEVMBackend
from eth_typing import BlockNumber

from ledger.chain.embedded.chain_file import ChainFile
from ledger.chain.embedded.nodes import CommittedNodes, NodeCache, Nodes
from ledger.chain.embedded.render import genesis_rows
from ledger.chain.embedded.rules import EmbeddedChain, chain_class, genesis_parameters, genesis_state, reading_class
from ledger.errors import Conflict


class FileBackend(PyEVMBackend):  # type: ignore[misc] # eth-tester is untyped
    """The chain of one file. `chain` only reads what is committed; the miner has its own."""

    def __init__(self, file: ChainFile, chain_id: int, funding: Mapping[bytes, int]) -> None:
        """Writes the genesis into a new file; an old one keeps its own. Conflict: it holds another chain id."""
        self.file = file
        self.cache = NodeCache(file)
        self._chain_class = chain_class(chain_id)
        super().__init__(genesis_parameters(chain_id), genesis_state(funding))
        held = file.meta("chain_id")
        if held != str(chain_id):
            raise Conflict(
                f"The file holds chain {held}, not chain {chain_id}.",
                where=str(file.path),
                hint=f"Start it with --chain-id {held}, or name another file with --file.",
            )
        self.funding: dict[str, int] = json.loads(file.meta("funding") or "{}")

    def reset_to_genesis(self, genesis_params: Any = None, genesis_state: Any = None, *_: Any) -> None:
        """eth-tester's hook for making the chain: here it is made once in the life of a file."""
        self.account_keys = ()
        if self.file.meta("chain_id") is None:
            nodes = Nodes(self.cache)
            chain = self._chain_class.from_genesis(nodes, genesis_params, genesis_state)
            meta = {
                "chain_id": str(self._chain_class.chain_id),
                "funding": json.dumps(
                    {"0x" + address.hex(): account["balance"] for address, account in genesis_state.items()}
                ),
            }
            self.file.write_block(genesis_rows(chain.get_canonical_head()), nodes.written, meta)
        self.chain = reading_class(self._chain_class)(CommittedNodes(self.cache))

    def new_writer(self) -> tuple[EmbeddedChain, Nodes]:
        """A chain that writes into memory, over what is committed now."""
        nodes = Nodes(self.cache)
        return self._chain_class(nodes), nodes

    def head(self) -> BlockHeaderAPI:
        """The newest committed block."""
        return self.chain.get_canonical_head()

    def header(self, number: int) -> BlockHeaderAPI:
        """HeaderNotFound (py-evm) if there is none."""
        return self.chain.get_canonical_block_header_by_number(BlockNumber(number))

    def state(self, header: BlockHeaderAPI) -> StateAPI:
        """The accounts after this block."""
        return self.chain.get_vm(header).state

    def next_header(self, parent: BlockHeaderAPI) -> BlockHeaderAPI:
        """The block that would come next, now."""
        return self.chain.create_header_from_parent(parent, timestamp=max(int(time.time()), parent.timestamp + 1))

    def run(self, state: StateAPI, transaction: Mapping[str, Any]) -> ComputationAPI:
        """Executes a call and takes it back. Its keys are eth-tester's: from, to, gas, value, data, access_list.

        ValidationError: it could not even start.
        """
        sender = transaction["from"]
        fields = {"gas_price": 0, **transaction, "nonce": state.get_nonce(sender)}
        fields.pop("from")
        unsigned = self._create_type_aware_unsigned_transaction(fields)
        snapshot = state.snapshot()
        try:
            return state.apply_transaction(cast(SignedTransactionAPI, SpoofTransaction(unsigned, from_=sender)))
        finally:
            state.revert(snapshot)

    def call_state(self, header: BlockHeaderAPI, *, now: bool) -> StateAPI:
        """Where a call runs: after this block, seeing its number. Nobody pays gas.

        With `now` the time is the clock's: an idle chain's last block may be hours old, and what is asked of the newest
        state is asked of the present.
        """
        time_seen = max(int(time.time()), header.timestamp) if now else header.timestamp
        free = header.copy(base_fee_per_gas=0, timestamp=time_seen)
        return self.chain.get_vm(free).state
