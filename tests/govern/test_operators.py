"""Operators: keys that a member lets act for it, and ends, without asking anybody."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from govern_world import PASSWORD, World

from ledger.chain.keystore import account_of
from ledger.chain.roles import Role
from ledger.chain.session import Authority, new_session
from ledger.errors import BadInput, Conflict, NotAllowed, NotFound
from ledger.govern.keys import member_acting_with
from ledger.govern.operators import make_operator_key, operator_acceptance, revoke_key, set_operator
from ledger.settle.acting import Acting
from ledger.settle.withdraw import withdraw
from ledger.store.database import read, write

PATIENCE = 60.0
DAY = 86_400
EVENT = "cd" * 32


def with_operator(world: World, name: str, roles: Role, *, until: int | None = None) -> str:
    """`member.operator`, made and set; its account."""
    ledger, member = world.ledger, world.member(name.split(".")[0])
    key = make_operator_key(ledger, name, PASSWORD)
    accepted = operator_acceptance(ledger, member, key, PASSWORD)
    ends = until or int(time.time()) + DAY
    set_operator(ledger, member, PASSWORD, key, roles, ends, accepted, timeout=PATIENCE)
    return key


def session_of(world: World, name: str, scope: str) -> Authority:
    """Signed by the operator's key, in the signer."""
    ledger, member = world.ledger, world.member(name.split(".")[0])
    session, _ = new_session(
        member=member.member,
        account=account_of(ledger.home, name),
        audience=ledger.relay_account,
        scope=scope,
        now=int(time.time()),
        seconds=3600,
        chain_id=ledger.settings.chain_id,
    )
    return ledger.signer.open_session(session, PASSWORD)


def acting_as(world: World, name: str, scope: str) -> Acting:
    with read(world.ledger.engine) as connection:
        row = member_acting_with(connection, account_of(world.ledger.home, name), int(time.time()))
    assert row is not None
    return Acting(row, session_of(world, name, scope))


def test_operator_gets_nothing_that_the_member_lacks(world: World) -> None:
    member = world.member("carrier")
    for roles in (Role(0), Role.BANK, Role.CARRIER | Role.FARM):
        with pytest.raises(BadInput):
            set_operator(
                world.ledger, member, PASSWORD, account_of(world.ledger.home, "api"), roles, 2**33, b"", timeout=1
            )


def test_signer_opens_no_key_of_another_member(world: World) -> None:
    for name in ("consortium", "farm", "stranger.clerk"):
        with pytest.raises((NotAllowed, NotFound)):
            world.ledger.signer.open_key(name, PASSWORD)


def test_operator_acts_with_its_roles_and_makes_the_members_salts(world: World) -> None:
    key = with_operator(world, "farm.field", Role.FARM)
    said = world.sends(
        "farm.field", "Statements", "record", [EVENT], authority=session_of(world, "farm.field", "capture")
    )
    assert said.state == "final", said.error
    at = world.ledger.client.call(
        world.ledger.deployment, "Statements", "recordedAt", world.member("farm").member, EVENT
    )
    assert at > 0
    own = world.ledger.signer.salts(account_of(world.ledger.home, "farm"), [EVENT], world.session("farm", "capture"))
    assert world.ledger.signer.salts(key, [EVENT], session_of(world, "farm.field", "capture")) == own


def test_operator_has_no_seat_and_no_say_about_keys(world: World) -> None:
    with_operator(world, "bank.teller", Role.BANK)
    authority = session_of(world, "bank.teller", "council keys")
    for contract, function, args in (
        ("Council", "tally", (1,)),
        ("Members", "leave", ()),
        ("Members", "setOperator", (account_of(world.ledger.home, "api"), 1, 2**33, b"")),
        ("Council", "vote", (1, True)),
    ):
        row = world.sends("bank.teller", contract, function, *args, authority=authority)
        assert row.state == "reverted"
        assert row.error is not None
        assert function == "tally" or "NotTheAccount" in row.error


def test_operator_without_the_treasury_withdraws_nothing(world: World) -> None:
    with_operator(world, "creator.assistant", Role.CREATOR)
    acting = acting_as(world, "creator.assistant", "withdraw")
    with (
        write(world.ledger.engine) as connection,
        pytest.raises(NotAllowed, match="operator of Creator may not withdraw"),
    ):
        withdraw(connection, world.ledger.deployment, acting, 1, "mine", now=int(time.time()))
    row = world.sends("creator.assistant", "Credit", "withdraw", 1, bytes(32), authority=acting.authority)
    assert row.error is not None
    assert "MissingRole" in row.error


def test_operator_gets_new_roles_and_a_new_end_without_accepting_again(world: World) -> None:
    key = with_operator(world, "platform.desk", Role.PLATFORM)
    member = world.member("platform")
    assert operator_acceptance(world.ledger, member, key, PASSWORD) == b""
    with_operator(world, "platform.desk", Role.PLATFORM | Role.TREASURY)
    acting = acting_as(world, "platform.desk", "withdraw")
    assert acting.member.operator
    assert Role.TREASURY in Role(acting.member.roles)


def test_revoked_operator_is_heard_no_more(world: World) -> None:
    key = with_operator(world, "merchant.clerk", Role.MERCHANT)
    member = world.member("merchant")
    assert revoke_key(world.ledger, member, PASSWORD, key, timeout=PATIENCE) is not None
    assert revoke_key(world.ledger, member, PASSWORD, key, timeout=PATIENCE) is None
    with read(world.ledger.engine) as connection:
        assert member_acting_with(connection, key, int(time.time())) is None
    terms = [("1", 100, 1, 5)]
    authority = session_of(world, "merchant.clerk", "orders")
    assert "KeyIsRevoked" in str(world.sends("merchant.clerk", "Escrow", "place", terms, authority=authority).error)


def test_member_does_not_revoke_its_own_key(world: World) -> None:
    member = world.member("merchant")
    with pytest.raises(Conflict, match="not revoked but replaced"):
        revoke_key(world.ledger, member, PASSWORD, member.account, timeout=PATIENCE)


def test_operator_whose_time_is_over_is_no_member_to_the_rows(world: World) -> None:
    until = int(time.time()) + DAY
    key = with_operator(world, "carrier.driver", Role.CARRIER, until=until)
    with read(world.ledger.engine) as connection:
        now, then = (member_acting_with(connection, key, at) for at in (until, until + 1))
    assert now is not None
    assert now == replace(world.member("carrier"), account=key, operator=True)
    assert then is None
