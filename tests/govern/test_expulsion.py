"""A member expelled in the middle of its orders: its rights end with the block that says so, its money does not."""

from __future__ import annotations

import time

import pytest
from govern_world import PASSWORD, World, decide

from ledger.chain.contracts import encode_call
from ledger.chain.roles import Role
from ledger.errors import NotAllowed, Reverted
from ledger.govern.rotate_key import rotate_key
from ledger.settle.acting import Acting
from ledger.settle.balances import balances_of
from ledger.settle.confirm_payments import BuyersPayment, confirm_payments
from ledger.settle.delivery import Checkpoint, deliver_checkpoint
from ledger.settle.order_line import OrderLine
from ledger.settle.place_orders import place_orders
from ledger.settle.propose_rule import propose_rule
from ledger.settle.sign_rule import message_to_sign, sign_rule
from ledger.settle.split import Leg, LegKind
from ledger.settle.withdraw import withdraw
from ledger.store.database import read, write

EVERYTHING = "orders deliver withdraw rules bank capture"


def now() -> int:
    return int(time.time())


@pytest.fixture(scope="module")
def selling(world: World) -> World:
    """The merchant's rule gives the creator a fifth; three orders are paid, the first is delivered and settled."""
    ledger = world.ledger
    legs = (
        Leg(world.member("creator").member, LegKind.SHARE, 2000),
        Leg(world.member("merchant").member, LegKind.RESIDUAL),
    )
    with write(ledger.engine) as connection:
        made = propose_rule(connection, ledger.deployment, world.acting("merchant", EVERYTHING), legs, now=now())
    world.done(made.id)
    for name in ("merchant", "creator"):
        acting = world.acting(name, EVERYTHING)
        assert acting.authority is not None
        with read(ledger.engine) as connection:
            message = message_to_sign(connection, ledger.deployment, 1, 1)
        signature = ledger.signer.sign_typed_data(acting.account, message, acting.authority)
        with write(ledger.engine) as connection:
            signed = sign_rule(
                connection,
                ledger.deployment,
                rule=1,
                version=1,
                member=acting.member.member,
                signature=signature,
                account=acting.account,
                authority=acting.authority,
                now=now(),
            )
        world.done(signed.id)
    placing(world, "1", "2", "3")
    paying(world, "1", "2", "3")
    delivering(world, "1")
    return world


def placing(world: World, *numbers: str) -> None:
    ledger = world.ledger
    lines = [OrderLine(number, 10_000, 1, "carrier", number) for number in numbers]
    with write(ledger.engine) as connection:
        placed = place_orders(connection, ledger.deployment, world.acting("merchant", EVERYTHING), lines, now=now())
    world.done(*placed.outbox_ids)


def paying(world: World, *numbers: str) -> None:
    ledger, merchant = world.ledger, world.member("merchant").member
    payments = [BuyersPayment(merchant, number, 10_000, f"REF-{number}") for number in numbers]
    with write(ledger.engine) as connection:
        paid = confirm_payments(connection, ledger.deployment, world.acting("bank", EVERYTHING), payments, now=now())
    world.done(*paid.outbox_ids)


def delivering(world: World, number: str) -> None:
    ledger, merchant = world.ledger, world.member("merchant").member
    checkpoint = Checkpoint(((merchant, number),), "2026-04-20T10:00:00+08:00", "Guangzhou", "")
    with write(ledger.engine) as connection:
        delivered = deliver_checkpoint(
            connection,
            ledger.deployment,
            ledger.documents,
            world.acting("carrier", EVERYTHING),
            checkpoint,
            now=now(),
            settle=True,
        )
    for row in world.done(*delivered.outbox_ids):
        assert row.state == "final", row.error


def available(world: World, name: str) -> int:
    with read(world.ledger.engine) as connection:
        return balances_of(connection, world.member(name).member).available_fen


def test_expelled_member_loses_its_rights_in_that_block_and_withdraws_what_it_earned(selling: World) -> None:
    world, ledger = selling, selling.ledger
    assert (available(world, "merchant"), available(world, "creator")) == (8_000, 2_000)
    before = world.acting("merchant", EVERYTHING)  # a session from before, good for an hour yet

    expelled = decide(world, "Members", "expel", world.member("merchant").member, "sold forged goods")
    assert expelled.state == "final", expelled.error
    assert expelled.block is not None
    assert world.member("merchant").standing == "expelled"

    # In the block that says so, not one later: the same call holds in the state before it, and not in its own.
    call = {
        "from": before.account,
        "to": ledger.deployment.address("Members"),
        "data": requires_merchant(before.account),
    }
    assert ledger.client.request("eth_call", call, hex(expelled.block - 1))
    with pytest.raises(Reverted, match="MemberNotActive"):
        ledger.client.request("eth_call", call, hex(expelled.block))

    # It acts no more, neither through this home nor past it.
    with write(ledger.engine) as connection, pytest.raises(NotAllowed, match="is expelled and may not"):
        place_orders(
            connection,
            ledger.deployment,
            Acting(world.member("merchant"), before.authority),
            [OrderLine("4", 10_000, 1, "carrier", "4")],
            now=now(),
        )
    past = world.sends("merchant", "Escrow", "place", [("4", 10_000, 1, 5)], authority=before.authority)
    assert past.state == "reverted"
    assert past.error is not None
    assert "MemberNotActive" in past.error

    # Orders under way live out: others are paid, and it is still credited what is its own.
    delivering(world, "2")
    assert (available(world, "merchant"), available(world, "creator")) == (16_000, 4_000)

    # What it earned it takes out, also with a key that it made since.
    withdrawing(world, 6_000, "first")
    new = rotate_key(ledger, world.member("merchant"), PASSWORD, timeout=60.0)
    assert new.account != before.account
    withdrawing(world, 10_000, "second")
    assert available(world, "merchant") == 0


def requires_merchant(account: str) -> str:
    return encode_call("Members", "requireRole", [account, int(Role.MERCHANT)])


def withdrawing(world: World, amount_fen: int, reference: str) -> None:
    ledger = world.ledger
    with write(ledger.engine) as connection:
        queued = withdraw(
            connection, ledger.deployment, world.acting("merchant", EVERYTHING), amount_fen, reference, now=now()
        )
    (row,) = world.done(queued.id)
    assert row.state == "final", row.error
