"""Commands about members' bank accounts: named by the member, confirmed by a second person, used after a wait."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.cli.access import acting, require_member
from ledger.cli.output import HomeOption, JsonOption, Output, read_file, told_plainly
from ledger.config import home_from
from ledger.context import Ledger, open_ledger
from ledger.errors import BadInput
from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.bank_accounts import (
    AccountStanding,
    NamedAccount,
    account_to_name,
    account_to_pay,
    accounts_of,
    keep_account,
    keep_unsigned,
    newest_account,
)
from ledger.settle.zone import SHANGHAI
from ledger.store.database import read, write
from ledger.store.queries.members import members

OutOption = Annotated[
    Path | None, typer.Option("--out", help="Where to write the account with its signatures, for another home.")
]


def add_to(app: typer.Typer) -> None:
    app.command("account")(name_account)
    app.command("confirm")(confirm_account)
    app.command("accounts")(show_accounts)


def name_account(
    slug: Annotated[str, typer.Argument(help="The member: a payee, or the bank member that pays.")],
    holder: Annotated[str, typer.Option("--holder", help="In whose name the account stands.")],
    number: Annotated[str, typer.Option("--number", help="The account's number.")],
    bank_code: Annotated[str, typer.Option("--bank-code", help="Its bank's CNAPS code.")],
    key: Annotated[
        str | None, typer.Option("--as", help="The key that signs: the member's own, or an operator's.")
    ] = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Name the account where a member's money goes (for the bank member: where it comes from), under its signature. A second person confirms it."""
    output = Output(as_json)
    with told_plainly(output):
        account = BankAccount(holder, number, bank_code)
        unsigned = open_ledger(home_from(home)).settings.account_rule.people == 0
        if key is None and unsigned:  # a development home, where nobody need sign
            ledger = open_ledger(home_from(home))
            with write(ledger.engine) as connection:
                member = require_member(ledger, slug)
                named = keep_unsigned(connection, ledger.deployment, member.member, account, now=int(time.time()))
            _told(ledger, slug, named, out, output)
            return
        with acting(home_from(home), key or slug, scope="accounts") as (ledger, access):
            member = require_member(ledger, slug)
            with read(ledger.engine) as connection:
                named = account_to_name(connection, member.member, account, now=int(time.time()))
            message = named.message(ledger.deployment)
            signature = ledger.signer.sign_typed_data(access.member.account, message, access.authority)
            with write(ledger.engine) as connection:
                signed = [(access.member.account, signature)]
                keep_account(connection, ledger.deployment, named, signed, now=int(time.time()))
            _told(ledger, slug, named, out, output)


def confirm_account(
    which: Annotated[str, typer.Argument(help="The member, or the file that another home wrote.")],
    key: Annotated[str, typer.Option("--as", help="Your key: another one of the member's, or the bank member's.")],
    out: OutOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Confirm a member's newest account as the second person, after checking it with the member by another way."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), key, scope="accounts") as (ledger, access):
        now = int(time.time())
        if which.endswith(".json"):
            named, given = _read(Path(which))
        else:
            with read(ledger.engine) as connection:
                named, given = newest_account(connection, require_member(ledger, which).member), []
        message = named.message(ledger.deployment)
        signature = ledger.signer.sign_typed_data(access.member.account, message, access.authority)
        with write(ledger.engine) as connection:
            keep_account(connection, ledger.deployment, named, [*given, (access.member.account, signature)], now=now)
        with read(ledger.engine) as connection:
            slug = next(row.slug for row in members(connection) if row.member == named.member)
        _told(ledger, slug, named, out, output)


def show_accounts(
    slug: Annotated[str | None, typer.Argument(help="A member; without one, all.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Show the accounts that members named, who signed them, and which are used now."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        rule, now = ledger.settings.account_rule, int(time.time())
        chosen = None if slug is None else require_member(ledger, slug).member
        rows: list[dict[str, Any]] = []
        with read(ledger.engine) as connection:
            for member in members(connection):
                if chosen not in (None, member.member):
                    continue
                used = account_to_pay(connection, ledger.deployment, member.member, rule, now=now)
                for standing in accounts_of(connection, ledger.deployment, member.member, rule):
                    rows.append(_row(member.slug, standing) | {"used": used == standing.named.account})
                    used = None if used == standing.named.account else used
        for row in rows:
            output.say(
                f"{row['member']}: {row['number']} ({row['holder']}) at bank {row['bank_code']}: {_state(row, rule.people)}."
            )
        output.result(rows)


def _row(slug: str, standing: AccountStanding) -> dict[str, Any]:
    account = standing.named.account
    return {
        "member": slug,
        "holder": account.holder,
        "number": account.number,
        "bank_code": account.bank_code,
        "named_at": standing.named.named_at,
        "signed_by": [one.key for one in standing.signatures],
        "usable_from": standing.usable_from,
    }


def _state(row: dict[str, Any], people: int) -> str:
    if row["used"]:
        return "used now"
    if row["usable_from"] is None:
        return f"{len(row['signed_by'])} of {people} signatures"
    usable_from = datetime.fromtimestamp(row["usable_from"], SHANGHAI).isoformat()
    return f"usable from {usable_from}, unless another is named"


def _told(ledger: Ledger, slug: str, named: NamedAccount, out: Path | None, output: Output) -> None:
    rule = ledger.settings.account_rule
    with read(ledger.engine) as connection:
        found = accounts_of(connection, ledger.deployment, named.member, rule)
        standing = next(one for one in found if one.named == named)
        used = account_to_pay(connection, ledger.deployment, named.member, rule, now=int(time.time()))
    row = _row(slug, standing) | {"used": used == named.account}
    if out is not None:
        signatures = {one.key: "0x" + one.signature.hex() for one in standing.signatures}
        parts = {"member": named.member, "named_at": named.named_at, "signatures": signatures}
        told = parts | {name: row[name] for name in ("holder", "number", "bank_code")}
        out.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    account = named.account
    output.say(
        f"{slug} named the account {account.number} ({account.holder}) at bank {account.bank_code}: {_state(row, rule.people)}."
    )
    output.result(row)


def _read(file: Path) -> tuple[NamedAccount, list[tuple[str, bytes]]]:
    """BadInput for a file that no home wrote."""
    try:
        raw = json.loads(read_file(file))
        account = BankAccount(str(raw["holder"]), str(raw["number"]), str(raw["bank_code"]))
        named = NamedAccount(int(raw["member"]), account, int(raw["named_at"]))
        return named, [(str(key), bytes.fromhex(one.removeprefix("0x"))) for key, one in raw["signatures"].items()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"This is no bank account with signatures: {error}.",
            where=str(file),
            hint="Have it written with `suyuan bank account ... --out FILE`.",
        ) from None
