"""Reading a chain over JSON-RPC: blocks, logs, calls, receipts; and handing in what is signed already.

Raw JSON-RPC over kept-alive HTTP, decoded by msgspec. A client holds no key and may be shared by threads.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from ledger.chain.answers import BlockHeader as BlockHeader
from ledger.chain.answers import RawLog as RawLog
from ledger.chain.answers import Receipt as Receipt
from ledger.chain.answers import read_header, read_receipt, to_bytes, to_int
from ledger.chain.contracts import Deployment, decode_result, encode_call
from ledger.chain.node_pool import NodePool
from ledger.chain.node_rpc import node_rpc, refusal_of
from ledger.chain.profiles import Profile
from ledger.chain.quorum import QuorumRpc
from ledger.chain.rpc import Call, RpcFault
from ledger.errors import BadInput, NodeRefused, Reverted

T = TypeVar("T")


class Client:
    """The nodes of one chain, as one: see `node_pool` for what that means where there are several."""

    def __init__(
        self,
        rpc_url: str | Sequence[str],
        profile: Profile,
        *,
        chain_id: int | None = None,
        genesis: str | None = None,
        lag_blocks: int = 3,
        quorum: int | None = None,
    ) -> None:
        """`chain_id`, `genesis`: where there are several nodes, those of another chain are left out. `quorum`: how many
        must agree where it matters; None for a majority. BadInput for an address that holds credentials."""
        urls = [rpc_url] if isinstance(rpc_url, str) else list(rpc_url)
        self.profile = profile
        self.nodes = NodePool(
            [node_rpc(url, profile, position=i, nodes=len(urls)) for i, url in enumerate(urls, 1)],
            profile,
            chain_id=chain_id,
            genesis=genesis,
            lag_blocks=lag_blocks,
        )
        #: How many nodes must agree on what decides about money.
        self.needed = quorum or len(urls) // 2 + 1
        self._rpc: NodePool | QuorumRpc = self.nodes

    @property
    def url(self) -> str:
        """The address of the node that is asked first, as it may stand in a sentence."""
        return self._rpc.url

    def by_quorum(self) -> Client:
        """The same reads, each answered by a majority of the nodes at one block: for what decides about money.

        Unavailable where no majority agrees. With one node, that node's answers."""
        view = copy.copy(self)
        view._rpc = QuorumRpc(self.nodes, self.needed)
        return view

    def close(self) -> None:
        self._rpc.close()

    # --- the chain ---------------------------------------------------------------------------------------------------

    def chain_id(self) -> int:
        """Unavailable when the node does not answer."""
        return to_int(self.request("eth_chainId"))

    def require_chain(self, chain_id: int, genesis: str | None = None) -> None:
        """BadInput when the node serves another chain than this home was made for, be it under the same id."""
        served = self.chain_id()
        if served != chain_id:
            raise BadInput(
                f"The node at {self.url} serves chain {served}, and this ledger lives on chain {chain_id}.",
                hint="Correct rpc_url or chain_id in config.json.",
                expected=chain_id,
                actual=served,
            )
        first = self.block(0).hash if genesis is not None else None
        if first != genesis:
            raise BadInput(
                f"The node at {self.url} belongs to another network: its chain has the id {chain_id} too, and another "
                "first block.",
                hint="Correct rpc_url in config.json, or start a new home for that network.",
                expected=genesis,
                actual=first,
            )

    def head(self) -> BlockHeader:
        return read_header(self.url, self.request("eth_getBlockByNumber", "latest", False), "latest")

    def block(self, number: int) -> BlockHeader:
        """NotFound beyond the head."""
        return read_header(self.url, self.request("eth_getBlockByNumber", hex(number), False), str(number))

    def blocks(self, numbers: Sequence[int]) -> list[BlockHeader]:
        """Many in as few round trips as the profile allows, in the order asked."""
        answers = self._all("eth_getBlockByNumber", [[hex(number), False] for number in numbers])
        return [read_header(self.url, answer, str(number)) for number, answer in zip(numbers, answers, strict=True)]

    def whole_blocks(self, numbers: Sequence[int]) -> list[tuple[BlockHeader, dict[str, Any]]]:
        """As `blocks`; beside each header the answer that it is from, with all fields and the transactions' hashes."""
        answers = self._all("eth_getBlockByNumber", [[hex(number), False] for number in numbers])
        return [(read_header(self.url, each, str(number)), each) for number, each in zip(numbers, answers, strict=True)]

    def final_block(self) -> int:
        """The number of the last block that this chain will not take back; -1 when there is none yet."""
        if self.profile.finality_tag is not None:
            answer = self.request("eth_getBlockByNumber", self.profile.finality_tag, False)
            return read_header(self.url, answer, self.profile.finality_tag).number if answer is not None else -1
        return max(self.head().number - self.profile.finality_depth, -1)

    def logs(
        self, from_block: int, to_block: int, addresses: Sequence[str], *, topics: Sequence[str] = ()
    ) -> list[RawLog]:
        """Logs of these contracts, both blocks included, in chain order, asked in windows that the node takes.

        `topics`: only logs with one of these as their first topic; without addresses, those of all contracts.
        """
        wanted: dict[str, Any] = {"address": list(addresses)} if addresses else {}
        if topics:
            wanted["topics"] = [list(topics)]
        found: list[RawLog] = []
        for first in range(from_block, to_block + 1, self.profile.log_range):
            last = min(first + self.profile.log_range - 1, to_block)
            query = {"fromBlock": hex(first), "toBlock": hex(last), **wanted}
            found += self._rpc.typed(list[RawLog], "eth_getLogs", query)
        return found

    # --- calls -------------------------------------------------------------------------------------------------------

    def call(self, deployment: Deployment, contract: str, function: str, *args: Any, sender: str | None = None) -> Any:
        """Runs a function without sending. Reverted with the contract's own error; shapes as of `decode_result`."""
        message = {"to": deployment.address(contract), "data": encode_call(contract, function, args)}
        if sender is not None:
            message["from"] = sender
        return decode_result(contract, function, to_bytes(self.request("eth_call", message, "latest")))

    def calls(self, messages: Sequence[dict[str, str]]) -> list[bytes | Reverted | NodeRefused]:
        """Runs many at once, without sending: what each returns, or the refusal in its place. `message` as for eth_call."""
        answers = self._rpc.batch([("eth_call", [message, "latest"]) for message in messages])
        return [
            refusal_of(answer, "eth_call") if isinstance(answer, RpcFault) else to_bytes(answer) for answer in answers
        ]

    def estimate_gas(self, message: dict[str, str]) -> int:
        """`message` as for eth_call. Reverted when it would be refused."""
        return to_int(self.request("eth_estimateGas", message))

    def estimates(self, messages: Sequence[dict[str, str]]) -> list[int | Reverted | NodeRefused]:
        """Many at once; a refusal stands in its place."""
        answers = self._rpc.batch([("eth_estimateGas", [message]) for message in messages])
        return [
            refusal_of(answer, "eth_estimateGas") if isinstance(answer, RpcFault) else to_int(answer)
            for answer in answers
        ]

    def revert_reason(self, transaction_hash: str) -> Reverted:
        """Why a mined transaction was refused: run again on the state before its block, then on that after it."""
        sent = self.request("eth_getTransactionByHash", transaction_hash)
        if sent is None:
            return Reverted("The transaction was refused; the node no longer has it.", error=None, args={})
        message = {"from": sent["from"], "to": sent["to"], "data": sent["input"], "gas": sent["gas"]}
        mined = to_int(sent["blockNumber"])
        for number in (max(mined - 1, 0), mined):  # Another transaction in its own block may be the reason.
            try:
                self.request("eth_call", message, hex(number))
            except Reverted as refusal:
                return refusal
            except NodeRefused:
                continue  # The node keeps no state that old, or the call ran out of gas.
        return Reverted(
            f"The transaction was refused and gave no reason; it may have run out of its {to_int(sent['gas'])} gas.",
            error=None,
            args={},
        )

    # --- transactions ------------------------------------------------------------------------------------------------

    def send_raw(self, raw: bytes) -> str:
        """Hands in a signed transaction and returns its hash. NodeRefused with the node's own words."""
        return str(self.request("eth_sendRawTransaction", "0x" + raw.hex()))

    def send_all(self, raws: Sequence[bytes]) -> list[str | NodeRefused | Reverted]:
        """Hands in many, in this order; a refusal stands in its place."""
        answers = self._rpc.batch([("eth_sendRawTransaction", ["0x" + raw.hex()]) for raw in raws])
        method = "eth_sendRawTransaction"
        return [refusal_of(answer, method) if isinstance(answer, RpcFault) else str(answer) for answer in answers]

    def send_everywhere(self, raws: Sequence[bytes]) -> None:
        """Hands signed transactions to every node that answers; what they say of them is for the receipts to tell."""
        self.nodes.hand_in([("eth_sendRawTransaction", ["0x" + raw.hex()]) for raw in raws], len(self.nodes))

    def agreed(self, receipts: Sequence[Receipt]) -> list[bool]:
        """Whether a majority of the nodes shows each receipt too; with one node, it just did. Unavailable without one."""
        if len(self.nodes) == 1:
            return [True] * len(receipts)
        theirs = self.by_quorum().receipts([receipt.transaction_hash for receipt in receipts])
        return [receipt == other for receipt, other in zip(receipts, theirs, strict=True)]

    def receipt(self, transaction_hash: str) -> Receipt | None:
        """None while it is not mined."""
        return read_receipt(self.request("eth_getTransactionReceipt", transaction_hash))

    def receipts(self, hashes: Sequence[str]) -> list[Receipt | None]:
        return [
            read_receipt(answer) for answer in self._all("eth_getTransactionReceipt", [[digest] for digest in hashes])
        ]

    def known(self, hashes: Sequence[str]) -> list[bool]:
        """Whether the node has each transaction, mined or waiting."""
        return [answer is not None for answer in self._all("eth_getTransactionByHash", [[digest] for digest in hashes])]

    def nonce(self, account: str, *, pending: bool = True) -> int:
        """How many transactions the account has sent; with `pending`, those that wait in the node are counted."""
        return to_int(self.request("eth_getTransactionCount", account, "pending" if pending else "latest"))

    def nonces(self, accounts: Sequence[str], *, pending: bool = True) -> dict[str, int]:
        tag = "pending" if pending else "latest"
        answers = self._all("eth_getTransactionCount", [[account, tag] for account in accounts])
        return {account: to_int(answer) for account, answer in zip(accounts, answers, strict=True)}

    def balance(self, account: str) -> int:
        """In wei."""
        return to_int(self.request("eth_getBalance", account, "latest"))

    def code(self, address: str) -> bytes:
        """The runtime code at an address; empty where there is no contract."""
        return to_bytes(self.request("eth_getCode", address, "latest"))

    def codes(self, addresses: Sequence[str]) -> list[bytes]:
        return [to_bytes(answer) for answer in self._all("eth_getCode", [[address, "latest"] for address in addresses])]

    # --- JSON-RPC ----------------------------------------------------------------------------------------------------

    def typed(self, kind: type[T], method: str, *params: Any) -> T:
        """One call, its result decoded straight into its type. Unavailable, or NodeRefused."""
        return self._rpc.typed(kind, method, *params)

    def raw_batch(self, calls: Sequence[Call]) -> list[msgspec.Raw | RpcFault]:
        """Many calls, each result as JSON that was not decoded, or the node's fault in its place. Unavailable."""
        return self._rpc.raw_batch(calls)

    def request(self, method: str, *params: Any) -> Any:
        """One call. Unavailable, NodeRefused, or Reverted when the node tells of a revert."""
        (answer,) = self._rpc.batch([(method, list(params))])
        if isinstance(answer, RpcFault):
            raise refusal_of(answer, method)
        return answer

    def _all(self, method: str, params: Sequence[list[Any]]) -> list[Any]:
        answers = self._rpc.batch([(method, each) for each in params])
        for answer in answers:
            if isinstance(answer, RpcFault):
                raise refusal_of(answer, method)
        return answers
