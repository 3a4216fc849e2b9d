"""Builders for bank files: the four payouts that every fixture in `files` speaks of."""

from __future__ import annotations

from pathlib import Path

from ledger.settle.bank.payment_file import BankAccount, Payout
from ledger.settle.bank.read_statement import read_statement
from ledger.settle.bank.statement import BankFile
from ledger.settle.reconcile import reconcile
from ledger.settle.reconciliation import ExpectedPayment, Reconciliation

FILES = Path(__file__).parent / "files"
CREATED_AT = 1_776_679_200  # 2026-04-20T18:00:00+08:00
DEBTOR = BankAccount("溯源结算专户", "110060149012345678", "301290000007")
PAYEES = {
    1: ("绿叶农业合作社", 10_000),
    2: ("承运人 快冷物流", 1_234),
    3: ("主播 小溪", 1),
    4: ("Plateforme Suyuan & Fils", 25_000_000),
}
MESSAGE_ID = "SUYUAN-3A54BDC953912CE26935B33A"


def the_payouts() -> list[Payout]:
    return [
        Payout(number, fen, BankAccount(name, f"62170012345678900{number}", "102100099996"))
        for number, (name, fen) in PAYEES.items()
    ]


def a_payment(withdrawal: int = 1, *, amount_fen: int | None = None, booked_as: str | None = None) -> ExpectedPayment:
    name, fen = PAYEES[withdrawal]
    return ExpectedPayment(
        end_to_end_id=f"SUYUAN-W{withdrawal}",
        withdrawal=withdrawal,
        payee=name,
        amount_fen=fen if amount_fen is None else amount_fen,
        message_id=MESSAGE_ID,
        file_created_at=CREATED_AT,
        booked_as=booked_as,
    )


def the_payments() -> list[ExpectedPayment]:
    return [a_payment(number) for number in PAYEES]


def a_file(name: str) -> bytes:
    return (FILES / name).read_bytes()


def read(name: str) -> BankFile:
    return read_statement(a_file(name), source=name)


def reconciled(name: str, payments: list[ExpectedPayment] | None = None) -> Reconciliation:
    return reconcile(the_payments() if payments is None else payments, read(name).statements)
