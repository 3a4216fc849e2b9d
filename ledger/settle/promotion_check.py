"""A promoted order before it is sent: its price as the contract will reckon it, and whether its campaigns will serve it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from ledger.errors import BadInput
from ledger.settle.campaign_rows import budget_of, campaign_row, rules_of, terms_of
from ledger.settle.money import amount_text
from ledger.settle.order_line import OrderLine
from ledger.settle.price import CampaignKind, CampaignTerms, Price, reckon

MOST_CAMPAIGNS = 8


class PromotionCheck:
    """The campaigns, each looked up once. What new orders of the same file reserve is counted."""

    def __init__(self, connection: Connection, now: int | None) -> None:
        self._connection = connection
        self._now = now
        self._rows: dict[int, Row[Any]] = {}
        self._free_fen: dict[int, int] = {}

    def price(self, line: OrderLine) -> Price:
        """BadInput when the campaigns do not stack so, one would do nothing or does not serve the rule, or the shop says
        that the shopper pays something else."""
        if len(line.campaigns) > MOST_CAMPAIGNS:
            raise BadInput(f"Order {line.number} has more than {MOST_CAMPAIGNS} campaigns.", where=line.where)
        terms = [self._terms(number, line) for number in line.campaigns]
        ranks = [one.rank for one in terms]
        if sorted(set(ranks)) != ranks:
            raise BadInput(
                f"Order {line.number}: its campaigns have the ranks {', '.join(map(str, ranks))}, which do not ascend.",
                where=line.where,
                hint="Name them in ascending rank; two of the same rank do not stack.",
            )
        found = reckon(line.amount_fen, terms)
        for number, one, discount in zip(line.campaigns, terms, found.discounts, strict=True):
            if discount.off_fen == 0 and one.kind is not CampaignKind.COMMISSION:
                raise BadInput(
                    f"Order {line.number}: campaign {number} takes nothing off {amount_text(discount.price_fen)} yuan.",
                    where=line.where,
                    hint="Leave it out.",
                )
        if line.said_fen not in (None, found.shopper_fen):
            raise BadInput(
                f"Order {line.number}: the shopper pays {amount_text(found.shopper_fen)} yuan of "
                f"{amount_text(line.amount_fen)} under its campaigns, not {amount_text(line.said_fen)}.",
                where=line.where,
                hint="The price follows from the list price and the campaigns; nobody types another.",
            )
        return found

    def reserve(self, line: OrderLine) -> None:
        """BadInput when a campaign does not run now, or has less than the order needs."""
        for number, discount in zip(line.campaigns, self.price(line).discounts, strict=True):
            row = self._row(number, line)
            if self._now is not None and not row.starts <= self._now < row.ends:
                raise BadInput(f"Order {line.number}: campaign {number} does not run now.", where=line.where)
            free = self._free_fen.setdefault(number, budget_of(self._connection, number).free_fen)
            needed = discount.sponsor_fen + discount.commission_fen
            if needed > free:
                raise BadInput(
                    f"Order {line.number}: campaign {number} has {amount_text(free)} yuan left, and {amount_text(needed)} "
                    "are needed.",
                    where=line.where,
                    hint="Place it without the campaign, or ask its sponsor.",
                )
            self._free_fen[number] = free - needed

    def _terms(self, number: int, line: OrderLine) -> CampaignTerms:
        row = self._row(number, line)
        rules = rules_of(row)
        if rules and line.rule not in rules:
            raise BadInput(f"Order {line.number}: campaign {number} does not serve rule {line.rule}.", where=line.where)
        return terms_of(row)

    def _row(self, number: int, line: OrderLine) -> Row[Any]:
        if number not in self._rows:
            self._rows[number] = campaign_row(self._connection, number, where=line.where)
        return self._rows[number]
