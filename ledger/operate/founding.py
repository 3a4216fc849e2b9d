"""Founds a ledger outside development: the contracts stand, the first members are admitted, and what they own is assigned.

Each step looks first at what stands, so that it may be interrupted anywhere and run again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from eth_utils.address import is_same_address
from sqlalchemy import Connection, select

from ledger.chain.keystore import account_of
from ledger.chain.outbox import Intent, await_final, queue, require_final
from ledger.chain.policy import CONSORTIUM_NAME
from ledger.context import Ledger
from ledger.errors import Conflict
from ledger.index.follow import await_block
from ledger.operate.founding_file import FirstMember
from ledger.store.database import read, write
from ledger.store.schema import location, member, product

ADMIT_GAS = 600_000


def found(ledger: Ledger, members: Sequence[FirstMember], *, timeout: float = 300) -> int:
    """Admits the members, assigns their GLNs and GTINs, and hands over to the Council if anybody has a seat; returns how
    many acts were missing. Needs sender and indexer.

    Conflict when a slug or an account was admitted otherwise before.
    """
    done = 0
    for missing in (_missing_members, _missing_identifiers):
        await_block(ledger.engine, ledger.client.final_block(), timeout)
        done += _send(ledger, missing(ledger, members), timeout)
    return done + _send(ledger, missing_hand_over(ledger), timeout)


def missing_hand_over(ledger: Ledger) -> list[Intent]:
    """What ends the founding. The founding account keeps what a registrar does: it assigns GLNs and GTINs day by day.

    Not while nobody has a seat on the Council: then nothing could be decided any more.
    """
    council = ledger.deployment.address("Council")
    governor = ledger.client.call(ledger.deployment, "Members", "governor")
    if is_same_address(governor, council) or not ledger.client.call(ledger.deployment, "Members", "seats"):
        return []
    return [_intent(ledger, "handover", "handOver", council)]


def _missing_members(ledger: Ledger, members: Sequence[FirstMember]) -> list[Intent]:
    with read(ledger.engine) as connection:
        accounts = {row.slug: row.account for row in connection.execute(select(member.c.slug, member.c.account))}
    for each in members:
        if accounts.get(each.slug, each.account) != each.account:
            raise Conflict(
                f"{each.slug} was admitted with another account: {accounts[each.slug]}.",
                hint="A member changes its account itself.",
                expected=each.account,
                actual=accounts[each.slug],
            )
    return [
        _intent(ledger, f"admit:{each.slug}", "admit", each.account, int(each.roles), each.slug, each.name)
        for each in members
        if each.slug not in accounts
    ]


def _missing_identifiers(ledger: Ledger, members: Sequence[FirstMember]) -> list[Intent]:
    with read(ledger.engine) as connection:
        numbers = _numbers(connection)
        known = {
            *connection.execute(select(location.c.gln)).scalars(),
            *connection.execute(select(product.c.gtin)).scalars(),
        }
    calls: list[tuple[str, str, Callable[[FirstMember], tuple[tuple[str, str], ...]]]] = [
        ("location", "assignLocation", lambda each: each.locations),
        ("product", "assignProduct", lambda each: each.products),
    ]
    return [
        _intent(ledger, f"{kind}:{identifier}", function, int(identifier), numbers[each.slug], name)
        for kind, function, owned in calls
        for each in members
        for identifier, name in owned(each)
        if identifier not in known
    ]


def _numbers(connection: Connection) -> dict[str, int]:
    return {row.slug: row.member for row in connection.execute(select(member.c.slug, member.c.member))}


def _intent(ledger: Ledger, key: str, function: str, *args: object) -> Intent:
    account = account_of(ledger.home, CONSORTIUM_NAME)
    return Intent(key=key, account=account, contract="Members", function=function, args=args, gas=ADMIT_GAS)


def _send(ledger: Ledger, intents: Sequence[Intent], timeout: float) -> int:
    if not intents:
        return 0
    with write(ledger.engine) as connection:
        ids = [queue(connection, ledger.deployment, intent, int(time.time())).id for intent in intents]
    rows = require_final(await_final(ledger.engine, ids, timeout))
    await_block(ledger.engine, max(row.block or 0 for row in rows), timeout)
    return len(intents)
