"""After the sale: each payee's statement, its withdrawal, the bank's payment file and statement, and the reconciliation."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from index_world import Chain
from sqlalchemy import Engine, func, select

from ledger.config import AccountRule
from ledger.errors import BrokenEvidence
from ledger.settle.acting import Acting, member_named, member_numbered
from ledger.settle.balances import balances_of
from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.bank.read_statement import read_statement
from ledger.settle.bank.stand_in_bank import StandInBank
from ledger.settle.bank_accounts import account_to_pay_from, keep_unsigned
from ledger.settle.book_reconciled import book_reconciled
from ledger.settle.check_pay_out import check_pay_out
from ledger.settle.party_statement import day_of, party_statement
from ledger.settle.pay_out import expected_payments, pay_out
from ledger.settle.reconcile import reconcile
from ledger.settle.withdraw import available_to_withdraw, withdraw
from ledger.store.database import read, write
from ledger.store.documents import Documents
from ledger.store.schema import entry
from scripts.bench.livestream_market import BANK
from scripts.bench.livestream_sale import Sale

A_BANK = "102100099996"

UNSIGNED = AccountRule(0, 0)  # the sale is no place to find out who may name accounts


@dataclass(frozen=True)
class Reconciled:
    """Statements with their lines; payments that the bank's file matched, and differences."""

    statements: int
    statement_lines: int
    payments: int
    differences: int


def pay_everybody(sale: Sale, engine: Engine, chain: Chain, documents: Documents) -> Reconciled:
    """BrokenEvidence when a statement does not come to what the payee has, or the bank's file does not agree."""
    payees = _payees(engine)
    _withdraw_all(sale, engine, chain, payees)
    with read(engine) as connection:
        check_pay_out(connection, chain.client, chain.deployment)
    with write(engine) as connection:
        bank = member_named(connection, BANK)
        now = int(time.time())
        file = pay_out(connection, chain.deployment, documents, UNSIGNED, bank=bank.member, now=now).data or b""
    answer = read_statement(StandInBank().execute(file), source="camt.053").statements
    with read(engine) as connection:
        account = account_to_pay_from(connection, chain.deployment, bank.member, UNSIGNED)
        found = reconcile(expected_payments(connection), answer, account=account.number if account else None)
    with write(engine) as connection:
        booked = book_reconciled(connection, chain.deployment, Acting(bank, None), found, now=int(time.time()))
    sale.settle_outbox(booked.outbox_ids)
    statements = lines = 0
    for member, days in payees.items():
        for day in days:
            with read(engine) as connection:
                statement = party_statement(connection, member, day)
                balance = balances_of(connection, member)
            statements, lines = statements + 1, lines + len(statement.lines)
        if statement.closing_fen != balance.available_fen:
            raise BrokenEvidence(
                f"Member {member} has {balance}, and its statement closes with {statement.closing_fen}."
            )
    return Reconciled(statements, lines, len(found.matched), len(found.differences))


def _payees(engine: Engine) -> dict[int, Sequence[date]]:
    """Members whose credit moved, with the days from the first movement to today."""
    query = select(entry.c.member, func.min(entry.c.at)).where(entry.c.account == "available").group_by(entry.c.member)
    with read(engine) as connection:
        first = {int(member): day_of(at) for member, at in connection.execute(query)}
    today = day_of(int(time.time()))
    return {m: [day + timedelta(n) for n in range((today - day).days + 1)] for m, day in sorted(first.items())}


def _withdraw_all(sale: Sale, engine: Engine, chain: Chain, payees: dict[int, Sequence[date]]) -> None:
    now = int(time.time())
    with write(engine) as connection:
        bank = member_named(connection, BANK).member
        for member in (bank, *payees):
            account = BankAccount(f"Member {member}", f"62{member:017d}", A_BANK)
            keep_unsigned(connection, chain.deployment, member, account, now=now)
        ids = []
        for member in payees:
            payee = Acting(member_numbered(connection, member), None)
            amount = available_to_withdraw(connection, payee)
            ids.append(withdraw(connection, chain.deployment, payee, amount, "the sale", now=now).id)
    sale.settle_outbox(ids)
