"""What the chain itself says of evidence, asked without the index: the statements, item codes and recalls of a node."""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak

from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.errors import BrokenEvidence

_ITEMS_COMMITTED = "0x" + keccak(text="ItemsCommitted(bytes32,uint64,uint32,string,uint32,bytes32)").hex()


@dataclass(frozen=True, slots=True)
class CommitmentOnChain:
    """An ItemsCommitted log. Hashes are hex without 0x, the GTIN has 14 digits."""

    root: str
    gtin: str
    lot: str
    member: int
    count: int
    manifest: str
    block: int


class Witness:
    """Reads evidence from a node. Errors: Unavailable when it does not answer."""

    def __init__(self, client: Client, deployment: Deployment) -> None:
        self._client = client
        self._deployment = deployment

    def recorded_at(self, member: int, commitment: str) -> int:
        """The block time (Unix seconds) at which the member made this statement; 0 when it did not."""
        answer = self._client.call(self._deployment, "Statements", "recordedAt", member, commitment)
        return int(answer)

    def items_committed(self, root: str, block: int) -> CommitmentOnChain | None:
        """The log of the root in this block, None when it is not there."""
        for log in self._client.logs(block, block, [self._deployment.address("ItemCodes")]):
            if log.topics[0] == _ITEMS_COMMITTED and log.topics[1].removeprefix("0x") == root:
                try:
                    lot, count, manifest = decode(["string", "uint32", "bytes32"], bytes.fromhex(log.data[2:]))
                except (DecodingError, UnicodeDecodeError) as error:
                    raise BrokenEvidence(
                        f"The log of root {root} cannot be read: {error}", where=f"block {block}"
                    ) from None
                return CommitmentOnChain(
                    root=root,
                    gtin=f"{int(log.topics[2], 16):014d}",
                    lot=lot,
                    member=int(log.topics[3], 16),
                    count=count,
                    manifest=manifest.hex(),
                    block=int(log.block_number, 16),
                )
        return None

    def is_recalled(self, gtin: str, lot: str) -> bool:
        """Whether a recall of the lot stands now."""
        return bool(self._client.call(self._deployment, "Recalls", "isRecalled", int(gtin), lot))
