"""A member changes its own key: without the consortium, without losing its salts, and whatever is killed when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from govern_world import PASSWORD, World
from sqlalchemy import select

from ledger.chain.keystore import account_of, open_keystore
from ledger.chain.next_key import next_account
from ledger.context import Ledger
from ledger.errors import NotAuthenticated, WrongPassword
from ledger.govern.keys import keys_of, member_acting_with
from ledger.govern.rotate_key import rotate_key
from ledger.store.database import read
from ledger.store.schema import member_key

EVENT = "ab" * 32
PATIENCE = 60.0


class Killed(BaseException):
    """Stands for kill -9: no code of the run itself follows."""


class Mortal:
    """A client or signer whose calls count down: the run dies just before or just after one of them."""

    def __init__(self, target: Any, lives: list[int]) -> None:
        self._target, self._lives = target, lives

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not callable(found):
            return found

        def counted(*args: Any, **named: Any) -> Any:
            self._tick()
            answer = found(*args, **named)
            self._tick()
            return answer

        return counted

    def _tick(self) -> None:
        if self._lives[0] == 0:
            raise Killed
        self._lives[0] -= 1


def rotated(world: World, name: str, ledger: Ledger | None = None) -> str:
    return rotate_key(ledger or world.ledger, world.member(name), PASSWORD, timeout=PATIENCE).account


def stands(world: World, name: str) -> str:
    """The member's account on the chain."""
    number = world.member(name).member
    found: str = world.ledger.client.call(world.ledger.deployment, "Members", "get", number)["account"]
    return found


def test_wrong_password_changes_nothing(world: World) -> None:
    before = stands(world, "creator")
    with pytest.raises(WrongPassword):
        rotate_key(world.ledger, world.member("creator"), "wrong", timeout=PATIENCE)
    assert next_account(world.ledger.home, "creator") is None
    assert stands(world, "creator") == before


def test_session_gives_the_member_to_no_key_but_its_signers_own(world: World) -> None:
    row = world.sends(
        "creator",
        "Members",
        "rotateAccount",
        account_of(world.ledger.home, "api"),
        bytes(65),
        authority=world.session("creator", "keys"),
    )
    assert row.state == "reverted"
    assert row.error is not None
    # The contract would refuse the missing acceptance; the signer never lets it come so far.
    assert "KeyNotAccepted" in row.error or "no key that this signer made" in row.error


def test_member_changes_its_key_and_keeps_its_salts(world: World) -> None:
    home, signer = world.ledger.home, world.ledger.signer
    first = account_of(home, "carrier")
    session = world.session("carrier", "capture")
    salts = signer.salts(first, [EVENT], session)
    second = rotated(world, "carrier")
    third = rotated(world, "carrier")
    assert len({first, second, third}) == 3
    assert stands(world, "carrier") == account_of(home, "carrier") == third
    assert signer.salts(third, [EVENT], world.session("carrier", "capture")) == salts
    world.restart_signer()
    assert signer.salts(third, [EVENT], world.session("carrier", "capture")) == salts
    kept = {path.name for path in (home.keys / "former").iterdir()}
    assert kept == {f"carrier-{first}.json", f"carrier-{second}.json"}


def test_what_the_old_key_signed_ends_with_it(world: World) -> None:
    old = account_of(world.ledger.home, "platform")
    session = world.session("platform", "capture")
    new = rotated(world, "platform")
    with pytest.raises(NotAuthenticated, match="former key of platform"):
        world.ledger.signer.salts(old, [EVENT], session)
    with read(world.ledger.engine) as connection:
        assert member_acting_with(connection, old, 0) is None
        assert [row.kind for row in keys_of(connection, world.member("platform").member)] == ["account", "revoked"]
        holder = member_acting_with(connection, new, 0)
    assert holder is not None
    assert holder.slug == "platform"


def test_keys_never_reach_the_database(world: World) -> None:
    secrets = [open_keystore(world.ledger.home, name, PASSWORD, development=True) for name in ("carrier", "platform")]
    path = world.ledger.engine.url.database
    assert path is not None
    held = b"".join(file.read_bytes() for file in (world.ledger.home.path).glob("*.sqlite*"))
    assert secrets[0].account.encode() in held
    for key in secrets:
        for secret in (key.private_key, key.salt_secret()):
            assert secret not in held
            assert secret.hex().encode() not in held.lower()


@pytest.mark.parametrize(
    "lives", [pytest.param(lives, marks=pytest.mark.heavy if lives % 4 else ()) for lives in range(0, 26, 2)]
)
def test_killed_anywhere_one_key_holds_and_the_same_command_goes_on(world: World, lives: int) -> None:
    left = [lives]
    mortal = replace(world.ledger, client=Mortal(world.ledger.client, left), signer=Mortal(world.ledger.signer, left))
    before = stands(world, "merchant")
    try:
        reached = rotated(world, "merchant", mortal)
    except Killed:
        world.restart_signer()
        world.signing.adopt_keys()
        # The chain may have taken it; then the signer's start has finished it.
        reached = rotated(world, "merchant") if stands(world, "merchant") == before else stands(world, "merchant")
    assert stands(world, "merchant") == reached == account_of(world.ledger.home, "merchant")
    assert next_account(world.ledger.home, "merchant") is None
    world.ledger.signer.salts(reached, [EVENT], world.session("merchant", "capture"))
    with read(world.ledger.engine) as connection:
        number = world.member("merchant").member
        accounts = connection.execute(
            select(member_key.c.key).where(member_key.c.member == number, member_key.c.kind == "account")
        ).scalars()
        assert list(accounts) == [reached]
