"""Members' bank accounts: where their money goes. An account is named by the member with a key of its own, confirmed by a
second person, and used when it has stood for a while; until then the one before it is used.

The chain does not know accounts: they stand in this home, each with the signatures (EIP-712) that two people gave, so that whoever
can write this home's database cannot turn a payment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from ledger.chain.contracts import Deployment
from ledger.chain.roles import Role
from ledger.chain.typed_data import TypedData, bank_account_message, signer_of
from ledger.config import AccountRule
from ledger.errors import BadInput, NotAllowed, NotFound
from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.payers import fitting_account
from ledger.store.account_identity import account_identity
from ledger.store.schema import bank_account, bank_account_signature, member_key
from ledger.store.schema import member as members


@dataclass(frozen=True)
class NamedAccount:
    """An account as the member named it at `named_at` (seconds since the Unix epoch), which is part of what is signed."""

    member: int
    account: BankAccount
    named_at: int

    @property
    def identity(self) -> str:
        account = self.account
        return account_identity(self.member, account.holder, account.number, account.bank_code, self.named_at)

    def message(self, deployment: Deployment) -> TypedData:
        """What both people sign."""
        return bank_account_message(
            deployment,
            member=self.member,
            holder=self.account.holder,
            number=self.account.number,
            bank_code=self.account.bank_code,
            named_at=self.named_at,
        )


@dataclass(frozen=True)
class Signature:
    """A person's word for an account: `key` in EIP-55, 65 bytes, and when this home got it."""

    key: str
    signature: bytes
    seen_at: int


@dataclass(frozen=True)
class AccountStanding:
    """`usable_from` is None while a signature is missing."""

    named: NamedAccount
    signatures: tuple[Signature, ...]
    usable_from: int | None


def account_to_name(connection: Connection, member: int, account: BankAccount, *, now: int) -> NamedAccount:
    """The account to sign: the newest one again when it is the same. BadInput when a part does not fit a payment file."""
    fitting = BankAccount(**fitting_account(account))
    newest = next(_named(connection, member), None)
    if newest is not None and newest.account == fitting:
        return newest
    # A second at least after the one before, so that the newest one can be told.
    return NamedAccount(member, fitting, now if newest is None else max(now, newest.named_at + 1))


def keep_account(
    connection: Connection,
    deployment: Deployment,
    named: NamedAccount,
    signatures: Sequence[tuple[str, bytes]],
    *,
    now: int,
    unsigned: bool = False,
) -> None:
    """Keeps the account with these signatures, beside those that it has. Repeats change nothing.

    BadInput when a part does not fit, or when it was named in the future; NotAuthenticated for what is no signature; NotAllowed when a signature
    is not under this account, is by a key that may not give it, or when none is by the member itself (`unsigned` allows
    none at all: development homes only).
    """
    fitting_account(named.account)
    if named.named_at > now + 600:
        raise BadInput("The account was named in the future.", hint="Set the clock of the machine that named it.")
    message = named.message(deployment)
    for key, signature in signatures:
        signer = signer_of(message, signature)
        if signer != key:
            raise NotAllowed(
                "The signature is not under this account.", hint="Sign again.", expected=key, actual=signer
            )
        _require_may_sign(connection, key, named.member, now)
    known = {one.key for one in _signatures(connection, named.identity)}
    own = any(_is_own(connection, key, named.member) for key in {*known, *(key for key, _ in signatures)})
    if not own and not unsigned:
        raise NotAllowed("The member itself has not signed this account.", hint="Have it name the account first.")
    if connection.execute(select(bank_account).where(bank_account.c.identity == named.identity)).one_or_none() is None:
        connection.execute(
            bank_account.insert().values(
                identity=named.identity,
                member=named.member,
                named_at=named.named_at,
                seen_at=now,
                **fitting_account(named.account),
            )
        )
    for key, signature in signatures:
        if key not in known:
            row = {"identity": named.identity, "key": key, "signature": "0x" + signature.hex(), "seen_at": now}
            connection.execute(bank_account_signature.insert().values(**row))


def keep_unsigned(
    connection: Connection, deployment: Deployment, member: int, account: BankAccount, *, now: int
) -> NamedAccount:
    """As in a development home, where nobody need sign."""
    named = account_to_name(connection, member, account, now=now)
    keep_account(connection, deployment, named, (), now=now, unsigned=True)
    return named


def account_to_pay(
    connection: Connection, deployment: Deployment, member: int, rule: AccountRule, *, now: int
) -> BankAccount | None:
    """The account that the member's money goes to now; None while it has none.

    The newest that has its signatures and has waited. One that was still waiting when another was named is never used.
    """
    latest = now
    for standing in accounts_of(connection, deployment, member, rule):
        if standing.usable_from is not None and standing.usable_from <= latest:
            return standing.named.account
        latest = min(latest, standing.named.named_at)
    return None


def account_to_pay_from(
    connection: Connection, deployment: Deployment, bank: int, rule: AccountRule
) -> BankAccount | None:
    """The bank member's own account, which it pays from: its newest, under one signature of its own."""
    alone = AccountRule(people=min(1, rule.people), wait_seconds=0)
    return next(
        (one.named.account for one in accounts_of(connection, deployment, bank, alone) if one.usable_from is not None),
        None,
    )


def accounts_of(
    connection: Connection, deployment: Deployment, member: int, rule: AccountRule
) -> Iterator[AccountStanding]:
    """Every account that the member named, the newest first. Signatures that are not what they say do not count."""
    for named in _named(connection, member):
        message = named.message(deployment)
        good = tuple(
            one for one in _signatures(connection, named.identity) if _is_good(connection, message, one, member)
        )
        yield AccountStanding(named, good, _usable_from(connection, named, good, rule))


def newest_account(connection: Connection, member: int) -> NamedAccount:
    """NotFound when the member named none."""
    found = next(_named(connection, member), None)
    if found is None:
        raise NotFound("This member has named no account.", hint="Name it: `suyuan bank account`.")
    return found


def _usable_from(
    connection: Connection, named: NamedAccount, good: Sequence[Signature], rule: AccountRule
) -> int | None:
    if rule.people == 0:
        return 0
    if len(good) < rule.people or not any(_is_own(connection, one.key, named.member) for one in good):
        return None
    return good[rule.people - 1].seen_at + rule.wait_seconds


def _is_good(connection: Connection, message: TypedData, one: Signature, member: int) -> bool:
    row = _key(connection, one.key)
    if row is None or not (row.member == member or _is_bank(connection, row.member)):
        return False
    return signer_of(message, one.signature) == one.key


def _require_may_sign(connection: Connection, key: str, member: int, now: int) -> None:
    row = _key(connection, key)
    holds = row is not None and row.kind != "revoked" and (row.until is None or now <= row.until)
    own = row is not None and row.member == member and (row.kind == "account" or row.roles & Role.TREASURY)
    if not (holds and row is not None and (own or _is_bank(connection, row.member))):
        raise NotAllowed(
            f"The key {key} may not sign this member's account.",
            hint="Sign with the member's own key, an operator's with the role treasury, or the bank member's.",
        )


def _is_own(connection: Connection, key: str, member: int) -> bool:
    row = _key(connection, key)
    return row is not None and row.member == member


def _is_bank(connection: Connection, member: int) -> bool:
    roles = connection.execute(select(members.c.roles).where(members.c.member == member)).scalar_one_or_none()
    return roles is not None and bool(Role(roles) & Role.BANK)


def _key(connection: Connection, key: str) -> Row[Any] | None:
    return connection.execute(select(member_key).where(member_key.c.key == key)).one_or_none()


def _named(connection: Connection, member: int) -> Iterator[NamedAccount]:
    query = select(bank_account).where(bank_account.c.member == member).order_by(bank_account.c.named_at.desc())
    for row in connection.execute(query).all():
        yield NamedAccount(member, BankAccount(row.holder, row.number, row.bank_code), row.named_at)


def _signatures(connection: Connection, identity: str) -> list[Signature]:
    table = bank_account_signature
    query = select(table).where(table.c.identity == identity).order_by(table.c.seen_at, table.c.key)
    return [Signature(row.key, bytes.fromhex(row.signature[2:]), row.seen_at) for row in connection.execute(query)]
