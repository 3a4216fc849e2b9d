"""Reading a chain over JSON-RPC: blocks, logs, calls, receipts; and handing in what is signed already.

Raw JSON-RPC over kept-alive HTTP, decoded by msgspec. A client holds no key and may be shared by threads.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from ledger.chain.contracts import Deployment, decode_result, decode_revert, encode_call
from ledger.chain.credentials import headers_of, variable_of
from ledger.chain.profiles import Profile
from ledger.chain.rpc import Call, Rpc, RpcFault
from ledger.errors import BadInput, NodeRefused, NotFound, Reverted, Unavailable

T = TypeVar("T")


class BlockHeader(msgspec.Struct, frozen=True):
    """A block without its transactions. Hashes 0x hex; `timestamp` Unix seconds; `base_fee_wei` 0 before London."""

    number: int
    hash: str
    parent_hash: str
    timestamp: int
    receipts_root: str
    gas_limit: int
    base_fee_wei: int


class RawLog(msgspec.Struct, frozen=True, rename="camel"):
    """A log as the node gives it: every field 0x hex."""

    address: str
    topics: tuple[str, ...]
    data: str
    block_number: str
    block_hash: str
    transaction_hash: str
    log_index: str


class Receipt(msgspec.Struct, frozen=True):
    """What became of a transaction. `succeeded` is false when a contract refused it; its gas is spent all the same."""

    transaction_hash: str
    block: int
    block_hash: str
    succeeded: bool
    gas_used: int
    contract_address: str | None


class Client:
    """One node of one chain."""

    def __init__(self, rpc_url: str, profile: Profile) -> None:
        self.profile = profile
        self._rpc = node_rpc(rpc_url, profile)

    @property
    def url(self) -> str:
        """The node's address as it may stand in a sentence."""
        return self._rpc.url

    def close(self) -> None:
        self._rpc.close()

    # --- the chain ---------------------------------------------------------------------------------------------------

    def chain_id(self) -> int:
        """Unavailable when the node does not answer."""
        return _int(self.request("eth_chainId"))

    def require_chain(self, chain_id: int) -> None:
        """BadInput when the node serves another chain than this home was made for."""
        served = self.chain_id()
        if served != chain_id:
            raise BadInput(
                f"The node at {self.url} serves chain {served}, and this ledger lives on chain {chain_id}.",
                hint="Correct rpc_url or chain_id in config.json.",
                expected=chain_id,
                actual=served,
            )

    def head(self) -> BlockHeader:
        return self._header(self.request("eth_getBlockByNumber", "latest", False), "latest")

    def block(self, number: int) -> BlockHeader:
        """NotFound beyond the head."""
        return self._header(self.request("eth_getBlockByNumber", hex(number), False), str(number))

    def blocks(self, numbers: Sequence[int]) -> list[BlockHeader]:
        """Many in as few round trips as the profile allows, in the order asked."""
        answers = self._all("eth_getBlockByNumber", [[hex(number), False] for number in numbers])
        return [self._header(answer, str(number)) for number, answer in zip(numbers, answers, strict=True)]

    def whole_blocks(self, numbers: Sequence[int]) -> list[tuple[BlockHeader, dict[str, Any]]]:
        """As `blocks`; beside each header the answer that it is from, with all fields and the transactions' hashes."""
        answers = self._all("eth_getBlockByNumber", [[hex(number), False] for number in numbers])
        return [(self._header(each, str(number)), each) for number, each in zip(numbers, answers, strict=True)]

    def block_receipts(self, blocks: Sequence[tuple[int, Sequence[str]]]) -> list[list[Any] | None]:
        """The receipts of each block, as the node gives them; a block by its number and its transactions' hashes.

        None where the node does not have them (yet).
        """
        if self.profile.receipts_in_bulk:
            return self._all("eth_getBlockReceipts", [[hex(number)] for number, _ in blocks])
        hashes = [[digest] for _, inside in blocks for digest in inside]
        single = iter(self._all("eth_getTransactionReceipt", hashes))
        answers = [[next(single) for _ in inside] for _, inside in blocks]
        return [None if None in answer else answer for answer in answers]

    def final_block(self) -> int:
        """The number of the last block that this chain will not take back; -1 when there is none yet."""
        if self.profile.finality_tag is not None:
            answer = self.request("eth_getBlockByNumber", self.profile.finality_tag, False)
            return self._header(answer, self.profile.finality_tag).number if answer is not None else -1
        return max(self.head().number - self.profile.finality_depth, -1)

    def logs(self, from_block: int, to_block: int, addresses: Sequence[str]) -> list[RawLog]:
        """Logs of these contracts, both blocks included, in chain order, asked in windows that the node takes."""
        found: list[RawLog] = []
        for first in range(from_block, to_block + 1, self.profile.log_range):
            last = min(first + self.profile.log_range - 1, to_block)
            query = {"fromBlock": hex(first), "toBlock": hex(last), "address": list(addresses)}
            found += self._rpc.typed(list[RawLog], "eth_getLogs", query)
        return found

    # --- calls -------------------------------------------------------------------------------------------------------

    def call(self, deployment: Deployment, contract: str, function: str, *args: Any, sender: str | None = None) -> Any:
        """Runs a function without sending. Reverted with the contract's own error; shapes as of `decode_result`."""
        message = {"to": deployment.address(contract), "data": encode_call(contract, function, args)}
        if sender is not None:
            message["from"] = sender
        return decode_result(contract, function, _bytes(self.request("eth_call", message, "latest")))

    def estimate_gas(self, message: dict[str, str]) -> int:
        """`message` as for eth_call. Reverted when it would be refused."""
        return _int(self.request("eth_estimateGas", message))

    def estimates(self, messages: Sequence[dict[str, str]]) -> list[int | Reverted | NodeRefused]:
        """Many at once; a refusal stands in its place."""
        answers = self._rpc.batch([("eth_estimateGas", [message]) for message in messages])
        return [
            _refusal(answer, "eth_estimateGas") if isinstance(answer, RpcFault) else _int(answer) for answer in answers
        ]

    def revert_reason(self, transaction_hash: str) -> Reverted:
        """Why a mined transaction was refused: run again on the state before its block, then on that after it."""
        sent = self.request("eth_getTransactionByHash", transaction_hash)
        if sent is None:
            return Reverted("The transaction was refused; the node no longer has it.", error=None, args={})
        message = {"from": sent["from"], "to": sent["to"], "data": sent["input"], "gas": sent["gas"]}
        mined = _int(sent["blockNumber"])
        for number in (max(mined - 1, 0), mined):  # Another transaction in its own block may be the reason.
            try:
                self.request("eth_call", message, hex(number))
            except Reverted as refusal:
                return refusal
            except NodeRefused:
                continue  # The node keeps no state that old, or the call ran out of gas.
        return Reverted(
            f"The transaction was refused and gave no reason; it may have run out of its {_int(sent['gas'])} gas.",
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
        return [_refusal(answer, method) if isinstance(answer, RpcFault) else str(answer) for answer in answers]

    def receipt(self, transaction_hash: str) -> Receipt | None:
        """None while it is not mined."""
        return _receipt(self.request("eth_getTransactionReceipt", transaction_hash))

    def receipts(self, hashes: Sequence[str]) -> list[Receipt | None]:
        return [_receipt(answer) for answer in self._all("eth_getTransactionReceipt", [[digest] for digest in hashes])]

    def known(self, hashes: Sequence[str]) -> list[bool]:
        """Whether the node has each transaction, mined or waiting."""
        return [answer is not None for answer in self._all("eth_getTransactionByHash", [[digest] for digest in hashes])]

    def nonce(self, account: str, *, pending: bool = True) -> int:
        """How many transactions the account has sent; with `pending`, those that wait in the node are counted."""
        return _int(self.request("eth_getTransactionCount", account, "pending" if pending else "latest"))

    def nonces(self, accounts: Sequence[str], *, pending: bool = True) -> dict[str, int]:
        tag = "pending" if pending else "latest"
        answers = self._all("eth_getTransactionCount", [[account, tag] for account in accounts])
        return {account: _int(answer) for account, answer in zip(accounts, answers, strict=True)}

    def balance(self, account: str) -> int:
        """In wei."""
        return _int(self.request("eth_getBalance", account, "latest"))

    def code(self, address: str) -> bytes:
        """The runtime code at an address; empty where there is no contract."""
        return _bytes(self.request("eth_getCode", address, "latest"))

    def codes(self, addresses: Sequence[str]) -> list[bytes]:
        return [_bytes(answer) for answer in self._all("eth_getCode", [[address, "latest"] for address in addresses])]

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
            raise _refusal(answer, method)
        return answer

    def _all(self, method: str, params: Sequence[list[Any]]) -> list[Any]:
        answers = self._rpc.batch([(method, each) for each in params])
        for answer in answers:
            if isinstance(answer, RpcFault):
                raise _refusal(answer, method)
        return answers

    def _header(self, answer: Any, asked: str) -> BlockHeader:
        if answer is None:
            raise NotFound(f"The node at {self.url} has no block {asked}.")
        try:
            return BlockHeader(
                number=_int(answer["number"]),
                hash=answer["hash"],
                parent_hash=answer["parentHash"],
                timestamp=_int(answer["timestamp"]),
                receipts_root=answer["receiptsRoot"],
                gas_limit=_int(answer["gasLimit"]),
                base_fee_wei=_int(answer.get("baseFeePerGas") or "0x0"),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Unavailable(f"The node at {self.url} gave a block that cannot be read: {error!r}.") from None


def node_rpc(url: str, profile: Profile, *, position: int = 1, nodes: int = 1) -> Rpc:
    """The way to one node, with its credentials from the environment. BadInput for credentials in the address."""
    variable = variable_of(position, nodes)
    return Rpc(
        url,
        profile.batch_limit,
        who="The chain's node",
        hint="Start it (`suyuan up`, or `python -m ledger.chain.embedded`), or correct rpc_url in config.json.",
        headers=headers_of(url, variable, os.environ),
        credentials_hint=f"Set {variable} in the environment: a token, or USER:PASSWORD, as its operator gave it.",
    )


def _refusal(fault: RpcFault, method: str) -> NodeRefused | Reverted:
    """A node's error as ours. Nodes tell of a revert with the contract's data, or with code 3 and none."""
    data = fault.data.get("data") if isinstance(fault.data, dict) else fault.data  # Some nodes wrap it once more.
    if isinstance(data, str) and data.startswith("0x"):
        return decode_revert(data)
    if fault.code == 3 or "execution reverted" in fault.message.lower():
        return Reverted(f"The contract refused: {fault.message}", error=None, args={})
    return NodeRefused(f"The node refused {method}: {fault.message}", code=fault.code, message=fault.message)


def _receipt(answer: Any) -> Receipt | None:
    if answer is None or answer.get("blockNumber") is None:
        return None
    return Receipt(
        transaction_hash=answer["transactionHash"],
        block=_int(answer["blockNumber"]),
        block_hash=answer["blockHash"],
        succeeded=_int(answer["status"]) == 1,
        gas_used=_int(answer["gasUsed"]),
        contract_address=answer.get("contractAddress"),
    )


def _int(quantity: str) -> int:
    return int(quantity, 16)


def _bytes(data: str) -> bytes:
    return bytes.fromhex(data.removeprefix("0x"))
