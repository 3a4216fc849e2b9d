"""What each kind of key in a signer may sign. A refusal is NotAllowed with a sentence.

A *member's* key signs only calls that the member's session covers, to this ledger's own contracts, without value. The
*relay's* key (the API's own) signs only what others have signed or granted already. The *consortium's* key belongs to
its operator and signs any transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from eth_utils.address import is_same_address

from ledger.chain.contracts import DecodedCall, Deployment, decode_call
from ledger.chain.session import Session
from ledger.chain.typed_data import (
    BANK_ACCOUNT_TYPE,
    CONTRACT_DOMAIN,
    GRANT_TYPE,
    KEY_ACCEPTED_TYPE,
    RULE_VERSION_TYPE,
    TypedData,
)
from ledger.errors import NotAllowed

Kind = Literal["member", "relay", "consortium"]

RELAY_NAME = "api"
CONSORTIUM_NAME = "consortium"

#: scope: what a member's session with that word lets its signer sign.
CALLS: dict[str, frozenset[tuple[str, str]]] = {
    "capture": frozenset({("Statements", "record")}),
    "orders": frozenset(
        {("Campaigns", "place"), *(("Escrow", function) for function in ("place", "placeBatch", "takeOut"))}
    ),
    "refund": frozenset({("Escrow", "refund"), ("Escrow", "refundBatch")}),
    "deliver": frozenset(("Escrow", function) for function in ("deliver", "deliverAndSettle", "settleBatch")),
    "settle": frozenset(
        {
            ("Escrow", "settle"),
            ("Credit", "collect"),
            ("Campaigns", "settleUp"),
            ("Campaigns", "release"),
            ("Campaigns", "close"),
        }
    ),
    "withdraw": frozenset(
        {("Credit", "withdraw"), ("Credit", "transfer"), ("Credit", "payIntoFund"), ("Campaigns", "open")}
    ),
    "rules": frozenset({("Rules", "propose"), ("Rules", "sign")}),
    "codes": frozenset({("ItemCodes", "commitItems")}),
    "recall": frozenset({("Recalls", "openRecall"), ("Recalls", "closeRecall")}),
    "grants": frozenset({("Members", "revokeGrant")}),
    "bank": frozenset(
        {
            ("Escrow", "pay"),
            ("Escrow", "payBatch"),
            ("Credit", "bookWithdrawals"),
            ("Credit", "returnWithdrawal"),
            ("Credit", "bookRefunds"),
            ("Credit", "returnRefund"),
        }
    ),
    "webhooks": frozenset(),  # nothing on the chain: where this home tells the member what happened
    "accounts": frozenset(),  # nothing on the chain: where a member's money goes
    "freeze": frozenset({("Credit", "freeze"), ("Credit", "unfreeze")}),
    "council": frozenset(
        ("Council", function)
        for function in ("propose", "vote", "withdrawProposal", "execute", "tally", "callStop", "callLift")
    ),
    "keys": frozenset(
        {
            ("Members", "rotateAccount"),
            ("Members", "setOperator"),
            ("Members", "revokeKey"),
            ("Members", "leave"),
            ("Validators", "rotate"),
        }
    ),
}

RELAY_CALLS = frozenset({("Statements", "recordFor"), ("Rules", "sign")})

#: primary type: (scope that covers it, the contract that checks it, its fields).
TYPED: dict[str, tuple[str, str, list[dict[str, str]]]] = {
    "Grant": ("grants", "Members", GRANT_TYPE),
    "RuleVersion": ("rules", "Rules", RULE_VERSION_TYPE),
    "KeyAccepted": ("keys", "Members", KEY_ACCEPTED_TYPE),
    "BankAccount": ("accounts", "Credit", BANK_ACCOUNT_TYPE),
}

SALTS_SCOPE = "capture"


def kind_of(name: str) -> Kind:
    """By the keystore's name."""
    if name == RELAY_NAME:
        return "relay"
    return "consortium" if name == CONSORTIUM_NAME else "member"


def require_chain(chain_id: int, expected: int) -> None:
    if chain_id != expected:
        raise NotAllowed(f"The transaction is for chain {chain_id}; this signer signs for chain {expected}.")


def is_filler(account: str, to: str | None, value_wei: int, data: bytes) -> bool:
    """A transaction of an account to itself, without value and data: it uses up a nonce and does nothing else, so that
    the sender may have it signed without a session, where a lost nonce holds up the account's other transactions."""
    return to is not None and is_same_address(to, account) and value_wei == 0 and not data


def require_own_call(to: str | None, value_wei: int, data: bytes, deployment: Deployment) -> DecodedCall:
    """The call that a transaction makes: to one of our contracts, without value."""
    if to is None:
        raise NotAllowed("Only the consortium's key may create a contract.")
    if value_wei != 0:
        raise NotAllowed(f"The transaction sends {value_wei} wei; members' keys send none.")
    contract = deployment.contract_at(to)
    if contract is None:
        raise NotAllowed(f"{to} is no contract of this ledger.", hint="Check deployment.json.")
    return decode_call(contract, data)


def require_in_scope(call: DecodedCall, session: Session) -> None:
    """The session's words cover the call."""
    wanted = (call.contract, call.function)
    if any(wanted in CALLS.get(word, ()) for word in session.words()):
        return
    covering = [word for word, calls in CALLS.items() if wanted in calls]
    what = f"{call.contract}.{call.function}"
    if not covering:
        raise NotAllowed(f"No session lets a member's key sign {what}.")
    raise NotAllowed(
        f'The session does not cover {what}: its scope is "{session.scope}".',
        hint=f"Have the member sign a session with the scope {covering[0]}.",
        scope=session.scope,
        needed=covering[0],
    )


def require_own_successor(call: DecodedCall, name: str, held: Mapping[str, str]) -> None:
    """A member's account moves only to a key that this signer made for that very member: a session alone, in whosever
    hands, gives the member to nobody. `held`: name by account."""
    if (call.contract, call.function) == ("Members", "rotateAccount") and held.get(call.args["to"]) != name:
        raise NotAllowed(
            f"{call.args['to']} is no key that this signer made for {name}.",
            hint="Make the new key here: `suyuan key rotate`.",
        )


def require_relay_call(call: DecodedCall) -> None:
    if (call.contract, call.function) not in RELAY_CALLS:
        allowed = " and ".join(sorted(f"{contract}.{function}" for contract, function in RELAY_CALLS))
        raise NotAllowed(
            f"The relay's key signs only {allowed}, not {call.contract}.{call.function}.",
            hint="Send it from the member's own account, under a session.",
        )


def require_typed(typed: TypedData, session: Session, deployment: Deployment) -> None:
    """A grant, a rule version or a key's acceptance for this ledger's own contract, in scope, with the member's own number."""
    kind = typed.get("primaryType")
    if kind not in TYPED:
        raise NotAllowed(
            f"A member's key signs no typed data of the kind {kind!r} here.",
            hint="Sessions are opened with the member's password: suyuan_openSession.",
        )
    scope, contract, fields = TYPED[kind]
    if (typed.get("types") or {}) != {"EIP712Domain": CONTRACT_DOMAIN, kind: fields}:
        raise NotAllowed(f"The typed data has other fields than this ledger's {kind}.")
    domain: dict[str, Any] = typed.get("domain") or {}
    ours = {"name": "Suyuan", "version": "1", "chainId": deployment.chain_id}
    checker = str(domain.get("verifyingContract", ""))
    if {name: domain.get(name) for name in ours} != ours or set(domain) != {*ours, "verifyingContract"}:
        raise NotAllowed("The typed data is for another domain than this ledger's.")
    if deployment.contract_at(checker) != contract:
        raise NotAllowed(f"The typed data is for another contract than this ledger's {contract}.")
    if scope not in session.words():
        raise NotAllowed(
            f'The session does not cover signing a {kind}: its scope is "{session.scope}".',
            hint=f"Have the member sign a session with the scope {scope}.",
            scope=session.scope,
            needed=scope,
        )
    message: dict[str, Any] = typed.get("message") or {}
    if kind in ("Grant", "KeyAccepted") and message.get("member") != session.member:
        raise NotAllowed(f"The {kind} names another member than the session.")
    if kind == "KeyAccepted" and str(message.get("key", "")).lower() != session.account.lower():
        raise NotAllowed("The acceptance is another key's: a key accepts for itself.")


def require_salts(session: Session) -> None:
    if SALTS_SCOPE not in session.words():
        raise NotAllowed(
            f'The session does not cover making commitments: its scope is "{session.scope}".',
            hint=f"Have the member sign a session with the scope {SALTS_SCOPE}.",
        )


def require_same_account(account: str, session: Session) -> None:
    if not is_same_address(account, session.account):
        raise NotAllowed(
            "The session belongs to another account than the one that is to sign.",
            expected=account,
            actual=session.account,
        )
