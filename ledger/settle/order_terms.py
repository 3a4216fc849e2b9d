"""What an order stands for on chain: its terms, checked against the merchant's rules and the carriers as the rows have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.chain.roles import Role
from ledger.errors import BadInput, Conflict, SuyuanError
from ledger.settle.acting import member_named
from ledger.settle.money import amount_text
from ledger.settle.order_line import OrderLine, check_amount, check_number
from ledger.settle.promotion_check import PromotionCheck
from ledger.settle.rule_rows import legs_of, merchant_of, version_in_force
from ledger.settle.split import minimum_fen


@dataclass(frozen=True)
class Terms:
    """What an order number stands for."""

    amount_fen: int  # that is split
    rule: int
    carrier: int
    list_fen: int | None = None  # of a promoted order
    campaigns: tuple[int, ...] = ()

    def __str__(self) -> str:
        plain = f"{amount_text(self.amount_fen)} yuan, rule {self.rule}, carrier {self.carrier}"
        if self.list_fen is None:
            return plain
        return f"{plain}, list price {amount_text(self.list_fen)}, campaigns {', '.join(map(str, self.campaigns))}"


class TermsCheck:
    """The merchant's rules and the carriers, each looked up once."""

    def __init__(
        self, connection: Connection, merchant: int, *, now: int | None = None, in_batches: bool = False
    ) -> None:
        """`now`: without it, whether campaigns run is left to the contract. `in_batches`: campaigns serve no order there."""
        self._in_batches = in_batches
        self._connection = connection
        self._promotions = PromotionCheck(connection, now)
        self._merchant = merchant
        self._minimums: dict[int, int] = {}
        self._carriers: dict[str, int] = {}

    def __call__(self, line: OrderLine) -> Terms:
        """The terms on chain; BadInput when the chain would not take them."""
        check_number(line.number, where=line.where)
        check_amount(line.number, line.amount_fen, where=line.where)
        if line.campaigns and self._in_batches:
            raise BadInput(
                f"Order {line.number} has campaigns, which serve no orders in batches.",
                where=line.where,
                hint="Place it on its own (`suyuan orders import`).",
            )
        minimum = self._minimum_fen(line)
        amount_fen = self._promotions.price(line).amount_fen if line.campaigns else line.amount_fen
        if amount_fen < minimum:
            raise BadInput(
                f"Order {line.number} is of {amount_text(amount_fen)} yuan, less than the fixed legs and floors of rule "
                f"{line.rule}, which take {amount_text(minimum)}.",
                where=line.where,
                hint="Place it under a rule with smaller fixed legs and floors.",
            )
        list_fen = line.amount_fen if line.campaigns else None
        return Terms(amount_fen, line.rule, self._carrier(line), list_fen, line.campaigns)

    def take(self, line: OrderLine) -> None:
        """A new order reserves what its campaigns give it. BadInput when one does not run, or its budget is exhausted."""
        if line.campaigns:
            self._promotions.reserve(line)

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


@dataclass(frozen=True)
class SortedOrders:
    """What each line is: new, with its terms by number; standing already with the same terms; or refused, and why."""

    fresh: dict[str, Terms]
    repeated: tuple[str, ...]
    refused: tuple[SuyuanError, ...]


def sort_orders(check: TermsCheck, standing: Mapping[str, Terms], lines: Sequence[OrderLine]) -> SortedOrders:
    """`standing`: the terms of numbers that are used. A number that comes twice stands after its first line; one that
    stands with other terms is a Conflict."""
    known = dict(standing)
    fresh: dict[str, Terms] = {}
    repeated: list[str] = []
    refused: list[SuyuanError] = []
    for line in lines:
        try:
            terms = check(line)
            before = known.get(line.number)
            if before is None:
                check.take(line)
        except SuyuanError as fault:
            refused.append(fault)
            continue
        if before is None:
            fresh[line.number] = known[line.number] = terms
        elif before == terms:
            repeated.append(line.number)
        else:
            refused.append(_used_otherwise(line, before, terms))
    return SortedOrders(fresh, tuple(repeated), tuple(refused))


def _used_otherwise(line: OrderLine, before: Terms, terms: Terms) -> Conflict:
    return Conflict(
        f"The order number {line.number} was used before with other content: {before}; now: {terms}.",
        where=line.where,
        hint="Give the new order a number of its own.",
        number=line.number,
    )
