"""What a transaction must be before it may wait. Messages are geth's (core/txpool/validation.go)."""

from __future__ import annotations

from collections.abc import Callable

import rlp
from eth.abc import BlockHeaderAPI, SignedTransactionAPI
from eth.constants import SECPK1_N
from eth.exceptions import UnrecognizedTransactionType
from eth_keys.exceptions import BadSignature
from eth_typing import Address
from eth_utils.address import to_checksum_address
from eth_utils.exceptions import ValidationError

from ledger.chain.embedded.refusals import refused
from ledger.chain.embedded.rules import EmbeddedVM, base_fee_of

MAX_TRANSACTION_BYTES = 128 * 1024
_MAX_NONCE = 2**64 - 2  # EIP-2681


def decoded(raw: bytes) -> SignedTransactionAPI:
    """A signed transaction of type 0, 1 or 2 from its bytes. Refusal: too large, not one."""
    if len(raw) > MAX_TRANSACTION_BYTES:
        raise refused(f"oversized data: transaction size {len(raw)}, limit {MAX_TRANSACTION_BYTES}")
    if not raw:
        raise refused("typed transaction too short")
    try:
        return EmbeddedVM.get_transaction_builder().decode(raw)
    except UnrecognizedTransactionType:
        raise refused("transaction type not supported") from None
    except (rlp.exceptions.RLPException, ValidationError, TypeError, ValueError) as error:
        raise refused(f"rlp: this is no signed transaction: {error}") from None


def admissible(
    transaction: SignedTransactionAPI, chain_id: int, next_header: BlockHeaderAPI, nonce_of: Callable[[Address], int]
) -> Address:
    """The sender's address, after every check that does not need the pool."""
    if transaction.chain_id is None:
        raise refused("only replay-protected (EIP-155) transactions allowed over RPC")
    if transaction.chain_id != chain_id:
        raise refused(f"invalid sender: invalid chain id for signer: have {transaction.chain_id} want {chain_id}")
    if transaction.gas > next_header.gas_limit:
        raise refused("exceeds block gas limit")
    if transaction.gas < transaction.intrinsic_gas:
        raise refused(f"intrinsic gas too low: gas {transaction.gas}, minimum needed {transaction.intrinsic_gas}")
    try:
        transaction.validate()
        if not 0 < transaction.s <= SECPK1_N // 2:
            raise ValidationError("invalid transaction v, r, s values")  # EIP-2: one signature, one form
        sender = Address(bytes(transaction.sender))
    except (ValidationError, BadSignature, ValueError) as error:
        raise refused(f"invalid sender: {error}") from None
    if transaction.nonce > _MAX_NONCE:
        raise refused("nonce has max value")
    who = f"address {to_checksum_address(sender)}"
    tip, fee = transaction.max_priority_fee_per_gas, transaction.max_fee_per_gas
    if tip > fee:
        raise refused(
            f"max priority fee per gas higher than max fee per gas: {who}, "
            f"maxPriorityFeePerGas: {tip}, maxFeePerGas: {fee}"
        )
    base_fee = base_fee_of(next_header)
    if fee < base_fee:
        raise refused(f"max fee per gas less than block base fee: {who}, maxFeePerGas: {fee}, baseFee: {base_fee}")
    nonce = nonce_of(sender)
    if transaction.nonce < nonce:
        raise refused(f"nonce too low: next nonce {nonce}, tx nonce {transaction.nonce}")
    return sender
