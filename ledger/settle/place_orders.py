"""Placing a merchant's orders: each checked against the rows, those that are new queued in batches.

The merchant's own order number makes it idempotent: the same terms again change nothing, other terms are a Conflict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, queue
from ledger.chain.roles import Role
from ledger.errors import BadInput, Conflict, SuyuanError
from ledger.settle.acting import Acting, member_named, require_role
from ledger.settle.batches import PLACE_GAS, batch_gas, content_key, in_batches
from ledger.settle.faults import raise_faults
from ledger.settle.money import amount_text
from ledger.settle.order_id import order_id
from ledger.settle.order_line import OrderLine, check_amount, check_number
from ledger.settle.orders_csv import Behaviour
from ledger.settle.rule_rows import legs_of, merchant_of, version_in_force
from ledger.settle.split import minimum_fen
from ledger.settle.under_way import calls_under_way
from ledger.store.schema import order as orders


@dataclass(frozen=True)
class Terms:
    """What an order number stands for."""

    amount_fen: int
    rule: int
    carrier: int

    def __str__(self) -> str:
        return f"{amount_text(self.amount_fen)} yuan, rule {self.rule}, carrier {self.carrier}"


@dataclass(frozen=True)
class PlacedOrders:
    """What became of each order, by number. `outbox_ids` are the transactions that carry the new ones."""

    new: tuple[str, ...]
    repeated: tuple[str, ...]
    refused: tuple[SuyuanError, ...]
    outbox_ids: tuple[int, ...]


def place_orders(
    connection: Connection,
    deployment: Deployment,
    acting: Acting,
    lines: Sequence[OrderLine],
    *,
    now: int,
    behaviour: Behaviour = "rollback",
) -> PlacedOrders:
    """Queues the orders that are new, in the caller's write transaction.

    NotAllowed when the member is no merchant. An order that cannot be (BadInput), or whose number stands with other
    terms (Conflict), refuses all, unless `behaviour` is "proceed": then it is listed and the others are placed.
    """
    require_role(acting, Role.MERCHANT, "place orders")
    rules = _Rules(connection, acting.member.member)
    standing = _standing(connection, acting, lines)
    fresh: dict[str, Terms] = {}
    repeated: list[str] = []
    refused: list[SuyuanError] = []
    for line in lines:
        try:
            terms = rules.check(line)
            before = standing.get(line.number)
            if before is None:
                fresh[line.number] = standing[line.number] = terms
            elif before == terms:
                repeated.append(line.number)
            else:
                raise Conflict(
                    f"The order number {line.number} was used before with other content: {before}; now: {terms}.",
                    where=line.where,
                    hint="Give the new order a number of its own.",
                    number=line.number,
                )
        except SuyuanError as fault:
            refused.append(fault)
    if refused and behaviour == "rollback":
        raise_faults(refused, "orders", "no order was placed")
    ids = [_queue(connection, deployment, acting, batch, now) for batch in in_batches(list(fresh.items()), PLACE_GAS)]
    return PlacedOrders(tuple(fresh), tuple(repeated), tuple(refused), tuple(ids))


def _queue(
    connection: Connection, deployment: Deployment, acting: Acting, batch: Sequence[tuple[str, Terms]], now: int
) -> int:
    args = [(number, terms.amount_fen, terms.rule, terms.carrier) for number, terms in batch]
    key = content_key("place", acting.member.member, args)
    intent = Intent(key, acting.account, "Escrow", "place", (args,), acting.authority, batch_gas(PLACE_GAS, len(batch)))
    return queue(connection, deployment, intent, now).id


def _standing(connection: Connection, acting: Acting, lines: Sequence[OrderLine]) -> dict[str, Terms]:
    """Those of the numbers that are used already: on chain, or under way from here."""
    merchant = acting.member.member
    numbers = {order_id(merchant, line.number): line.number for line in lines}
    ids = list(numbers)
    found: dict[str, Terms] = {}
    for start in range(0, len(ids), 500):
        query = select(orders).where(orders.c.order_id.in_(ids[start : start + 500]))
        for row in connection.execute(query):
            found[numbers[row.order_id]] = Terms(row.amount_fen, row.rule, row.carrier)
    for call in calls_under_way(connection, "Escrow", ["place"], member=acting.member.member):
        for terms in call.args["terms"]:
            found.setdefault(terms["number"], Terms(terms["amountFen"], terms["rule"], terms["carrier"]))
    return found


class _Rules:
    """The merchant's rules and the carriers, each looked up once."""

    def __init__(self, connection: Connection, merchant: int) -> None:
        self._connection = connection
        self._merchant = merchant
        self._minimums: dict[int, int] = {}
        self._carriers: dict[str, int] = {}

    def check(self, line: OrderLine) -> Terms:
        """The terms on chain; BadInput when the chain would not take them."""
        check_number(line.number, where=line.where)
        check_amount(line.number, line.amount_fen, where=line.where)
        minimum = self._minimum_fen(line)
        if line.amount_fen < minimum:
            raise BadInput(
                f"Order {line.number} is of {amount_text(line.amount_fen)} yuan, less than the fixed legs of rule "
                f"{line.rule}, which take {amount_text(minimum)}.",
                where=line.where,
                hint="Place it under a rule with smaller fixed legs.",
            )
        return Terms(line.amount_fen, line.rule, self._carrier(line))

    def _minimum_fen(self, line: OrderLine) -> int:
        if line.rule not in self._minimums:
            if merchant_of(self._connection, line.rule, where=line.where) != self._merchant:
                raise BadInput(f"Rule {line.rule} is another merchant's.", where=line.where, hint="Use one of yours.")
            version = version_in_force(self._connection, line.rule)
            if version is None:
                raise BadInput(
                    f"Rule {line.rule} is not in force: signatures are missing.",
                    where=line.where,
                    hint="Have every payee sign it (`suyuan rule sign`).",
                )
            self._minimums[line.rule] = minimum_fen(legs_of(self._connection, line.rule, version.version))
        return self._minimums[line.rule]

    def _carrier(self, line: OrderLine) -> int:
        if line.carrier not in self._carriers:
            row = member_named(self._connection, line.carrier, where=line.where)
            if not row.active or not Role(row.roles) & Role.CARRIER:
                raise BadInput(
                    f"{row.name} ({line.carrier}) is no active carrier.", where=line.where, hint="See `suyuan members`."
                )
            self._carriers[line.carrier] = row.member
        return self._carriers[line.carrier]
