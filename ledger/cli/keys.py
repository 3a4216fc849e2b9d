"""Commands about a member's keys, in its own hands: change its own, add and end operators' keys, list them."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated

import typer

from ledger.chain.held_key import name_key_elsewhere
from ledger.chain.keystore import account_of as account_of_key
from ledger.chain.keystore import checksummed, keystores, password_variable
from ledger.chain.web3signer import variable
from ledger.cli.access import password_for, require_member
from ledger.cli.output import HomeOption, JsonOption, Output, told_plainly
from ledger.cli.waiting import WAIT_SECONDS
from ledger.config import Home, home_from
from ledger.context import open_ledger
from ledger.errors import BadInput
from ledger.govern.acts import roles_named
from ledger.govern.keys import keys_of
from ledger.govern.operators import make_operator_key, operator_acceptance, revoke_key, set_operator
from ledger.govern.rotate_key import rotate_key
from ledger.govern.words import roles_text, time_text
from ledger.operate.serve import WRITING, serving
from ledger.store.database import read

app = typer.Typer(help="A member's keys: its own, and those of its operators.", no_args_is_help=True)
operator_app = typer.Typer(help="Keys that act for a member with some of its roles.", no_args_is_help=True)
app.add_typer(operator_app, name="operator")

Member = Annotated[str, typer.Option("--as", help="The member.")]
Operator = Annotated[str, typer.Argument(help="The operator's name within the member, for example clerk.")]


@app.command("rotate")
def rotate(slug: Member, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Replace the member's own key by a new one. Sessions and grants of the old key end with it."""
    output = Output(as_json)
    with told_plainly(output), serving(home_from(home), WRITING) as ledger:
        member = require_member(ledger, slug)
        done = rotate_key(ledger, member, password_for(ledger.home, ledger.settings, slug), timeout=WAIT_SECONDS)
        (ledger.home.path / "sessions" / f"{slug}.token").unlink(missing_ok=True)
        if done.resumed:
            output.say(f"An earlier change had reached the chain; {member.name} now signs with {done.account}.")
        else:
            output.say(f"{member.name} signs with {done.account} from block {done.block} on.")
        output.say(
            f"What {done.former} signed before has ended with it: log in again (`suyuan session --as {slug}`), and give "
            f"websites a new grant (`suyuan grant --as {slug}`). Back up the folder {ledger.home.keys}."
        )
        output.result({"member": slug, **asdict(done)})


@app.command("list")
def list_keys(slug: Member, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """List the member's keys: what each may do, until when, and under which name it lies in this home."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        member = require_member(ledger, slug)
        with read(ledger.engine) as connection:
            rows = keys_of(connection, member.member)
        names, now = _names(ledger.home), int(time.time())
        output.table(
            f"Keys of {member.name}",
            ["key", "kind", "may", "until", "here as"],
            [
                [
                    row.key,
                    row.kind if row.holds(now) or row.kind == "revoked" else "ended",
                    "all that the member may" if row.kind == "account" else roles_text(row.roles).en,
                    time_text(row.until).en if row.kind == "operator" and row.until is not None else "",
                    names.get(row.key, ""),
                ]
                for row in rows
            ],
        )
        output.result([{**asdict(row), "holds": row.holds(now), "name": names.get(row.key)} for row in rows])


@operator_app.command("add")
def add_operator(
    operator: Operator,
    slug: Member,
    roles: Annotated[str, typer.Option("--roles", help="Of the member's roles: farm,carrier,…; treasury to withdraw.")],
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="How long it lasts.")] = 365,
    key: Annotated[str | None, typer.Option("--key", help="Its account, where the key lies elsewhere.")] = None,
    acceptance: Annotated[str | None, typer.Option("--acceptance", help="Its signature (KeyAccepted), 0x…")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Let a key act for the member with some of its roles. It is made here unless --key names one. Again: new roles, new end."""
    output = Output(as_json)
    with told_plainly(output), serving(home_from(home), WRITING) as ledger:
        member, name = require_member(ledger, slug), f"{slug}.{operator}"
        given = roles_named(roles, operators=True)
        password = password_for(ledger.home, ledger.settings, slug)
        if key is None:
            account = make_operator_key(ledger, name, None)
            own = password_for(ledger.home, ledger.settings, name)
            accepted = operator_acceptance(ledger, member, account, own)
        else:
            account, accepted = checksummed(key), _bytes(acceptance or "0x")
        until = int(time.time()) + days * 86_400
        block = set_operator(ledger, member, password, account, given, until, accepted, timeout=WAIT_SECONDS)
        output.say(
            f"{account} acts for {member.name} as {given.words()} until {time_text(until).en}, from block {block} on."
            + (f" Use it with `--as {name}`." if key is None else "")
        )
        output.result(
            {"member": slug, "operator": name, "key": account, "roles": int(given), "until": until, "block": block}
        )


@operator_app.command("revoke")
def revoke_operator(
    operator: Annotated[str, typer.Argument(help="The operator's name within the member, or its key's account, 0x…")],
    slug: Member,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """End an operator's key, for ever."""
    output = Output(as_json)
    with told_plainly(output), serving(home_from(home), WRITING) as ledger:
        member = require_member(ledger, slug)
        named = not operator.startswith("0x")
        account = account_of_key(ledger.home, f"{slug}.{operator}") if named else checksummed(operator)
        block = revoke_key(
            ledger, member, password_for(ledger.home, ledger.settings, slug), account, timeout=WAIT_SECONDS
        )
        output.say(
            f"{account} acts for {member.name} no more."
            + (" It had ended before; nothing changed." if block is None else f" It ended with block {block}.")
        )
        output.result({"member": slug, "key": account, "block": block, "repeated": block is None})


@app.command("elsewhere")
def elsewhere(
    name: Annotated[str, typer.Argument(help="Whose key: a member's slug, or consortium.")],
    account: Annotated[str, typer.Option("--account", help="The key's account.")],
    web3signer: Annotated[
        str | None, typer.Option("--web3signer", help="The remote signer's address; without it, the environment.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Say where a key is held: at a remote signer (Web3Signer), or in the environment of this home's signer process."""
    output = Output(as_json)
    with told_plainly(output):
        named = name_key_elsewhere(home_from(home), name, account, web3signer=web3signer)
        secrets = [password_variable(name)]
        if web3signer is None:
            secrets.append(variable(f"SUYUAN_KEY_{name}"))
        else:
            secrets += [
                variable(f"SUYUAN_SALT_{name}"),
                f"{variable(f'SUYUAN_SIGNER_TOKEN_{name}')} if it asks for one",
            ]
        output.say(
            f"The key of {name} ({named}) is held {'at ' + web3signer if web3signer else 'in the environment'}. The signer "
            f"process needs in its environment: {', '.join(secrets)}."
        )
        output.result({"name": name, "account": named, "web3signer": web3signer, "environment": secrets})


def _names(home: Home) -> dict[str, str]:
    """Names of the keystores of this home by account."""
    return {account_of_key(home, name): name for name in keystores(home)}


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raise BadInput("The acceptance is not hexadecimal.", hint="Write the key's signature as 0x…") from None
