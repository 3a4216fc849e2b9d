"""A member is expelled in the middle of its orders: its rights end with the block that says so, and what it earned it still takes out."""

from __future__ import annotations

import time

from sqlalchemy import func, select

from ledger.chain.contracts import encode_call
from ledger.cli.all_seats import agree
from ledger.errors import NodeRefused, Reverted
from ledger.govern.acts import act
from ledger.settle.acting import member_named
from ledger.store.database import read
from ledger.store.schema import outbox
from scripts.consortium.load import Load
from scripts.faults.on_network.fault import Scene

MEMBER = "merchant"


def member_expelled(scene: Scene, load: Load) -> None:
    """The merchant, by the council, while its orders are delivered and settled."""
    served, ledger = scene.served, scene.served.ledger
    with read(ledger.engine) as connection:
        member = member_named(connection, MEMBER)
    placed = {"number": f"AFTER-{int(time.time())}", "amount_fen": 10_000, "rule": scene.rule, "carrier": "carrier"}
    wish = act(ledger.deployment, "Members", "expel", member.member, "It sold what it did not have.")
    agree(ledger, [wish], "It sold what it did not have")
    block = _executed_in(scene)
    scene.note("expelled_in", block)
    message = {
        "from": member.account,
        "to": ledger.deployment.address("Escrow"),
        "data": encode_call("Escrow", "place", ([(placed["number"], 10_000, scene.rule, _carrier(scene))],)),
    }
    scene.expect(_refusal(scene, message, block - 1) is None, "it could not place an order in the block before")
    refusal = _refusal(scene, message, block)
    scene.expect(refusal is not None, "it can still place an order in the block that expelled it")
    scene.note("refused_with", refusal)
    answer = served.http.post("/orders", json=placed, headers=served.headers(MEMBER))
    scene.expect(400 <= answer.status_code < 500, f"the API took an order of the expelled: {answer.status_code}")
    scene.note("api_says", answer.status_code)
    time.sleep(8)  # its parcels that are under way still arrive
    before = len(load.counts.orders)
    scene.expect(before > 0, "no order was under way")
    withdrawn = served.suyuan("withdraw", "--as", MEMBER, "--all", "--reference", "last")
    scene.note("withdrawn_in", withdrawn.get("block"))
    scene.expect(bool(withdrawn.get("block")), f"it could not withdraw: {withdrawn}")


def _executed_in(scene: Scene) -> int:
    with read(scene.served.ledger.engine) as connection:
        last = select(func.max(outbox.c.block)).where(outbox.c.contract == "Council", outbox.c.function == "execute")
        return int(connection.execute(last).scalar_one())


def _carrier(scene: Scene) -> int:
    with read(scene.served.ledger.engine) as connection:
        return member_named(connection, "carrier").member


def _refusal(scene: Scene, message: dict[str, str], block: int) -> str | None:
    """What the contract says to a call on the state behind this block; None when it does not refuse."""
    try:
        scene.served.ledger.client.request("eth_call", message, hex(block))
    except (Reverted, NodeRefused) as refusal:
        return str(refusal.values.get("error") or refusal)
    return None
