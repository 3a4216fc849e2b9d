"""What comparing the ledger's payments with a bank's statements gives: matches, and differences as data.

Amounts are fen. A gap is what left the account according to the bank, minus what should have left it according to the
ledger: -1 when the bank paid a fen short, minus the whole amount when it paid nothing, negative for money that came in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ledger.settle.bank.statement import Amount, Direction
from ledger.settle.money import CNY, amount_text

DifferenceKind = Literal[
    "missing_in_bank",  # a payment that no line of the statement shows
    "pending_in_bank",  # shown, and not booked yet
    "amount_differs",
    "currency_differs",
    "wrong_direction",  # our payment's id on a line that brings money in
    "duplicate_in_bank",  # paid more than once
    "returned",  # the bank sent it back
    "unknown_in_ledger",  # a line that is no payment of ours: a fee, interest, a buyer's payment
    "balance_differs",  # the statement does not add up, and no difference above explains it
    "details_differ",  # an entry is not the sum of its details, and no difference above explains it
]


@dataclass(frozen=True)
class ExpectedPayment:
    """A payment that was handed to the bank: of a withdrawal by its number, or of a refund by its order's id and number.

    `booked_as` is the bank's reference once the ledger has booked it; `returned` is true once it has given it back;
    `closed_at` is when (seconds since the Unix epoch).
    """

    end_to_end_id: str
    withdrawal: int | None
    payee: str
    amount_fen: int
    message_id: str  # of the payment file that named it
    file_created_at: int  # seconds since the Unix epoch
    booked_as: str | None = None
    returned: bool = False
    closed_at: int | None = None
    refund: tuple[str, int] | None = None

    @property
    def closed(self) -> bool:
        return self.booked_as is not None or self.returned

    def __str__(self) -> str:
        what = (
            f"withdrawal {self.withdrawal} of {self.payee}"
            if self.refund is None
            else f"refund {self.refund[1]} to {self.payee}"
        )
        return f"{what} ({self.end_to_end_id}, {amount_text(self.amount_fen)} yuan)"


@dataclass(frozen=True)
class BankLine:
    """One payment as the bank tells it, or one sum of several (`covers`) that is not what the ledger's sum is.

    `own_amount` is what the payment's details say where they contradict the booked `amount`.
    """

    amount: Amount
    own_amount: Amount | None
    direction: Direction
    status: str
    reversal: bool
    references: tuple[str, ...]  # ids by which it may be one of ours, the surest first
    covers: tuple[str, ...]  # end-to-end ids
    booking_reference: str  # the bank's own, else the statement's id
    description: str
    return_reason: str | None
    where: str

    @property
    def booked(self) -> bool:
        return self.status == "BOOK"

    @property
    def out_fen(self) -> int:
        """What left the account, in fen; negative when it came in; 0 while not booked or in another currency."""
        if not self.booked or self.amount.currency != CNY:
            return 0
        return self.amount.minor if self.direction == "debit" else -self.amount.minor

    def __str__(self) -> str:
        way = "out" if self.direction == "debit" else "in"
        return f"{self.amount} {way} at {self.where} ({self.description})"


@dataclass(frozen=True)
class Difference:
    """What does not agree, with both sides and the gap in fen (None when it cannot be told in fen)."""

    kind: DifferenceKind
    sentence: str
    ledger: tuple[ExpectedPayment, ...]
    bank: tuple[BankLine, ...]
    gap_fen: int | None


@dataclass(frozen=True)
class Match:
    """A payment and the line that booked it, to the fen."""

    payment: ExpectedPayment
    line: BankLine

    @property
    def already_booked(self) -> bool:
        return self.payment.booked_as is not None


@dataclass(frozen=True)
class Totals:
    """CNY that left the account by the ledger's due payments and by the bank's lines; the gap is the sum of gaps."""

    ledger_fen: int
    bank_fen: int

    @property
    def gap_fen(self) -> int:
        return self.bank_fen - self.ledger_fen


@dataclass(frozen=True)
class Reconciliation:
    """Every line and every due payment is in a match or a difference. `remarks` are sentences that explain more.

    `not_due` are payments whose file is younger than the statements and of which no line speaks.
    """

    matched: tuple[Match, ...]
    differences: tuple[Difference, ...]
    not_due: tuple[ExpectedPayment, ...]
    totals: Totals
    remarks: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.differences
