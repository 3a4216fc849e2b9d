"""Withdrawals: no more than there is, once a reference, and each in exactly one payment file."""

from __future__ import annotations

import re

import pytest
from bank_builders import DEBTOR
from row_builders import (
    BANK,
    CARRIER,
    CREATOR,
    DEPLOYMENT,
    MERCHANT,
    NOW,
    SUSPENDED,
    UNSIGNED,
    a_bank_account,
    a_debt,
    a_withdrawal,
    acting,
    an_entry,
    arguments,
    queued,
)
from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import IntegrityError

from ledger.chain.outbox import QueuedOutcome
from ledger.errors import BadInput, Conflict, NotAllowed, NotFound
from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.bank.read_statement import read_statement
from ledger.settle.bank.stand_in_bank import StandInBank
from ledger.settle.book_reconciled import BookedReconciliation, book_reconciled
from ledger.settle.pay_out import (
    PaidOut,
    expected_payments,
    last_payment_file,
    pay_out,
    payment_file_of,
)
from ledger.settle.reconcile import reconcile
from ledger.settle.withdraw import withdraw, withdrawal_queued
from ledger.store.documents import Documents
from ledger.store.schema import frozen, outbox, payment, withdrawal


def withdrawn(connection: Connection, fen: int, reference: str = "monday", member: int = CREATOR) -> QueuedOutcome:
    return withdraw(connection, DEPLOYMENT, acting(connection, member), fen, reference, now=NOW)


@pytest.mark.parametrize("fen", [0, -1])
def test_amount_that_is_not_positive_is_refused(connection: Connection, fen: int) -> None:
    with pytest.raises(BadInput, match="must be positive"):
        withdrawn(connection, fen)


def test_more_than_is_available_is_refused(connection: Connection) -> None:
    an_entry(connection, CREATOR, 1_000, "credited")
    with pytest.raises(BadInput, match=r"has 10\.00 yuan available, not 10\.01"):
        withdrawn(connection, 1_001)


def test_credit_on_its_way_out_is_not_available(connection: Connection) -> None:
    an_entry(connection, CREATOR, 1_000, "credited")
    withdrawn(connection, 600)
    with pytest.raises(BadInput, match=r"has 4\.00 yuan available"):
        withdrawn(connection, 600, "tuesday")


def test_what_is_owed_is_not_available(connection: Connection) -> None:
    an_entry(connection, CREATOR, 1_000, "credited")
    a_debt(connection, CREATOR, 300)
    with pytest.raises(BadInput, match=r"has 7\.00 yuan available"):
        withdrawn(connection, 701)
    a_debt(connection, CREATOR, 5_000)
    with pytest.raises(BadInput, match=r"has 0\.00 yuan available"):
        withdrawn(connection, 1)


def test_frozen_account_cannot_withdraw(connection: Connection) -> None:
    an_entry(connection, CREATOR, 1_000, "credited")
    connection.execute(insert(frozen).values(member=CREATOR, reason="court order 7", block=1))
    with pytest.raises(NotAllowed, match="frozen: court order 7"):
        withdrawn(connection, 1)


def test_suspended_member_withdraws_what_it_has_earned_and_no_more(connection: Connection) -> None:
    with pytest.raises(BadInput, match="available"):
        withdrawn(connection, 1, member=SUSPENDED)
    an_entry(connection, SUSPENDED, 1_000, "credited")
    assert withdrawn(connection, 1_000, member=SUSPENDED).new


def test_withdrawal_without_a_reference_is_refused(connection: Connection) -> None:
    with pytest.raises(BadInput, match="needs a reference"):
        withdrawn(connection, 1, " ")


def test_reference_used_for_another_amount_is_a_conflict(connection: Connection) -> None:
    an_entry(connection, CREATOR, 1_000, "credited")
    withdrawn(connection, 600)
    with pytest.raises(Conflict, match="used before for another amount"):
        withdrawn(connection, 400)


def test_same_withdrawal_again_is_no_second_even_when_nothing_is_left(connection: Connection) -> None:
    an_entry(connection, CREATOR, 1_000, "credited")
    assert withdrawn(connection, 1_000).new
    assert not withdrawn(connection, 1_000).new
    (row,) = queued(connection)
    assert arguments(row)["amountFen"] == 1_000


def test_withdrawal_is_found_by_its_name_until_it_is_refused(connection: Connection) -> None:
    an_entry(connection, CREATOR, 1_000, "credited")
    assert withdrawal_queued(connection, CREATOR, "monday") is None
    identity = withdrawn(connection, 1).id
    assert withdrawal_queued(connection, CREATOR, "monday") == identity
    assert withdrawal_queued(connection, CREATOR, "tuesday") is None
    assert withdrawal_queued(connection, CARRIER, "monday") is None
    connection.execute(update(outbox).values(state="reverted"))
    assert withdrawal_queued(connection, CREATOR, "monday") is None


# --- payment files ---------------------------------------------------------------------------------------------------


def accounts(connection: Connection) -> None:
    a_bank_account(connection, BANK, DEBTOR)
    for member in (MERCHANT, CREATOR, CARRIER):
        a_bank_account(connection, member, BankAccount(f"Member {member} 户", f"62170{member}", "102100099996"))


def three_withdrawals(connection: Connection, documents: Documents) -> PaidOut:
    accounts(connection)
    for number, (member, fen) in enumerate([(MERCHANT, 5_000), (CREATOR, 300), (CARRIER, 200)], start=1):
        a_withdrawal(connection, number, member, fen)
    return pay_out(connection, DEPLOYMENT, documents, UNSIGNED, bank=BANK, now=NOW)


def test_bank_account_that_no_file_can_name_is_refused(connection: Connection) -> None:
    with pytest.raises(BadInput, match="account number is empty"):
        a_bank_account(connection, CREATOR, BankAccount("x", "", "1"))


def test_without_the_banks_own_account_nothing_is_written(connection: Connection, documents: Documents) -> None:
    a_bank_account(connection, CREATOR, BankAccount("x", "1", "1"))
    a_withdrawal(connection, 1, CREATOR, 100)
    with pytest.raises(BadInput, match="no account to pay from"):
        pay_out(connection, DEPLOYMENT, documents, UNSIGNED, bank=BANK, now=NOW)


def test_withdrawal_of_a_member_without_account_waits_in_sight(connection: Connection, documents: Documents) -> None:
    a_bank_account(connection, BANK, DEBTOR)
    a_withdrawal(connection, 1, CREATOR, 100)
    result = pay_out(connection, DEPLOYMENT, documents, UNSIGNED, bank=BANK, now=NOW)
    assert (result.data, result.without_account) == (None, (1,))


def test_each_withdrawal_is_in_one_file_only(connection: Connection, documents: Documents) -> None:
    first = three_withdrawals(connection, documents)
    assert first.withdrawals == (1, 2, 3)
    assert pay_out(connection, DEPLOYMENT, documents, UNSIGNED, bank=BANK, now=NOW).data is None
    a_withdrawal(connection, 4, CREATOR, 50)
    second = pay_out(connection, DEPLOYMENT, documents, UNSIGNED, bank=BANK, now=NOW)
    assert second.withdrawals == (4,)
    assert second.message_id != first.message_id


def test_database_refuses_a_withdrawal_in_a_second_file(connection: Connection, documents: Documents) -> None:
    message_id = three_withdrawals(connection, documents).message_id
    again = insert(payment).values(end_to_end_id="X", message_id=message_id, withdrawal=1, amount_fen=1)
    with pytest.raises(IntegrityError):
        connection.execute(again)


def test_last_file_is_the_newest_even_within_one_second(connection: Connection, documents: Documents) -> None:
    assert last_payment_file(connection, documents) is None
    three_withdrawals(connection, documents)
    a_withdrawal(connection, 4, CREATOR, 50)
    second = pay_out(connection, DEPLOYMENT, documents, UNSIGNED, bank=BANK, now=NOW)
    assert last_payment_file(connection, documents) == second.data


def test_written_file_stays_the_same(connection: Connection, documents: Documents) -> None:
    written = three_withdrawals(connection, documents)
    assert written.message_id is not None
    assert payment_file_of(connection, documents, written.message_id) == written.data
    with pytest.raises(NotFound):
        payment_file_of(connection, documents, "SUYUAN-X")


# --- booking ---------------------------------------------------------------------------------------------------------


def booked(connection: Connection, statement: bytes, member: int = BANK) -> BookedReconciliation:
    statements = read_statement(statement, source="statement").statements
    result = reconcile(expected_payments(connection), statements)
    return book_reconciled(connection, DEPLOYMENT, acting(connection, member), result, now=NOW)


def test_only_the_bank_books(connection: Connection, documents: Documents) -> None:
    data = three_withdrawals(connection, documents).data
    assert data is not None
    with pytest.raises(NotAllowed, match="may not book payments"):
        booked(connection, StandInBank().execute(data), member=MERCHANT)


def test_what_the_statement_shows_is_booked_once(connection: Connection, documents: Documents) -> None:
    data = three_withdrawals(connection, documents).data
    assert data is not None
    statement = StandInBank().execute(data)
    assert booked(connection, statement).booked == (1, 2, 3)
    again = booked(connection, statement)
    assert (again.booked, again.outbox_ids) == ((), ())
    assert [arguments(row)["withdrawals"] for row in queued(connection)] == [[1], [2], [3]]


def test_payment_a_fen_short_is_not_booked(connection: Connection, documents: Documents) -> None:
    data = three_withdrawals(connection, documents).data
    assert data is not None
    statement = StandInBank().execute(data).replace(b">3.00</Amt>", b">2.99</Amt>")
    assert booked(connection, statement).booked == (1, 3)


def indexed_bookings(connection: Connection) -> None:
    """The rows as after the block of the bookings that were queued."""
    for row in queued(connection):
        sent = arguments(row)
        change = update(withdrawal).where(withdrawal.c.withdrawal.in_(sent["withdrawals"]))
        connection.execute(change.values(state="booked", bank_reference=sent["bankReference"], closed_at=NOW))
    connection.execute(update(outbox).values(state="final", block=1))


def test_statement_read_again_after_booking_was_indexed_finds_nothing(
    connection: Connection, documents: Documents
) -> None:
    data = three_withdrawals(connection, documents).data
    assert data is not None
    statement = StandInBank().execute(data)
    booked(connection, statement)
    indexed_bookings(connection)
    result = reconcile(expected_payments(connection), read_statement(statement, source="x").statements)
    assert result.agrees
    assert all(match.already_booked for match in result.matched)
    assert booked(connection, statement).repeated == (1, 2, 3)


def returned(statement: bytes) -> bytes:
    """The statement, with the second payment sent back in an entry of its own."""
    text = statement.decode()
    entry = text[text.index("      <Ntry>", text.index("</Ntry>")) :]
    entry = entry[: entry.index("</Ntry>") + len("</Ntry>\n")]
    back = entry.replace("DBIT", "CRDT").replace("<Sts>", "<RvslInd>true</RvslInd><Sts>")
    return text.replace(entry, entry + back).encode()


def test_payment_that_came_back_is_given_back_once(connection: Connection, documents: Documents) -> None:
    data = three_withdrawals(connection, documents).data
    assert data is not None
    statement = returned(StandInBank().execute(data))
    first = booked(connection, statement)
    assert (first.booked, first.returned) == ((1, 3), (2,))
    assert booked(connection, statement).returned == ()
    connection.execute(update(withdrawal).where(withdrawal.c.withdrawal == 2).values(state="returned", closed_at=NOW))
    assert booked(connection, statement).returned == ()
    assert 2 in booked(connection, StandInBank().execute(data)).repeated  # the statement before it came back


def came_back_alone(statement: bytes) -> bytes:
    """A later statement: the second payment is on it as a return, and no other is."""
    entries = re.findall(rb"<Ntry>.*?</Ntry>", returned(statement), re.DOTALL)
    back = next(one for one in entries if b"RtrInf" in one or b"<CdtDbtInd>CRDT" in one)
    return statement.split(b"<Ntry>")[0] + back + statement.split(b"</Ntry>")[-1]


def test_payment_that_came_back_after_it_was_booked_is_given_back_once(
    connection: Connection, documents: Documents
) -> None:
    data = three_withdrawals(connection, documents).data
    assert data is not None
    statement = StandInBank().execute(data)
    booked(connection, statement)
    indexed_bookings(connection)

    late = came_back_alone(statement)
    first = booked(connection, late)
    assert (first.booked, first.returned) == ((), (2,))
    assert booked(connection, late).returned == ()
