"""What the node answers, method by method (execution-apis, eth_* and net_*, and web3_clientVersion)."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from eth.abc import BlockHeaderAPI, StateAPI
from eth.exceptions import HeaderNotFound
from eth.vm.forks.london.headers import calculate_expected_base_fee_per_gas
from eth_hash.auto import keccak
from eth_typing import Address
from msgspec import Raw

from ledger.chain.embedded import parameters as p
from ledger.chain.embedded.backend import FileBackend
from ledger.chain.embedded.execute import call_output, least_gas
from ledger.chain.embedded.fees import fee_history
from ledger.chain.embedded.filters import Filters
from ledger.chain.embedded.history import History, json_list
from ledger.chain.embedded.log_filter import matching_logs, parse_filter
from ledger.chain.embedded.miner import Miner
from ledger.chain.embedded.pool import Pool
from ledger.chain.embedded.refusals import METHOD_NOT_FOUND, Refusal, invalid, refused
from ledger.chain.embedded.render import data, quantity, transaction_object
from ledger.chain.embedded.rules import GAS_LIMIT, SUGGESTED_TIP

Method = Callable[[list[Any]], Any]


class Methods:
    """One node's methods. Each takes the list of parameters and returns what JSON can hold; it raises Refusal."""

    def __init__(self, backend: FileBackend, pool: Pool, miner: Miner, *, instant: bool) -> None:
        self._backend = backend
        self._pool = pool
        self._miner = miner
        self._instant = instant
        self._history = History(backend.file)
        self._filters = Filters(self._history)
        chain_id = backend.chain.chain_id
        self._table: dict[str, Method] = {
            "web3_clientVersion": lambda _: f"suyuan-embedded/py-evm-{version('py-evm')}",
            "web3_sha3": lambda given: data(keccak(p.data(p.required(given, 0, "data"), "data"))),
            "net_version": lambda _: str(chain_id),
            "net_listening": lambda _: True,
            "net_peerCount": lambda _: quantity(0),
            "eth_chainId": lambda _: quantity(chain_id),
            "eth_syncing": lambda _: False,
            "eth_mining": lambda _: True,
            "eth_accounts": lambda _: [],
            "eth_blockNumber": lambda _: quantity(self._history.latest()),
            "eth_gasPrice": lambda _: quantity(self._base_fee() + SUGGESTED_TIP),
            "eth_maxPriorityFeePerGas": lambda _: quantity(SUGGESTED_TIP),
            "eth_feeHistory": self.fee_history,
            "eth_getBlockByNumber": self.block_by_number,
            "eth_getBlockByHash": self.block_by_hash,
            "eth_getBlockReceipts": lambda given: self._history.receipts(self._number(p.required(given, 0, "block"))),
            "eth_getBlockTransactionCountByNumber": self.transaction_count_of_block,
            "eth_getBlockTransactionCountByHash": self.transaction_count_of_block,
            "eth_getTransactionByHash": self.transaction_by_hash,
            "eth_getTransactionByBlockNumberAndIndex": self.transaction_at,
            "eth_getTransactionByBlockHashAndIndex": self.transaction_at,
            "eth_getTransactionReceipt": lambda given: self._history.receipt(p.hash32(p.required(given, 0, "hash"))),
            "eth_getLogs": self.logs,
            "eth_getBalance": lambda given: quantity(self._state(given, 1).get_balance(self._account(given))),
            "eth_getCode": lambda given: data(self._state(given, 1).get_code(self._account(given))),
            "eth_getStorageAt": self.storage_at,
            "eth_getTransactionCount": self.transaction_count,
            "eth_call": self.call,
            "eth_estimateGas": self.estimate_gas,
            "eth_sendRawTransaction": self.send_raw_transaction,
            "eth_newBlockFilter": lambda _: self._filters.new_block_filter(),
            "eth_newPendingTransactionFilter": lambda _: self._filters.new_nothing_filter(),
            "eth_newFilter": lambda given: self._filters.new_log_filter(p.required(given, 0, "filter")),
            "eth_getFilterChanges": lambda given: self._filters.changes(p.required(given, 0, "filter id")),
            "eth_getFilterLogs": lambda given: self._filters.logs(p.required(given, 0, "filter id")),
            "eth_uninstallFilter": lambda given: self._filters.uninstall(p.required(given, 0, "filter id")),
        }

    def call_method(self, method: str, given: list[Any]) -> Any:
        implementation = self._table.get(method)
        if implementation is None:
            raise Refusal(METHOD_NOT_FOUND, f"the method {method} does not exist/is not available")
        return implementation(given)

    # Blocks

    def _number(self, value: Any) -> int | None:
        """A block's number from a tag, a number, a hash, or an object of EIP-1898; None if its hash is unknown."""
        if isinstance(value, dict):
            value = value.get("blockHash") or value.get("blockNumber")
        if isinstance(value, str) and len(value) == 66:
            return self._history.number_of(p.hash32(value))
        return p.block_number(value, self._history.latest())

    def _header(self, value: Any) -> BlockHeaderAPI:
        number = self._number(value)
        try:
            if number is not None:
                return self._backend.header(number)
        except HeaderNotFound:
            pass
        raise refused("header not found")

    def block_by_number(self, given: list[Any]) -> Raw:
        return self._history.block(self._number(p.required(given, 0, "block")), full=bool(p.optional(given, 1, False)))

    def block_by_hash(self, given: list[Any]) -> Raw:
        number = self._history.number_of(p.hash32(p.required(given, 0, "hash")))
        return self._history.block(number, full=bool(p.optional(given, 1, False)))

    def transaction_count_of_block(self, given: list[Any]) -> str | None:
        count = self._history.transaction_count(self._number(p.required(given, 0, "block")))
        return None if count is None else quantity(count)

    def transaction_at(self, given: list[Any]) -> Raw:
        return self._history.transaction_at(
            self._number(p.required(given, 0, "block")), p.quantity(p.required(given, 1, "index"), "index")
        )

    def transaction_by_hash(self, given: list[Any]) -> Any:
        hash_ = p.hash32(p.required(given, 0, "hash"))
        # The pool first: a transaction leaves it after its block is committed, so between the two it is found.
        waiting = self._pool.get(hash_)
        mined = self._history.transaction(hash_)
        if mined is None and waiting is not None:
            return transaction_object(waiting)
        return mined

    def logs(self, given: list[Any]) -> Raw:
        wanted = p.required(given, 0, "filter")
        numbers: dict[str, int] = {}
        if isinstance(wanted, dict) and wanted.get("blockHash") is not None:
            number = self._history.number_of(p.hash32(wanted["blockHash"], "blockHash"))
            numbers = {} if number is None else {wanted["blockHash"]: number}
        return json_list(matching_logs(self._backend.file, parse_filter(wanted, self._history.latest(), numbers)))

    # Accounts and calls

    def _account(self, given: list[Any]) -> Address:
        return Address(p.address(p.required(given, 0, "address")))

    def _state(self, given: list[Any], position: int) -> StateAPI:
        return self._backend.state(self._header(p.optional(given, position, "latest")))

    def storage_at(self, given: list[Any]) -> str:
        slot = p.quantity(p.required(given, 1, "slot"), "slot")
        if slot >= 2**256:
            raise invalid("invalid argument slot: at most 32 bytes")
        return data(self._state(given, 2).get_storage(self._account(given), slot).to_bytes(32, "big"))

    def transaction_count(self, given: list[Any]) -> str:
        if p.optional(given, 1) == "pending":
            return quantity(self._pool.next_nonce(self._account(given)))
        return quantity(self._state(given, 1).get_nonce(self._account(given)))

    def _call_state(self, given: list[Any]) -> StateAPI:
        tag = p.optional(given, 1, "latest")
        return self._backend.call_state(self._header(tag), now=tag in p.LATEST_TAGS)

    def call(self, given: list[Any]) -> str:
        call = p.call_object(p.required(given, 0, "call"), GAS_LIMIT, self._backend.chain.chain_id)
        return data(call_output(self._backend, self._call_state(given), call))

    def estimate_gas(self, given: list[Any]) -> str:
        call = p.call_object(p.required(given, 0, "call"), GAS_LIMIT, self._backend.chain.chain_id)
        return quantity(least_gas(self._backend, self._call_state(given), call))

    # Sending and fees

    def send_raw_transaction(self, given: list[Any]) -> str:
        """Its hash, once it waits in the file; in instant mode, once it is mined.

        While no block can be kept, it is refused with the reason.
        """
        raw = p.data(p.required(given, 0, "transaction"), "transaction")
        if self._miner.trouble is not None:
            raise self._miner.trouble
        hash_ = self._pool.add(raw)
        if self._instant:
            self._miner.mine_now()
        return data(hash_)

    def _base_fee(self) -> int:
        return calculate_expected_base_fee_per_gas(self._backend.head())

    def fee_history(self, given: list[Any]) -> dict[str, Any]:
        count = p.required(given, 0, "blockCount")
        count = count if isinstance(count, int) else p.quantity(count, "blockCount")
        newest = self._number(p.required(given, 1, "newestBlock"))
        return fee_history(self._backend, self._history, count, newest, p.optional(given, 2))
