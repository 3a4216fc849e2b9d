"""What a bank's file says: statements with balances and entries, each entry with the transactions it sums up.

One shape for the three messages (camt.052 report, camt.053 statement, camt.054 notification) and all their versions.
Amounts are minor units of their own currency (fen for CNY). A disagreement inside a file is told by `balance_gap` and
`details_gap`, not raised.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.settle.money import amount_text

Direction = Literal["credit", "debit"]


@dataclass(frozen=True)
class Amount:
    """Minor units of a currency, never negative; a direction beside it says which way."""

    minor: int
    currency: str

    def __str__(self) -> str:
        return f"{self.currency} {amount_text(self.minor, self.currency)}"


@dataclass(frozen=True)
class Balance:
    """`code` OPBD, CLBD, ... or the bank's own. `signed` is negative for an overdrawn account."""

    code: str
    signed: int
    currency: str
    day: date | None


@dataclass(frozen=True)
class Batch:
    """The payer's own names for a file of payments that the bank booked as one sum."""

    message_id: str | None
    payment_information_id: str | None
    count: int | None


@dataclass(frozen=True)
class Transaction:
    """One payment inside an entry. `amount` is None when the bank gave only the entry's."""

    end_to_end_id: str | None
    instruction_id: str | None
    message_id: str | None
    payment_information_id: str | None
    bank_reference: str | None
    amount: Amount | None
    direction: Direction | None
    remittance: tuple[str, ...]
    counterparty: str | None
    counterparty_account: str | None
    debtor: str | None
    debtor_account: str | None
    debtor_bank_code: str | None  # of its bank in its clearing system, such as CNAPS
    return_reason: str | None
    where: str


@dataclass(frozen=True)
class Entry:
    """One booking. `status` is BOOK, PDNG, INFO, FUTR or the bank's own; only BOOK moved money."""

    amount: Amount
    direction: Direction
    reversal: bool
    status: str
    booked_on: date | None
    valued_on: date | None
    reference: str | None
    bank_reference: str | None
    batches: tuple[Batch, ...]
    transactions: tuple[Transaction, ...]
    information: str | None
    where: str

    @property
    def booked(self) -> bool:
        return self.status == "BOOK"

    @property
    def signed(self) -> int:
        return self.amount.minor if self.direction == "credit" else -self.amount.minor

    @property
    def details_gap(self) -> int | None:
        """Entry minus the sum of its transactions, in minor units; None where the file does not let us compare."""
        amounts = [transaction.amount for transaction in self.transactions]
        if not amounts or any(amount is None or amount.currency != self.amount.currency for amount in amounts):
            return None
        total = 0
        for transaction in self.transactions:
            if transaction.amount is not None:
                same_way = transaction.direction in (None, self.direction)
                total += transaction.amount.minor if same_way else -transaction.amount.minor
        return self.amount.minor - total


@dataclass(frozen=True)
class Statement:
    """One account over one period. `created` is when it was made, `until` the end of its period, or else that: ISO 8601."""

    id: str
    account: str
    owner: str | None
    created: str
    until: str
    balances: tuple[Balance, ...]
    entries: tuple[Entry, ...]
    where: str

    def balance(self, *codes: str) -> Balance | None:
        """The first balance with one of these codes, in the order of the codes."""
        return next((balance for code in codes for balance in self.balances if balance.code == code), None)

    @property
    def balance_gap(self) -> int | None:
        """Closing minus (opening plus booked entries): 0 when it adds up; None where the file does not let us check."""
        opening, closing = self.balance("OPBD", "PRCD"), self.balance("CLBD")
        if opening is None or closing is None or opening.currency != closing.currency:
            return None
        booked = [entry for entry in self.entries if entry.booked]
        if any(entry.amount.currency != opening.currency for entry in booked):
            return None
        return closing.signed - opening.signed - sum(entry.signed for entry in booked)


@dataclass(frozen=True)
class BankFile:
    """A message of the bank. `kind` is camt.052, camt.053 or camt.054; `version` its last number (8 for 001.08)."""

    kind: str
    version: int
    message_id: str
    created: str
    statements: tuple[Statement, ...]
