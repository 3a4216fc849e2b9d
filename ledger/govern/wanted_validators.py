"""Which validators the consortium wants, and where those that make blocks now are others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.chain.client import Client
from ledger.chain.keystore import checksummed
from ledger.chain.validator_set import validators_now
from ledger.errors import SuyuanError
from ledger.store.schema import validator


@dataclass(frozen=True)
class WantedValidator:
    """`validator` in EIP-55, of which member, since which block."""

    validator: str
    member: int
    block: int


def actual_validators(client: Client) -> tuple[str, ...] | None:
    """Those that make blocks now, in EIP-55 and the engine's order; None where the chain's headers do not tell, or where
    no node answers with one that proves it."""
    try:
        found = validators_now(client)
    except SuyuanError:
        return None
    return None if found is None else tuple(checksummed(one) for one in found)


def wanted_validators(connection: Connection) -> list[WantedValidator]:
    """Those that the contract wants, in the order in which they came."""
    query = select(validator).where(validator.c.wanted).order_by(validator.c.block, validator.c.validator)
    return [WantedValidator(row.validator, row.member, row.block) for row in connection.execute(query)]


def differences(wanted: Collection[str], actual: Collection[str] | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Wanted ones that make no blocks, and ones that make blocks unwanted; none where nobody knows."""
    if actual is None:
        return (), ()
    return tuple(sorted(set(wanted) - set(actual))), tuple(sorted(set(actual) - set(wanted)))
