"""Before a bank is told to pay: what the rows say is in transit, to members and to shoppers, must be in transit on the chain,
by a majority of nodes."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.errors import BrokenEvidence
from ledger.settle.money import amount_text
from ledger.settle.pay_refunds import pool_fen
from ledger.store.schema import member as members
from ledger.store.schema import withdrawal


def check_pay_out(connection: Connection, client: Client, deployment: Deployment) -> None:
    """BrokenEvidence for a member with more in transit in the rows than on the chain, or for more refunded to shoppers: no
    file may pay that.

    Unavailable when the nodes do not answer, or no majority of them agrees: what decides about money is not taken from
    one node. More on the chain than in the rows is a withdrawal that was not indexed yet, and is paid later.
    """
    requested = connection.execute(
        select(withdrawal.c.member, members.c.name, func.sum(withdrawal.c.amount_fen).label("fen"))
        .outerjoin(members, members.c.member == withdrawal.c.member)
        .where(withdrawal.c.state == "requested")
        .group_by(withdrawal.c.member, members.c.name)
        .order_by(withdrawal.c.member)
    ).all()
    by_quorum = client.by_quorum()
    for row in requested:
        on_chain = int(by_quorum.call(deployment, "Credit", "inTransitFen", row.member))
        _require(f"{row.name or f'Member {row.member}'} has", int(row.fen), on_chain)
    if pool := pool_fen(connection):
        _require("Shoppers have", pool, int(by_quorum.call(deployment, "Credit", "toShoppersFen")))


def _require(who_has: str, in_rows: int, on_chain: int) -> None:
    if on_chain < in_rows:
        raise BrokenEvidence(
            f"{who_has} {amount_text(in_rows)} yuan in transit in the rows, and {amount_text(on_chain)} on the chain.",
            hint="Wait for the indexer (`suyuan status`); where it stays so, `suyuan index rebuild`. Nothing was paid.",
            expected=on_chain,
            actual=in_rows,
        )
