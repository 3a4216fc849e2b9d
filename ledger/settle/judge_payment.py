"""One payment and the bank lines that name it: booked as it should be, or what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.settle.money import CNY, amount_text
from ledger.settle.reconciliation import BankLine, Difference, DifferenceKind, ExpectedPayment, Match


def judge(
    payment: ExpectedPayment, lines: Sequence[BankLine], *, due: bool, made_at: int = 0
) -> tuple[Match | None, list[Difference]]:
    """The match that lets the payment be booked, if there is one, and the differences.

    A payment that was booked or returned earlier is expected once more only where the same lines appear; a returned one
    only in statements of before. `made_at` is when these were made, in seconds since the Unix epoch.
    """
    booked = [line for line in lines if line.booked]
    paid = [line for line in booked if line.direction == "debit" and not line.reversal]
    others = [line for line in booked if line not in paid]
    if any(_is_return(line, paid, payment) for line in others):
        return None, [_returned(payment, paid, others)]
    if others:
        return None, [_wrong_direction(payment, [*paid, *others])]
    if not paid:
        return None, [] if payment.closed else _not_paid(payment, lines, due=due)
    if _given_back(payment, made_at):
        return None, [_paid_after_return(payment, line) for line in paid]
    first = _first(payment, paid)
    extra = [_duplicate(payment, line, first) for line in paid if line is not first]
    if first is None:
        return None, extra
    wrong = _compare(payment, first)
    return (None, [wrong, *extra]) if wrong else (Match(payment, first), extra)


def expected_fen(payment: ExpectedPayment, lines: Sequence[BankLine], *, due: bool, made_at: int = 0) -> int:
    """What the ledger expects to have left the account for this payment within these lines."""
    if _given_back(payment, made_at) and all(line.direction == "debit" and not line.reversal for line in lines):
        return 0
    if payment.booked_as is None:
        return payment.amount_fen if lines or (due and not payment.closed) else 0
    paid = [line for line in lines if line.booked and line.direction == "debit" and not line.reversal]
    return payment.amount_fen if _first(payment, paid) is not None else 0


def _first(payment: ExpectedPayment, paid: Sequence[BankLine]) -> BankLine | None:
    """The line that books it: the one it was booked as; otherwise one with the right amount, otherwise any."""
    if payment.booked_as is not None:
        return next((line for line in paid if line.booking_reference == payment.booked_as), None)
    exact = (line for line in paid if line.amount.currency == CNY and line.amount.minor == payment.amount_fen)
    return next(exact, paid[0] if paid else None)


def _given_back(payment: ExpectedPayment, made_at: int) -> bool:
    """Whether the payee had its credit back when the statements were made: nothing was owed any more."""
    return payment.returned and (payment.closed_at or 0) < made_at


def _is_return(line: BankLine, paid: Sequence[BankLine], payment: ExpectedPayment) -> bool:
    """Money of ours that came back: the bank says so, or it was seen to leave before."""
    known = line.reversal or line.return_reason is not None or bool(paid) or payment.closed
    return line.direction == "credit" and known


def _compare(payment: ExpectedPayment, line: BankLine) -> Difference | None:
    if line.amount.currency != CNY:
        what = f"{_name(payment)} was paid as {line.amount}, not in {CNY}"
        return _difference("currency_differs", what, payment, [line], -payment.amount_fen)
    said = next((a for a in (line.amount, line.own_amount) if a and a.minor != payment.amount_fen), None)
    if said is None:
        return None
    gap = said.minor - payment.amount_fen
    way = "less" if gap < 0 else "more"
    what = f"{_name(payment)} was paid as {amount_text(said.minor)} yuan, {amount_text(abs(gap))} {way}"
    if line.own_amount is not None:
        what += f"; the bank contradicts itself: its entry says {line.amount}, its details {line.own_amount}"
    return _difference("amount_differs", what, payment, [line], gap)


def _not_paid(payment: ExpectedPayment, lines: Sequence[BankLine], *, due: bool) -> list[Difference]:
    if lines:
        what = f"{_name(payment)} is in the statement with status {lines[0].status}, not booked"
        return [_difference("pending_in_bank", what, payment, lines, -payment.amount_fen)]
    if not due:
        return []
    what = f"{_name(payment)} is not in the statement"
    return [_difference("missing_in_bank", what, payment, [], -payment.amount_fen)]


def _duplicate(payment: ExpectedPayment, line: BankLine, first: BankLine | None) -> Difference:
    before = f"as {payment.booked_as}" if first is None else f"at {first.where}"
    what = f"{_name(payment)} was paid again at {line.where}: it was paid before {before}"
    bank = [line] if first is None else [first, line]
    return _difference("duplicate_in_bank", what, payment, bank, line.out_fen if line.amount.currency == CNY else None)


def _paid_after_return(payment: ExpectedPayment, line: BankLine) -> Difference:
    what = f"{_name(payment)} was paid at {line.where}, and its payee has the credit back since it was returned"
    return _difference(
        "duplicate_in_bank", what, payment, [line], line.out_fen if line.amount.currency == CNY else None
    )


def _returned(payment: ExpectedPayment, paid: Sequence[BankLine], others: Sequence[BankLine]) -> Difference:
    bank = [*paid, *others]
    reason = next((line.return_reason for line in others if line.return_reason), "no reason given")
    what = f"{_name(payment)} came back: {reason}"
    if payment.booked_as is not None:
        what += f"; it was booked before as {payment.booked_as}"
    gap = sum(line.out_fen for line in bank) - expected_fen(payment, bank, due=True)
    return _difference("returned", what, payment, bank, gap)


def _wrong_direction(payment: ExpectedPayment, bank: Sequence[BankLine]) -> Difference:
    what = f"{_name(payment)} stands on a line that brings money in"
    gap = sum(line.out_fen for line in bank) - expected_fen(payment, bank, due=True)
    return _difference("wrong_direction", what, payment, bank, gap)


def _difference(
    kind: DifferenceKind, what: str, payment: ExpectedPayment, bank: Sequence[BankLine], gap_fen: int | None
) -> Difference:
    return Difference(kind, f"{what}.", (payment,), tuple(bank), gap_fen)


def _name(payment: ExpectedPayment) -> str:
    text = str(payment)
    return text[0].upper() + text[1:]
