"""A member changes its own key, without asking anybody: in numbered steps, each of which may be repeated.

(1) The signer makes the next key and keeps it beside the current one. (2) The next key accepts. (3) The current key hands
over on the chain. (4) When that block is final, the signer switches. Killed anywhere, the same command goes on where it
was: until (3) is final the old key holds, from then on the new one, and the chain says which.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from ledger.chain.next_key import is_account
from ledger.chain.outbox import Intent, await_final, queue, require_final
from ledger.context import Ledger
from ledger.govern.accept_key import acceptance_of, keys_session
from ledger.govern.fund_key import fund_key
from ledger.index.follow import await_block
from ledger.store.database import write
from ledger.store.queries.members import MemberRow


@dataclass(frozen=True)
class Rotation:
    """`resumed`: an earlier run had handed over already, and only the switch was left. `block`: None then."""

    former: str
    account: str
    block: int | None
    resumed: bool


def rotate_key(ledger: Ledger, member: MemberRow, password: str, *, timeout: float) -> Rotation:
    """Gives the member a new key. Sessions and grants of the old one end with it.

    WrongPassword; Reverted when the contract refuses; Unavailable when chain or signer is away: run it again.
    """
    account = ledger.signer.next_key(member.account, password)
    if is_account(ledger.client, ledger.deployment, account):
        ledger.signer.adopt_key(account)
        return Rotation(member.account, account, None, resumed=True)
    fund_key(ledger, account)
    acceptance = acceptance_of(ledger, member.member, account, password)
    authority = keys_session(ledger, member.member, member.account, password)
    intent = Intent(
        f"rotate:{member.member}:{account}",
        member.account,
        "Members",
        "rotateAccount",
        (account, acceptance),
        authority,
    )
    with write(ledger.engine) as connection:
        queued = queue(connection, ledger.deployment, intent, int(time.time()))
    (row,) = require_final(await_final(ledger.engine, [queued.id], timeout))
    ledger.signer.adopt_key(account)
    if row.block is not None:
        await_block(ledger.engine, row.block, timeout)
    return Rotation(member.account, account, row.block, resumed=False)
