"""An order as a shop hands it in, and what any order must be before it is looked up anywhere. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.errors import BadInput
from ledger.settle.money import ORDER_CAP_FEN, amount_text

MOST_NUMBER = 64  # characters of an order number


@dataclass(frozen=True)
class OrderLine:
    """An order to be placed. `carrier` is a member's slug; `where` is the line that it comes from."""

    number: str
    amount_fen: int
    rule: int
    carrier: str
    where: str | None = None
    campaigns: tuple[int, ...] = ()
    """In stacking order; then `amount_fen` is the list price, from which the contract reckons what the shopper pays."""
    said_fen: int | None = None
    """What of a promoted order the shop says that the shopper pays: looked at, never taken."""

    @property
    def terms(self) -> tuple[str, int, int, str, tuple[int, ...]]:
        """Its content: the same terms are the same order."""
        return self.number, self.amount_fen, self.rule, self.carrier, self.campaigns


def check_amount(number: str, amount_fen: int, *, where: str | None = None) -> None:
    """BadInput unless an order may be of this many fen: 1 to 9e14."""
    if amount_fen == 0:
        raise BadInput(
            f"Order {number} is of 0.00 yuan; an order is of at least 0.01.", where=where, hint="Leave it out."
        )
    if amount_fen < 0:
        raise BadInput(f"Order {number} is of {amount_text(amount_fen)} yuan: it is negative.", where=where)
    if amount_fen > ORDER_CAP_FEN:
        most = amount_text(ORDER_CAP_FEN)
        raise BadInput(f"Order {number} is of {amount_text(amount_fen)} yuan, more than {most}.", where=where)


def check_number(number: str, *, where: str | None = None) -> None:
    """BadInput unless it is a number that people and chain can carry: 1 to 64 printable characters."""
    if not number:
        raise BadInput(
            "An order has no number.", where=where, hint="Give each order the number that your shop gave it."
        )
    if len(number) > MOST_NUMBER:
        raise BadInput(
            f"The order number {number[:20]}… has {len(number)} characters, at most {MOST_NUMBER}.", where=where
        )
    if not number.isprintable() or number != number.strip():
        raise BadInput(f"The order number {number!r} holds characters that cannot be printed.", where=where)
