"""Operators: keys that a member lets act for it, with some of its roles and until a day, and that it ends when it likes.

The consortium is not asked. A seat on the Council and the member's keys themselves are the account's alone.
"""

from __future__ import annotations

import secrets
import time

from ledger.chain.keystore import create_keystore, keystore_file, password_of
from ledger.chain.outbox import Intent, await_final, queue_repeatable, require_final
from ledger.chain.roles import Role
from ledger.context import Ledger
from ledger.errors import BadInput, Conflict, NotAuthenticated
from ledger.govern.accept_key import acceptance_of, keys_session
from ledger.govern.fund_key import fund_key
from ledger.govern.keys import key_row
from ledger.index.follow import await_block
from ledger.store.atomic import write_atomically
from ledger.store.database import read, write
from ledger.store.queries.members import MemberRow


def make_operator_key(ledger: Ledger, name: str, given: str | None) -> str:
    """The account of the keystore of this name (`member.operator`), made when there is none, and held by the signer.

    In a development home the password lies beside it; else `given`, or the environment's. NotAuthenticated without one.
    """
    development = ledger.settings.development
    password = password_of(ledger.home, name, development=development, given=given)
    if not keystore_file(ledger.home, name).exists():
        if password is None and development:
            password = secrets.token_urlsafe(18)
            write_atomically(keystore_file(ledger.home, name).with_suffix(".password"), password.encode() + b"\n")
        if password is not None:
            create_keystore(ledger.home, name, password, development=development)
    if password is None:
        raise NotAuthenticated(f"The new key of {name} needs a password.", hint="Set it in the environment.")
    return ledger.signer.open_key(name, password)


def set_operator(
    ledger: Ledger,
    member: MemberRow,
    password: str,
    key: str,
    roles: Role,
    until: int,
    acceptance: bytes,
    *,
    timeout: float,
) -> int | None:
    """Lets the key act for the member with these of its roles until then (Unix seconds); the block. For one that does so
    already: new roles and a new end, and then `acceptance` may be empty. BadInput without a role; Reverted."""
    if not roles:
        raise BadInput("An operator needs at least one role.", hint="Name it with --roles.")
    beyond = Role(roles & ~(member.roles | Role.TREASURY))
    if beyond:
        raise BadInput(
            f"{member.name} does not hold {beyond.words()} itself.",
            hint=f"It holds: {Role(member.roles).words() or 'nothing'}; and treasury is every member's to give.",
        )
    args = (key, int(roles), until, acceptance)
    return _send(ledger, member, password, f"operator:{key}", "setOperator", args, timeout)


def operator_acceptance(ledger: Ledger, member: MemberRow, key: str, password: str) -> bytes:
    """The key's signature; empty for one that is the member's operator already."""
    with read(ledger.engine) as connection:
        row = key_row(connection, key)
    if row is not None and row.kind == "operator" and row.member == member.member:
        return b""
    fund_key(ledger, key)
    return acceptance_of(ledger, member.member, key, password)


def revoke_key(ledger: Ledger, member: MemberRow, password: str, key: str, *, timeout: float) -> int | None:
    """Ends an operator's key for ever; the block, None when it had ended before. Conflict for the member's own key."""
    with read(ledger.engine) as connection:
        row = key_row(connection, key)
    if row is not None and row.kind == "account":
        raise Conflict(
            "A member's own key is not revoked but replaced.", where=key, hint="Run `suyuan key rotate` instead."
        )
    if row is not None and row.kind == "revoked" and row.member == member.member:
        return None
    return _send(ledger, member, password, f"revoke key:{key}", "revokeKey", (key,), timeout)


def _send(
    ledger: Ledger,
    member: MemberRow,
    password: str,
    what: str,
    function: str,
    args: tuple[object, ...],
    timeout: float,
) -> int | None:
    authority = keys_session(ledger, member.member, member.account, password)
    intent = Intent(f"{what}:{member.member}", member.account, "Members", function, args, authority)
    with write(ledger.engine) as connection:
        queued = queue_repeatable(connection, ledger.deployment, intent, int(time.time()))
    (row,) = require_final(await_final(ledger.engine, [queued.id], timeout))
    if row.block is not None:
        await_block(ledger.engine, row.block, timeout)
    return row.block
