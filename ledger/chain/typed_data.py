"""What members sign with EIP-712: grants, rule versions, keys' acceptances and sessions, as full messages and as hashes.

The domain is name "Suyuan", version "1", this chain and, for what a contract checks, that contract
(contracts/src/interfaces/IMembers.sol, IKeys.sol, IRules.sol, IValidators.sol).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_abi.exceptions import EncodingError
from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_utils.crypto import keccak

from ledger.chain.contracts import Deployment
from ledger.errors import BadInput, NotAuthenticated

TypedData = dict[str, Any]

_DOMAIN = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
]
CONTRACT_DOMAIN = [*_DOMAIN, {"name": "verifyingContract", "type": "address"}]

GRANT_TYPE = [
    {"name": "member", "type": "uint32"},
    {"name": "delegate", "type": "address"},
    {"name": "acts", "type": "uint32"},
    {"name": "until", "type": "uint64"},
    {"name": "salt", "type": "bytes32"},
]
RULE_VERSION_TYPE = [
    {"name": "merchant", "type": "uint32"},
    {"name": "rule", "type": "uint32"},
    {"name": "version", "type": "uint32"},
    {"name": "base", "type": "uint32"},
    {"name": "legsHash", "type": "bytes32"},
]
BANK_ACCOUNT_TYPE = [
    {"name": "member", "type": "uint32"},
    {"name": "holder", "type": "string"},
    {"name": "number", "type": "string"},
    {"name": "bankCode", "type": "string"},
    {"name": "namedAt", "type": "uint64"},
]
KEY_ACCEPTED_TYPE = [
    {"name": "member", "type": "uint32"},
    {"name": "key", "type": "address"},
    {"name": "nonce", "type": "uint64"},
]
VALIDATOR_ACCEPTED_TYPE = [
    {"name": "member", "type": "uint32"},
    {"name": "validator", "type": "address"},
    {"name": "nonce", "type": "uint64"},
]
SESSION_TYPE = [
    {"name": "member", "type": "uint32"},
    {"name": "account", "type": "address"},
    {"name": "audience", "type": "address"},
    {"name": "scope", "type": "string"},
    {"name": "issuedAt", "type": "uint64"},
    {"name": "until", "type": "uint64"},
    {"name": "tokenHash", "type": "bytes32"},
]


@dataclass(frozen=True)
class Grant:
    """A member lets `delegate` act for it until then (Unix seconds). `acts`: bits of IMembers.Act; `salt`: 32 bytes."""

    member: int
    delegate: str
    acts: int
    until: int
    salt: bytes

    def as_tuple(self) -> tuple[int, str, int, int, bytes]:
        """In the order of the Solidity struct."""
        return (self.member, self.delegate, self.acts, self.until, self.salt)


def grant_message(deployment: Deployment, grant: Grant) -> TypedData:
    """The full message of IMembers.Grant."""
    message = {
        "member": grant.member,
        "delegate": grant.delegate,
        "acts": grant.acts,
        "until": grant.until,
        "salt": _hex32(grant.salt),
    }
    return _contract_message(deployment, "Members", "Grant", GRANT_TYPE, message)


def rule_version_message(
    deployment: Deployment, *, merchant: int, rule: int, version: int, base: int, legs_hash: bytes | str
) -> TypedData:
    """The full message of IRules.RuleVersion. `legs_hash` as of `hash_legs` or of the RuleProposed event."""
    message = {"merchant": merchant, "rule": rule, "version": version, "base": base, "legsHash": _hex32(legs_hash)}
    return _contract_message(deployment, "Rules", "RuleVersion", RULE_VERSION_TYPE, message)


def bank_account_message(
    deployment: Deployment, *, member: int, holder: str, number: str, bank_code: str, named_at: int
) -> TypedData:
    """The full message of a member's bank account, which no contract checks: whoever pays does. The domain is Credit's,
    whose withdrawals go there. `named_at`: Unix seconds."""
    message = {"member": member, "holder": holder, "number": number, "bankCode": bank_code, "namedAt": named_at}
    return _contract_message(deployment, "Credit", "BankAccount", BANK_ACCOUNT_TYPE, message)


def key_accepted_message(deployment: Deployment, *, member: int, key: str, nonce: int) -> TypedData:
    """The full message of IKeys.KeyAccepted, which the new key itself signs. `nonce` as Members.keyNonce."""
    message = {"member": member, "key": key, "nonce": nonce}
    return _contract_message(deployment, "Members", "KeyAccepted", KEY_ACCEPTED_TYPE, message)


def validator_accepted_message(deployment: Deployment, *, member: int, validator: str, nonce: int) -> TypedData:
    """The full message of IValidators.ValidatorAccepted, which the validator's key signs."""
    message = {"member": member, "validator": validator, "nonce": nonce}
    return _contract_message(deployment, "Validators", "ValidatorAccepted", VALIDATOR_ACCEPTED_TYPE, message)


def session_message(
    *, chain_id: int, member: int, account: str, audience: str, scope: str, issued_at: int, until: int, token_hash: str
) -> TypedData:
    """The full message of a session; no contract checks it, so the domain names none."""
    return {
        "types": {"EIP712Domain": _DOMAIN, "Session": SESSION_TYPE},
        "primaryType": "Session",
        "domain": {"name": "Suyuan", "version": "1", "chainId": chain_id},
        "message": {
            "member": member,
            "account": account,
            "audience": audience,
            "scope": scope,
            "issuedAt": issued_at,
            "until": until,
            "tokenHash": _hex32(token_hash),
        },
    }


def hash_grant(deployment: Deployment, grant: Grant) -> bytes:
    """As Members.hashGrant."""
    return digest_of(grant_message(deployment, grant))


def hash_rule_version(
    deployment: Deployment, *, merchant: int, rule: int, version: int, base: int, legs_hash: bytes | str
) -> bytes:
    """As Rules.digest."""
    return digest_of(
        rule_version_message(deployment, merchant=merchant, rule=rule, version=version, base=base, legs_hash=legs_hash)
    )


def hash_legs(packed: bytes) -> bytes:
    """keccak256 of packed legs (IRules)."""
    return keccak(packed)


def digest_of(message: TypedData) -> bytes:
    """The 32 bytes that are signed (EIP-712, "\\x19\\x01" ‖ domainSeparator ‖ hashStruct(message))."""
    signable = _signable(message)
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def sign_message(message: TypedData, private_key: bytes) -> bytes:
    """65 bytes: r, s, v."""
    return bytes(Account.sign_message(_signable(message), private_key).signature)


def signer_of(message: TypedData, signature: bytes) -> str:
    """The account that signed (EIP-55). NotAuthenticated for what is no signature."""
    try:
        return str(Account.recover_message(_signable(message), signature=signature))
    except Exception as error:  # eth_keys raises several kinds for bytes that are no signature
        raise NotAuthenticated(f"The signature cannot be read ({error}).", hint="Sign again.") from None


def _signable(message: TypedData) -> SignableMessage:
    try:
        return encode_typed_data(full_message=message)
    except (EncodingError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise BadInput(f"The message to be signed is not well formed: {error}") from None


def _contract_message(
    deployment: Deployment, contract: str, kind: str, fields: list[dict[str, str]], message: dict[str, Any]
) -> TypedData:
    return {
        "types": {"EIP712Domain": CONTRACT_DOMAIN, kind: fields},
        "primaryType": kind,
        "domain": {
            "name": "Suyuan",
            "version": "1",
            "chainId": deployment.chain_id,
            "verifyingContract": deployment.address(contract),
        },
        "message": message,
    }


def _hex32(value: bytes | str) -> str:
    """0x hex of 32 bytes, which JSON can carry."""
    raw = value if isinstance(value, bytes) else bytes.fromhex(value.removeprefix("0x"))
    if len(raw) != 32:
        raise BadInput(f"Expected 32 bytes, got {len(raw)}.")
    return "0x" + raw.hex()
