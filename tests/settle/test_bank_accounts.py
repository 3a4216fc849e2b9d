"""A member's bank account: named by the member, confirmed by a second person, used after a day, and never turned by one alone."""

from __future__ import annotations

import hashlib

import pytest
from eth_account import Account
from row_builders import BANK, CARRIER, CREATOR, DEPLOYMENT, MERCHANT, NOW
from sqlalchemy import Connection, insert, select, update

from ledger.chain.roles import Role
from ledger.chain.typed_data import sign_message
from ledger.config import AccountRule, Settings
from ledger.errors import BadInput, NotAllowed
from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.bank_accounts import NamedAccount, account_to_name, account_to_pay, account_to_pay_from, keep_account
from ledger.store.schema import bank_account, bank_account_signature, member_key

RULE = AccountRule()
DAY = 86_400
RIGHT = BankAccount("小溪文化", "6217000010001", "102100099996")
WRONG = BankAccount("黑手", "6666000010001", "102100099996")
PEOPLE = {
    "creator": (CREATOR, "account", 2**32 - 1),
    "creator.second": (CREATOR, "operator", int(Role.TREASURY)),
    "creator.clerk": (CREATOR, "operator", int(Role.CREATOR)),
    "creator.gone": (CREATOR, "revoked", 0),
    "bank": (BANK, "account", 2**32 - 1),
    "carrier": (CARRIER, "account", 2**32 - 1),
}
KEYS = {name: Account.from_key(hashlib.sha256(name.encode()).digest()) for name in PEOPLE}


@pytest.fixture(autouse=True)
def people(connection: Connection) -> None:
    connection.execute(
        insert(member_key),
        [
            {"key": KEYS[name].address, "member": number, "kind": kind, "roles": roles, "block": 1}
            for name, (number, kind, roles) in PEOPLE.items()
        ],
    )


def signed(named: NamedAccount, name: str) -> tuple[str, bytes]:
    return KEYS[name].address, sign_message(named.message(DEPLOYMENT), KEYS[name].key)


def named(connection: Connection, account: BankAccount, *names: str, at: int = NOW) -> NamedAccount:
    """An account of the creator, signed by these one after the other."""
    found = account_to_name(connection, CREATOR, account, now=at)
    for name in names:
        keep_account(connection, DEPLOYMENT, found, [signed(found, name)], now=at)
    return found


def paid_to(connection: Connection, *, at: int) -> BankAccount | None:
    return account_to_pay(connection, DEPLOYMENT, CREATOR, RULE, now=at)


@pytest.mark.parametrize("second", ["creator.second", "bank"])
def test_money_goes_there_a_day_after_the_second_person_signed(connection: Connection, second: str) -> None:
    found = named(connection, RIGHT, "creator")
    assert paid_to(connection, at=NOW + 100 * DAY) is None
    keep_account(connection, DEPLOYMENT, found, [signed(found, second)], now=NOW + 500)
    assert paid_to(connection, at=NOW + 500 + DAY - 1) is None
    assert paid_to(connection, at=NOW + 500 + DAY) == RIGHT


def test_one_person_does_not_count_twice(connection: Connection) -> None:
    named(connection, RIGHT, "creator", "creator")
    assert paid_to(connection, at=NOW + 9 * DAY) is None


@pytest.mark.parametrize("name", ["creator.clerk", "creator.gone", "carrier"])
def test_keys_that_may_not_sign_are_refused(connection: Connection, name: str) -> None:
    found = named(connection, RIGHT, "creator")
    with pytest.raises(NotAllowed, match="may not sign"):
        keep_account(connection, DEPLOYMENT, found, [signed(found, name)], now=NOW)


def test_the_bank_alone_names_no_account_of_a_member(connection: Connection) -> None:
    with pytest.raises(NotAllowed, match="itself has not signed"):
        named(connection, WRONG, "bank")
    assert connection.execute(select(bank_account)).all() == []


def test_signature_under_another_account_is_refused(connection: Connection) -> None:
    found = named(connection, RIGHT, "creator")
    other = NamedAccount(CREATOR, WRONG, NOW)
    with pytest.raises(NotAllowed, match="not under this account"):
        keep_account(connection, DEPLOYMENT, found, [signed(other, "bank")], now=NOW)


def test_account_changed_in_the_database_is_not_paid(connection: Connection) -> None:
    """The signatures cover what was signed: whoever writes the rows turns no payment."""
    named(connection, RIGHT, "creator", "bank")
    connection.execute(update(bank_account).values(number=WRONG.number))
    assert paid_to(connection, at=NOW + DAY) is None


def test_signature_made_up_in_the_database_does_not_count(connection: Connection) -> None:
    found = named(connection, WRONG, "creator")
    made_up = signed(NamedAccount(MERCHANT, WRONG, NOW), "bank")[1]
    row = {"key": KEYS["bank"].address, "signature": "0x" + made_up.hex(), "seen_at": NOW}
    connection.execute(insert(bank_account_signature).values(identity=found.identity, **row))
    assert paid_to(connection, at=NOW + DAY) is None


def test_the_former_account_is_used_until_the_new_one_has_waited(connection: Connection) -> None:
    named(connection, RIGHT, "creator", "bank")
    other = BankAccount("小溪文化", "6217000010002", "102100099996")
    named(connection, other, "creator", "bank", at=NOW + 3 * DAY)
    assert paid_to(connection, at=NOW + 4 * DAY - 1) == RIGHT
    assert paid_to(connection, at=NOW + 4 * DAY) == other


def test_account_that_another_replaced_while_it_waited_is_never_used(connection: Connection) -> None:
    named(connection, RIGHT, "creator", "bank")
    named(connection, WRONG, "creator", "creator.second", at=NOW + 3 * DAY)
    named(connection, RIGHT, "creator", "bank", at=NOW + 3 * DAY + 60)
    for at in (NOW + 3 * DAY + 61, NOW + 4 * DAY + 30, NOW + 5 * DAY):
        assert paid_to(connection, at=at) == RIGHT


def test_naming_the_same_account_again_changes_nothing(connection: Connection) -> None:
    named(connection, RIGHT, "creator", "bank")
    before = connection.execute(select(bank_account_signature)).all()
    named(connection, RIGHT, "creator", "bank", at=NOW + DAY)
    assert connection.execute(select(bank_account_signature)).all() == before
    assert paid_to(connection, at=NOW + DAY) == RIGHT


def test_account_named_in_the_future_is_refused(connection: Connection) -> None:
    found = NamedAccount(CREATOR, RIGHT, NOW + DAY)
    with pytest.raises(BadInput, match="in the future"):
        keep_account(connection, DEPLOYMENT, found, [signed(found, "creator")], now=NOW)


def test_the_bank_pays_from_an_account_that_it_signed_itself(connection: Connection) -> None:
    own = account_to_name(connection, BANK, RIGHT, now=NOW)
    assert account_to_pay_from(connection, DEPLOYMENT, BANK, RULE) is None
    keep_account(connection, DEPLOYMENT, own, [signed(own, "bank")], now=NOW)
    assert account_to_pay_from(connection, DEPLOYMENT, BANK, RULE) == RIGHT


def test_outside_development_two_people_and_a_day_are_the_least() -> None:
    assert Settings().account_rule == AccountRule(2, 86_400)
    assert Settings(account_people=3).account_rule == AccountRule(3, 86_400)
    assert Settings(development=True, account_people=2, account_wait_seconds=1).account_rule == AccountRule(2, 1)
    for weaker in (Settings(account_people=1), Settings(account_wait_seconds=3_600)):
        with pytest.raises(BadInput, match="not safe to pay"):
            assert weaker.account_rule
