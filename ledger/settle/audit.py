"""Is every fen where it should be? supply = escrow + available + in transit, in the rows and on the chain alike."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from ledger.context import Ledger
from ledger.errors import NotFound, Unavailable
from ledger.store.database import read
from ledger.store.schema import entry


@dataclass(frozen=True)
class Audit:
    """Fen by place, from the rows. `faults` are sentences; empty when all is well. `chain_checked`: the node answered."""

    supply_fen: int
    escrow_fen: int
    available_fen: int
    in_transit_fen: int
    chain_checked: bool
    faults: tuple[str, ...]


def audit(ledger: Ledger) -> Audit:
    """Adds up the double entries; where the node answers, compares with what the contract holds."""
    with read(ledger.engine) as connection:
        sums = {
            row.account: int(row.fen)
            for row in connection.execute(
                select(entry.c.account, func.sum(entry.c.amount_fen).label("fen")).group_by(entry.c.account)
            )
        }
        negative = connection.execute(
            select(entry.c.account, entry.c.member, func.sum(entry.c.amount_fen).label("fen"))
            .where(entry.c.account != "bank")
            .group_by(entry.c.account, entry.c.member)
            .having(func.sum(entry.c.amount_fen) < 0)
        ).all()
    supply, held = -sums.get("bank", 0), {name: sums.get(name, 0) for name in ("escrow", "available", "in_transit")}
    faults = [f"The account {row.account} of member {row.member} stands at {row.fen} fen." for row in negative]
    if supply != sum(held.values()):
        faults.append(f"The supply is {supply} fen, and its parts add up to {sum(held.values())}.")
    on_chain = _on_chain(ledger)
    if on_chain is not None and on_chain != (supply, held["escrow"]):
        faults.append(
            f"The chain holds a supply of {on_chain[0]} fen with {on_chain[1]} in escrow; the rows say {supply} and {held['escrow']}."
        )
    return Audit(supply, held["escrow"], held["available"], held["in_transit"], on_chain is not None, tuple(faults))


def _on_chain(ledger: Ledger) -> tuple[int, int] | None:
    try:
        call = ledger.client.by_quorum().call  # one node's word is not enough about money
        return call(ledger.deployment, "Credit", "supplyFen"), call(ledger.deployment, "Credit", "escrowedFen")
    except (Unavailable, NotFound):
        return None
