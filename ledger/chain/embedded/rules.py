"""The rules of the embedded chain: London's EVM, blocks without puzzle or reward, a genesis of chain id and funding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth.abc import BlockHeaderAPI, TransactionBuilderAPI
from eth.chains.base import MiningChain
from eth.consensus.applier import ConsensusApplier
from eth.consensus.noproof import NoProofConsensus
from eth.vm.forks.london import LondonVM
from eth_tester.backends.pyevm import PyEVMBackend
from eth_typing import BlockNumber

GAS_LIMIT = 60_000_000
GENESIS_BASE_FEE = 7  # wei: from here EIP-1559's integer division lowers it no further
SUGGESTED_TIP = 10**9  # wei a gas


class EmbeddedVM(LondonVM):
    """London, unchanged but for the block reward: nobody competes to make these blocks."""

    @staticmethod
    def get_block_reward() -> int:
        return 0


class EmbeddedChain(MiningChain):
    """py-evm's chain for one chain id. The gas limit stays what it is."""

    vm_configuration = tuple(ConsensusApplier(NoProofConsensus).amend_vm_configuration(((BlockNumber(0), EmbeddedVM),)))

    def create_header_from_parent(self, parent_header: BlockHeaderAPI, **header_params: Any) -> BlockHeaderAPI:
        return super().create_header_from_parent(
            parent_header, **{**header_params, "gas_limit": parent_header.gas_limit}
        )

    def get_transaction_builder(self) -> type[TransactionBuilderAPI]:
        """eth-tester's backend asks its chain for this."""
        return EmbeddedVM.get_transaction_builder()


def base_fee_of(header: BlockHeaderAPI) -> int:
    """Wei a gas. Every header of this chain has one; before London there was none."""
    return header.base_fee_per_gas or 0


def chain_class(chain_id: int) -> type[EmbeddedChain]:
    configured: type[EmbeddedChain] = EmbeddedChain.configure(chain_id=chain_id)
    return configured


def reading_class(writing: type[EmbeddedChain]) -> type[EmbeddedChain]:
    """The same chain for those who only read: what would come next follows the head, which somebody else moves."""

    class ReadingChain(writing):  # type: ignore[misc, valid-type] # a class made at run time, as py-evm's `configure` does
        @property
        def header(self) -> BlockHeaderAPI:
            following: BlockHeaderAPI = self.create_header_from_parent(self.get_canonical_head())
            return following

        @header.setter
        def header(self, _ignored: BlockHeaderAPI) -> None:
            """py-evm sets it once, when the chain is opened."""

    return ReadingChain


def genesis_parameters(chain_id: int) -> dict[str, Any]:
    """The same for the same chain id on every machine; `extra_data` makes two chain ids two genesis hashes."""
    parameters: dict[str, Any] = PyEVMBackend.generate_genesis_params(
        overrides={
            "timestamp": 0,  # before any clock
            "gas_limit": GAS_LIMIT,
            "difficulty": 1,
            "nonce": b"\0" * 8,
            "mix_hash": b"\0" * 32,
            "extra_data": f"suyuan {chain_id}".encode(),
        }
    )
    return {**parameters, "base_fee_per_gas": GENESIS_BASE_FEE}


def genesis_state(funding: Mapping[bytes, int]) -> dict[bytes, dict[str, Any]]:
    """Accounts (20 bytes) that hold wei from the start."""
    return {address: {"balance": wei, "nonce": 0, "code": b"", "storage": {}} for address, wei in funding.items()}
