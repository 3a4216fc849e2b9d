"""Builders for the ledger's rows: a small consortium, its rules, orders and withdrawals, as the indexer leaves them.

Members: 1 merchant, 2 creator, 3 carrier, 4 platform, 5 bank, 6 another merchant, 7 another carrier, 8 a suspended one.
Rule 1 of the merchant: 2.00 yuan for the carrier, 10 % for the creator (at most 5.00), 3 % for the platform, the rest
for the merchant.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from eth_account import Account
from sqlalchemy import Connection, insert, select, update

from ledger.chain.artifact import CONTRACTS
from ledger.chain.contracts import Deployment, decode_call
from ledger.chain.outbox import OutboxRow, pending
from ledger.chain.roles import Role
from ledger.chain.session import Authority, new_session, sign_session
from ledger.config import AccountRule
from ledger.settle.acting import Acting
from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.bank_accounts import keep_unsigned
from ledger.settle.order_id import order_id
from ledger.settle.split import Leg, LegKind, allocate
from ledger.store import schema
from ledger.store.queries.members import member_by_number

MERCHANT, CREATOR, CARRIER, PLATFORM, BANK, OTHER_MERCHANT, OTHER_CARRIER, SUSPENDED = range(1, 9)
NOW = 1_776_679_200  # 2026-04-20T18:00:00+08:00
MERCHANTS_GLN = "6901234000009"
DEPLOYMENT = Deployment(7710, 0, {name: f"0x{number:040x}" for number, name in enumerate(CONTRACTS, start=0xC0DE)})

LEGS = (
    Leg(CARRIER, LegKind.FIXED, 200),
    Leg(CREATOR, LegKind.SHARE, 1_000, 500),
    Leg(PLATFORM, LegKind.SHARE, 300),
    Leg(MERCHANT, LegKind.RESIDUAL),
)

_MEMBERS = {
    MERCHANT: ("merchant", "Green Table 绿桌", Role.MERCHANT, True),
    CREATOR: ("creator", "小溪直播", Role.CREATOR, True),
    CARRIER: ("carrier", "Cold Express 快冷", Role.CARRIER, True),
    PLATFORM: ("platform", "Suyuan Platform", Role.PLATFORM, True),
    BANK: ("bank", "Settlement Bank", Role.BANK, True),
    OTHER_MERCHANT: ("grocer", "Grocer", Role.MERCHANT, True),
    OTHER_CARRIER: ("courier", "Courier", Role.CARRIER, True),
    SUSPENDED: ("farm", "Suspended Farm", Role.FARM | Role.CARRIER | Role.MERCHANT, False),
}


def key_of(member: int) -> bytes:
    """A member's private key: known to everyone, good for tests only."""
    return member.to_bytes(32, "big")


@cache
def account_of(member: int) -> str:
    return str(Account.from_key(key_of(member)).address)


@cache
def a_session(member: int, scope: str = "orders refund deliver settle withdraw rules bank") -> Authority:
    session, _ = new_session(
        member=member,
        account=account_of(member),
        audience="0x" + "aa" * 20,
        scope=scope,
        now=NOW,
        seconds=3600,
        chain_id=7710,
    )
    return sign_session(session, key_of(member))


UNSIGNED = AccountRule(people=0, wait_seconds=0)


def a_bank_account(connection: Connection, member: int, account: BankAccount) -> None:
    """One that nobody signed, as in a development home."""
    keep_unsigned(connection, DEPLOYMENT, member, account, now=NOW)


def acting(connection: Connection, member: int, authority: Authority | None = None) -> Acting:
    row = member_by_number(connection, member)
    assert row is not None
    return Acting(row, authority or a_session(member))


def a_consortium(connection: Connection) -> None:
    """Members, the merchant's location, and rule 1 in force."""
    connection.execute(
        insert(schema.member),
        [
            {"member": number, "account": account_of(number), "roles": int(roles), "slug": slug, "name": name}
            | {"active": active, "standing": "active" if active else "suspended", "block": 1}
            for number, (slug, name, roles, active) in _MEMBERS.items()
        ],
    )
    connection.execute(
        insert(schema.member_key),
        [
            {"key": account_of(number), "member": number, "kind": "account", "roles": 2**32 - 1, "block": 1}
            for number in _MEMBERS
        ],
    )
    connection.execute(insert(schema.location).values(gln=MERCHANTS_GLN, member=MERCHANT, name="Shop", block=1))
    connection.execute(insert(schema.cursor).values(name="ledger", next_block=100, block_hash="0x" + "00" * 32))
    a_rule(connection)


def a_rule(
    connection: Connection, rule: int = 1, version: int = 1, legs: tuple[Leg, ...] = LEGS, **values: Any
) -> None:
    """A version with its legs; in force unless `adopted_block=None`."""
    row = {"merchant": MERCHANT, "base": 0, "legs_hash": f"0x{rule:032x}{version:032x}", "proposed_block": 2}
    row |= {"adopted_block": 3, **values}
    connection.execute(insert(schema.rule_version).values(rule=rule, version=version, **row))
    for position, leg in enumerate(legs):
        terms = {
            "payee": leg.payee,
            "kind": leg.kind.value,
            "value": leg.value,
            "cap_fen": leg.cap_fen,
            "floor_fen": leg.floor_fen,
        }
        connection.execute(insert(schema.rule_leg).values(rule=rule, version=version, leg=position, **terms))


def an_order(
    connection: Connection, number: str = "A-1", *, amount_fen: int = 10_000, state: str = "paid", **values: Any
) -> str:
    """An order as far as `state`, and what the chain would have booked for it; its id."""
    merchant = values.pop("merchant", MERCHANT)
    identity = order_id(merchant, number)
    at = values.pop("at", NOW)
    row = {"order_id": identity, "merchant": merchant, "number": number, "amount_fen": amount_fen, "currency": "CNY"}
    row |= {"rule": 1, "carrier": CARRIER, "state": state, "refunded_fen": 0, "placed_block": 10, "placed_at": at}
    if state != "placed":
        row |= {"version": 1, "paid_block": 11, "paid_at": at, "bank_reference": f"BUY-{number}"}
    if state == "settled":
        row |= {"settled_block": 12, "settled_at": at}
    row |= values
    connection.execute(insert(schema.order).values(**row))
    if state == "settled":
        _credits(connection, identity, amount_fen, at)
    return identity


_log = iter(range(1, 1_000_000))


def _credits(connection: Connection, identity: str, amount_fen: int, at: int) -> None:
    for position, (leg, fen) in enumerate(zip(LEGS, allocate(amount_fen, LEGS), strict=True)):
        if fen:
            where = {"block": 12, "tx_hash": "0x" + "12" * 32}
            connection.execute(
                insert(schema.payout).values(
                    order_id=identity, leg=position, payee=leg.payee, amount_fen=fen, credited_at=at, **where
                )
            )
            an_entry(connection, leg.payee, fen, "credited", at=at, order_id=identity)


def an_entry(connection: Connection, member: int | None, fen: int, kind: str, *, at: int = NOW, **values: Any) -> None:
    """One movement of a member's available credit."""
    row = {"block": 12, "log_index": next(_log), "ordinal": 1, "account": "available", "tx_hash": "0x" + "12" * 32}
    row |= {"member": member, "amount_fen": fen, "kind": kind, "at": at, **values}
    connection.execute(insert(schema.entry).values(**row))


def a_withdrawal(connection: Connection, number: int, member: int, fen: int, **values: Any) -> None:
    row = {"state": "requested", "requested_block": 13, "requested_at": NOW, **values}
    connection.execute(insert(schema.withdrawal).values(withdrawal=number, member=member, amount_fen=fen, **row))


def settle(connection: Connection, number: str, *, at: int = NOW) -> None:
    """The merchant's paid order is settled: what remains of it is credited."""
    identity = order_id(MERCHANT, number)
    row = connection.execute(select(schema.order).where(schema.order.c.order_id == identity)).one()
    changed = update(schema.order).where(schema.order.c.order_id == identity)
    connection.execute(changed.values(state="settled", settled_block=12, settled_at=at))
    _credits(connection, identity, row.amount_fen - row.refunded_fen, at)


def a_refund(connection: Connection, number: str, refund: int, fen: int, **values: Any) -> None:
    """A refund of the merchant's order as the rows have it, with what it took from each leg if that was settled."""
    identity = order_id(MERCHANT, number)
    row = connection.execute(select(schema.order).where(schema.order.c.order_id == identity)).one()
    settled, rest = row.settled_block is not None, row.amount_fen - row.refunded_fen
    row_values = {"order_id": identity, "number": refund, "amount_fen": fen, "settled": settled, "reason": "叶子黄了"}
    row_values |= {"state": "requested", "requested_block": 14, "requested_at": NOW, "requested_tx": "0x" + "14" * 32}
    connection.execute(insert(schema.refund).values(**row_values | values))
    state = "refunded" if fen == rest else row.state
    changed = update(schema.order).where(schema.order.c.order_id == identity)
    connection.execute(changed.values(refunded_fen=row.refunded_fen + fen, state=state))
    if settled:
        held, kept = allocate(rest, LEGS), allocate(rest - fen, LEGS)
        for leg, held_fen, kept_fen in zip(LEGS, held, kept, strict=True):
            if kept_fen != held_fen:
                booked = {"block": 14, "tx_hash": "0x" + "14" * 32, "order_id": identity, "note": "叶子黄了"}
                an_entry(connection, leg.payee, kept_fen - held_fen, "refunded", **booked)
    shoppers = {"account": "to_shoppers", "order_id": identity}
    an_entry(connection, None, fen, "refunded", **shoppers)


def a_debt(connection: Connection, member: int | None, fen: int, due_fen: int = 0, **values: Any) -> None:
    """What a member owes from now on; negative for what it paid of it."""
    row = {"block": 15, "log_index": next(_log), "at": NOW, **values}
    connection.execute(insert(schema.debt).values(member=member, owed_fen=fen, due_fen=due_fen, **row))


def queued(connection: Connection) -> list[OutboxRow]:
    return pending(connection)


def arguments(row: OutboxRow) -> dict[str, Any]:
    """What a queued transaction says, by argument name."""
    return decode_call(row.contract, bytes.fromhex(row.data.removeprefix("0x"))).args
