"""`suyuan council propose …`: a verb for everything that the Council decides, and a raw call for everything else."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection, func, select

from ledger.chain.keystore import checksummed
from ledger.cli.access import acting
from ledger.cli.council_told import told
from ledger.cli.output import HomeOption, JsonOption, Output, told_plainly
from ledger.cli.waiting import until_shown
from ledger.config import home_from
from ledger.context import Ledger
from ledger.errors import NotFound
from ledger.govern import acts, decide
from ledger.govern.acts import Act, act
from ledger.govern.constitution import constitution_in_force
from ledger.govern.durations import parse_duration
from ledger.settle.acting import Acting, member_named
from ledger.store.database import read, write
from ledger.store.schema import proposal

propose_app = typer.Typer(help="Propose an act to the Council; your own vote is yes.", no_args_is_help=True)

Seat = Annotated[str, typer.Option("--as", help="The member whose seat proposes.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; everybody reads it.")]
Whom = Annotated[str, typer.Argument(help="The member's slug.")]
Address = Annotated[str, typer.Argument(help="An address, 0x…")]
Roles = Annotated[str, typer.Argument(help="farm,carrier,…; council for a seat; '' for none.")]


@propose_app.command("admit")
def admit(
    slug: Annotated[str, typer.Argument(help="The new member's short name, for ever.")],
    name: Annotated[str, typer.Option("--name", help="The name that pages show.")],
    account: Annotated[str, typer.Option("--account", help="The account of its key, 0x…")],
    roles: Annotated[str, typer.Option("--roles", help="farm,carrier,…; council for a seat.")],
    as_: Seat,
    reason: Reason,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Propose to admit a new member."""

    def made(ledger: Ledger, connection: Connection) -> Act:
        bits = int(acts.roles_named(roles))
        return act(ledger.deployment, "Members", "admit", checksummed(account), bits, slug, name)

    _propose(made, as_, reason, as_json, home)


@propose_app.command("expel")
def expel(member: Whom, as_: Seat, reason: Reason, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Propose to expel a member, for ever. What it earned it still withdraws."""
    _about_member("expel", member, as_, reason, as_json, home, told_why=True)


@propose_app.command("suspend")
def suspend(member: Whom, as_: Seat, reason: Reason, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Propose to suspend a member until it is reinstated."""
    _about_member("suspend", member, as_, reason, as_json, home, told_why=True)


@propose_app.command("reinstate")
def reinstate(member: Whom, as_: Seat, reason: Reason, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Propose to end a suspension."""
    _about_member("reinstate", member, as_, reason, as_json, home)


@propose_app.command("roles")
def set_roles(
    member: Whom, roles: Roles, as_: Seat, reason: Reason, as_json: JsonOption = False, home: HomeOption = None
) -> None:
    """Propose what a member may do, in place of what it may now."""

    def made(ledger: Ledger, connection: Connection) -> Act:
        number = member_named(connection, member).member
        return act(ledger.deployment, "Members", "setRoles", number, int(acts.roles_named(roles)))

    _propose(made, as_, reason, as_json, home)


@propose_app.command("reset-account")
def reset_account(
    member: Whom,
    account: Address,
    acceptance: Annotated[str, typer.Option("--acceptance", help="The new key's signature, 0x…")],
    as_: Seat,
    reason: Reason,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Propose a new account for a member that lost its key; every other key of it is revoked."""

    def made(ledger: Ledger, connection: Connection) -> Act:
        number = member_named(connection, member).member
        return act(ledger.deployment, "Members", "resetAccount", number, checksummed(account), acceptance)

    _propose(made, as_, reason, as_json, home)


@propose_app.command("registrar")
def registrar(
    account: Address, as_: Seat, reason: Reason, as_json: JsonOption = False, home: HomeOption = None
) -> None:
    """Propose which account assigns GLNs and GTINs day by day."""
    _propose(
        lambda ledger, connection: act(ledger.deployment, "Members", "setRegistrar", checksummed(account)),
        as_,
        reason,
        as_json,
        home,
    )


@propose_app.command("freeze")
def freeze(member: Whom, as_: Seat, reason: Reason, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Propose to freeze a member's account: it can neither transfer nor withdraw, and still receives."""
    _about_member("freeze", member, as_, reason, as_json, home, contract="Credit", told_why=True)


@propose_app.command("unfreeze")
def unfreeze(member: Whom, as_: Seat, reason: Reason, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Propose to end a freeze."""
    _about_member("unfreeze", member, as_, reason, as_json, home, contract="Credit")


@propose_app.command("fund")
def fund(
    member: Whom,
    amount_fen: Annotated[int, typer.Option("--amount-fen", min=1, help="How much, in fen.")],
    as_: Seat,
    reason: Reason,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Propose to pay a member from the guarantee fund."""

    def made(ledger: Ledger, connection: Connection) -> Act:
        number = member_named(connection, member).member
        return act(ledger.deployment, "Credit", "payFromFund", number, amount_fen, reason)

    _propose(made, as_, reason, as_json, home)


@propose_app.command("want")
def want(
    member: Whom, validator: Address, as_: Seat, reason: Reason, as_json: JsonOption = False, home: HomeOption = None
) -> None:
    """Propose that a member's validator is wanted."""

    def made(ledger: Ledger, connection: Connection) -> Act:
        number = member_named(connection, member).member
        return act(ledger.deployment, "Validators", "want", number, checksummed(validator))

    _propose(made, as_, reason, as_json, home)


@propose_app.command("unwant")
def unwant(validator: Address, as_: Seat, reason: Reason, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Propose that a validator is wanted no more."""
    _propose(
        lambda ledger, connection: act(ledger.deployment, "Validators", "unwant", checksummed(validator)),
        as_,
        reason,
        as_json,
        home,
    )


@propose_app.command("point")
def point(
    contract: Annotated[str, typer.Argument(help="The contract's name, for example Escrow.")],
    address: Address,
    as_: Seat,
    reason: Reason,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Propose that a contract's name stands for a new contract at another address."""
    _propose(lambda ledger, connection: acts.point(ledger.deployment, contract, address), as_, reason, as_json, home)


@propose_app.command("constitution")
def constitution(
    as_: Seat,
    reason: Reason,
    quorum_bps: Annotated[int | None, typer.Option(help="Of the seats, in 1/10000: 6667.")] = None,
    delay: Annotated[str | None, typer.Option(help="After passing: 2d.")] = None,
    voting: Annotated[str | None, typer.Option(help="To find a quorum: 7d.")] = None,
    execution: Annotated[str | None, typer.Option(help="To execute, after the delay: 7d.")] = None,
    emergency_seats: Annotated[int | None, typer.Option(help="That stop a function together.")] = None,
    emergency_max: Annotated[str | None, typer.Option(help="The longest emergency stop: 1d.")] = None,
    emergency_window: Annotated[str | None, typer.Option(help="In which seats must ask for it: 1h.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Propose another constitution: what is not named stays as it is."""

    def made(ledger: Ledger, connection: Connection) -> Act:
        durations = {
            "delay_seconds": delay,
            "voting_seconds": voting,
            "execution_seconds": execution,
            "emergency_max_seconds": emergency_max,
            "emergency_window_seconds": emergency_window,
        }
        numbers = {"quorum_bps": quorum_bps, "emergency_seats": emergency_seats}
        changes = {name: value for name, value in numbers.items() if value is not None}
        changes |= {name: parse_duration(text) for name, text in durations.items() if text is not None}
        return acts.change_constitution(ledger.deployment, constitution_in_force(connection).numbers(), changes)

    _propose(made, as_, reason, as_json, home)


@propose_app.command("call")
def call(
    target: Annotated[str, typer.Argument(help="A contract's name, or an address.")],
    data: Annotated[str, typer.Argument(help="The calldata, 0x…")],
    as_: Seat,
    reason: Reason,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Propose any call of any contract, by its calldata."""
    _propose(lambda ledger, connection: acts.raw_act(ledger.deployment, target, data), as_, reason, as_json, home)


# --- parts -----------------------------------------------------------------------------------------------------------


def _about_member(
    function: str,
    member: str,
    as_: str,
    reason: str,
    as_json: bool,
    home: Path | None,
    *,
    contract: str = "Members",
    told_why: bool = False,
) -> None:
    """An act that takes a member and, with `told_why`, the reason once more, for its own event."""

    def made(ledger: Ledger, connection: Connection) -> Act:
        number = member_named(connection, member).member
        return act(ledger.deployment, contract, function, number, *([reason] if told_why else []))

    _propose(made, as_, reason, as_json, home)


def _propose(
    made: Callable[[Ledger, Connection], Act], as_: str, reason: str, as_json: bool, home: Path | None
) -> None:
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), as_, scope="council") as (ledger, access):
        now = int(time.time())
        with write(ledger.engine) as connection:
            proposed = made(ledger, connection)
            queued = decide.propose(
                connection, ledger.deployment, Acting(access.member, access.authority), proposed, reason, now=now
            )
        block = until_shown(ledger, [queued.id])
        data = "0x" + proposed.data.hex()
        with read(ledger.engine) as connection:
            mine = select(func.max(proposal.c.proposal)).where(
                proposal.c.member == access.member.member, proposal.c.data == data, proposal.c.block == block
            )
            number = connection.execute(mine).scalar()
        if number is None:
            raise NotFound("The proposal is not among the rows.", hint="See `suyuan index status`.")
        told(ledger, number, output)
