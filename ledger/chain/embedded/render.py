"""A mined block as JSON, in the words of execution-apis (schemas Block, Transaction, Receipt, Log)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import msgspec
import rlp
from eth._utils.address import generate_contract_address
from eth.abc import BlockAPI, BlockHeaderAPI, ReceiptAPI, SignedTransactionAPI

from ledger.chain.embedded.chain_file import BlockRows, LogRow, TransactionRow
from ledger.chain.embedded.rules import base_fee_of

_encode = msgspec.json.Encoder().encode
_LEGACY, _DYNAMIC = 0, 2


def quantity(value: int) -> str:
    """A number as a QUANTITY: hex without leading zeros."""
    return hex(value)


def data(value: bytes) -> str:
    """Bytes as DATA: two hex digits a byte."""
    return "0x" + value.hex()


def _word(value: int, size: int = 32) -> str:
    return data(value.to_bytes(size, "big"))


def transaction_type(transaction: SignedTransactionAPI) -> int:
    """0 legacy, 1 with access list (EIP-2930), 2 dynamic fee (EIP-1559)."""
    return getattr(transaction, "type_id", None) or _LEGACY


def effective_gas_price(transaction: SignedTransactionAPI, base_fee: int) -> int:
    """Wei a gas that the sender pays in a block of this base fee."""
    return min(transaction.max_fee_per_gas, transaction.max_priority_fee_per_gas + base_fee)


def transaction_object(
    transaction: SignedTransactionAPI, header: BlockHeaderAPI | None = None, position: int | None = None
) -> dict[str, Any]:
    """A transaction; without a header it waits, and its place is null."""
    kind = transaction_type(transaction)
    paid = effective_gas_price(transaction, base_fee_of(header)) if header else transaction.max_fee_per_gas
    rendered: dict[str, Any] = {
        "blockHash": data(header.hash) if header else None,
        "blockNumber": quantity(header.block_number) if header else None,
        "transactionIndex": quantity(position) if position is not None else None,
        "hash": data(transaction.hash),
        "type": quantity(kind),
        "from": data(transaction.sender),
        "to": data(transaction.to) if transaction.to else None,
        "nonce": quantity(transaction.nonce),
        "gas": quantity(transaction.gas),
        "gasPrice": quantity(paid),
        "value": quantity(transaction.value),
        "input": data(transaction.data),
        "r": quantity(transaction.r),
        "s": quantity(transaction.s),
    }
    if kind == _LEGACY:
        rendered |= {"v": quantity(cast(Any, transaction).v), "chainId": quantity(transaction.chain_id or 0)}
        return rendered
    parity = quantity(transaction.y_parity)
    rendered |= {"v": parity, "yParity": parity, "chainId": quantity(transaction.chain_id or 0)}
    rendered["accessList"] = [
        {"address": data(address), "storageKeys": [_word(slot) for slot in slots]}
        for address, slots in transaction.access_list
    ]
    if kind == _DYNAMIC:
        rendered |= {
            "maxFeePerGas": quantity(transaction.max_fee_per_gas),
            "maxPriorityFeePerGas": quantity(transaction.max_priority_fee_per_gas),
        }
    return rendered


def header_object(header: BlockHeaderAPI, total_difficulty: int, size: int) -> dict[str, Any]:
    """A block without its transactions. `size` is that of its RLP in bytes."""
    return {
        "number": quantity(header.block_number),
        "hash": data(header.hash),
        "parentHash": data(header.parent_hash),
        "nonce": data(header.nonce),
        "mixHash": data(header.mix_hash),
        "sha3Uncles": data(header.uncles_hash),
        "logsBloom": _word(header.bloom, 256),
        "transactionsRoot": data(header.transaction_root),
        "stateRoot": data(header.state_root),
        "receiptsRoot": data(header.receipt_root),
        "miner": data(header.coinbase),
        "difficulty": quantity(header.difficulty),
        "totalDifficulty": quantity(total_difficulty),
        "extraData": data(header.extra_data),
        "size": quantity(size),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
        "baseFeePerGas": quantity(base_fee_of(header)),
        "uncles": [],
    }


def genesis_rows(header: BlockHeaderAPI) -> BlockRows:
    size = len(rlp.encode([rlp.encode(header), [], []]))
    return BlockRows(0, header.hash, _encode(header_object(header, header.difficulty, size)))


def block_rows(block: BlockAPI, receipts: Sequence[ReceiptAPI], total_difficulty: int) -> BlockRows:
    """Everything that the node will answer about this block. Log indices count through the block."""
    header = block.header
    transactions: list[TransactionRow] = []
    logs: list[LogRow] = []
    gas_before = 0
    for position, (transaction, receipt) in enumerate(zip(block.transactions, receipts, strict=True)):
        place = {
            "blockHash": data(header.hash),
            "blockNumber": quantity(header.block_number),
            "transactionHash": data(transaction.hash),
            "transactionIndex": quantity(position),
        }
        first_log = len(logs)
        for log in receipt.logs:
            topics = tuple(topic.to_bytes(32, "big") for topic in log.topics)
            log_object = {
                "address": data(log.address),
                "topics": [data(topic) for topic in topics],
                "data": data(log.data),
                **place,
                "logIndex": quantity(len(logs)),
                "blockTimestamp": quantity(header.timestamp),
                "removed": False,
            }
            logs.append(LogRow(log.address, topics, _encode(log_object)))
        receipt_object = {
            **place,
            "type": quantity(transaction_type(transaction)),
            "from": data(transaction.sender),
            "to": data(transaction.to) if transaction.to else None,
            "contractAddress": None
            if transaction.to
            else data(generate_contract_address(transaction.sender, transaction.nonce)),
            "status": quantity(int.from_bytes(receipt.state_root, "big")),
            "gasUsed": quantity(receipt.gas_used - gas_before),
            "cumulativeGasUsed": quantity(receipt.gas_used),
            "effectiveGasPrice": quantity(effective_gas_price(transaction, base_fee_of(header))),
            "logsBloom": _word(receipt.bloom, 256),
        }
        gas_before = receipt.gas_used
        rendered = transaction_object(transaction, header, position)
        transactions.append(
            TransactionRow(transaction.hash, _encode(rendered), _encode(receipt_object), first_log, len(logs))
        )
    json = _encode(header_object(header, total_difficulty, len(rlp.encode(block))))
    return BlockRows(header.block_number, header.hash, json, tuple(transactions), tuple(logs))
