"""A market in one process for a sale that is told twice: once order by order, once by the batch.

Everything goes through the functions of the commands; the ledger's own sender brings it onto an embedded chain, and the
indexer makes the rows.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Connection, func, select

from ledger.chain import outbox
from ledger.chain.profiles import EMBEDDED
from ledger.chain.sender import Sender
from ledger.chain.signer_client import SignerClient, SigningRequest
from ledger.chain.typed_data import hash_legs, rule_version_message, sign_message
from ledger.context import Ledger
from ledger.errors import SuyuanError
from ledger.index.ours import our_indexer
from ledger.settle.acting import Acting, member_named
from ledger.settle.audit import Audit, audit
from ledger.settle.split import Leg, LegKind, pack_legs
from ledger.store.database import open_engine, read, write
from ledger.store.documents import Documents
from ledger.store.migrate import ensure_schema
from ledger.store.schema import debt, entry

sys.path.append(str(Path(__file__).parents[1] / "index"))
from index_world import CHAIN_ID, KEYS, NUMBERS, Chain, a_chain  # the chain of the index's tests

__all__ = ["NUMBERS", "Market", "a_market", "now"]

RULE = [
    Leg(NUMBERS["platform"], LegKind.FIXED, 30),
    Leg(NUMBERS["creator"], LegKind.SHARE, 1_200, 2_000),
    Leg(NUMBERS["farm"], LegKind.SHARE, 500, 0, 20),
    Leg(NUMBERS["merchant"], LegKind.RESIDUAL),
]


class _Keys(SignerClient):
    """Signs with the keys of this test."""

    def __init__(self) -> None:
        super().__init__("", "")
        self._keys = {key.address: key for key in KEYS.values()}

    def sign_many(self, requests: Sequence[SigningRequest]) -> list[bytes | SuyuanError]:
        signed = (self._keys[each.account].sign_transaction(each.transaction) for each in requests)
        return [bytes(each.raw_transaction) for each in signed]


class Market:
    """`do` has one member act, and comes back when the rows tell of it."""

    def __init__(self, chain: Chain, folder: Path) -> None:
        self.chain, self.documents = chain, Documents(folder / "documents")
        self.engine = open_engine(f"sqlite:///{folder / 'ledger.sqlite'}", durable=False)
        ensure_schema(self.engine)
        self._sender = Sender(self.engine, chain.client, _Keys(), EMBEDDED, CHAIN_ID)
        self._indexer = our_indexer(self.engine, chain.client, chain.deployment, self.documents)

    def do(self, member: str, act: Callable[[Connection, Acting], Any]) -> Any:
        """What the act gave; its `outbox_ids`, or its `id`, are final and indexed."""
        with write(self.engine) as connection:
            done = act(connection, Acting(member_named(connection, member), None))
        ids = done.outbox_ids if hasattr(done, "outbox_ids") else (done.id,)
        while True:
            self._sender.step()
            with read(self.engine) as connection:
                rows = outbox.rows_by_id(connection, ids)
            if all(row.state in outbox.CLOSED for row in rows):
                break
        outbox.require_final(rows)
        self.index()
        return done

    def index(self) -> None:
        self._indexer.sync()

    def adopt_rule(self) -> None:
        self.chain.act("merchant", "Rules", "propose", 0, [leg.on_chain for leg in RULE], ())
        message = rule_version_message(
            self.chain.deployment,
            merchant=NUMBERS["merchant"],
            rule=1,
            version=1,
            base=0,
            legs_hash=hash_legs(pack_legs(RULE)),
        )
        for name in ("merchant", "creator", "farm", "platform"):
            signature = sign_message(message, bytes(KEYS[name].key))
            self.chain.act("platform", "Rules", "sign", 1, 1, NUMBERS[name], signature)
        self.index()

    def balances(self) -> dict[tuple[str, int | None], int]:
        """Fen by account and member; what a member owes stands under `owed`, what shoppers are due under `due`."""
        with read(self.engine) as connection:
            query = select(entry.c.account, entry.c.member, func.sum(entry.c.amount_fen))
            rows = connection.execute(query.group_by(entry.c.account, entry.c.member)).all()
            query = select(debt.c.member, func.sum(debt.c.owed_fen), func.sum(debt.c.due_fen)).group_by(debt.c.member)
            debts = connection.execute(query).all()
        found = {(str(account), member): int(fen) for account, member, fen in rows}
        found |= {("owed", member): int(owed) for member, owed, _ in debts}
        found["due", None] = sum(int(due) for _, _, due in debts)
        return {name: fen for name, fen in found.items() if fen}

    def audit(self) -> Audit:
        ledger = SimpleNamespace(engine=self.engine, client=self.chain.client, deployment=self.chain.deployment)
        return audit(cast(Ledger, ledger))


@contextmanager
def a_market(folder: Path) -> Iterator[Market]:
    folder.mkdir()
    with a_chain(folder / "chain.sqlite") as chain:
        market = Market(chain, folder)
        market.adopt_rule()
        yield market
        market.engine.dispose()


def now() -> int:
    return int(time.time())
