"""Commands about members: who there is, a member's session, a grant to the API."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from ledger.chain.roles import Act, Role
from ledger.chain.session import EVERYDAY_SCOPES
from ledger.chain.typed_data import grant_message
from ledger.cli.access import acting, open_session, require_key
from ledger.cli.output import HomeOption, JsonOption, Output, told_plainly
from ledger.config import home_from
from ledger.context import open_ledger
from ledger.operate.serve import serving
from ledger.store.database import read, write
from ledger.store.queries.members import members as all_members
from ledger.trace.grants import keep_grant, new_grant, usable_grant

AsMember = Annotated[str, typer.Option("--as", help="The member, or an operator of it: member.operator.")]


def register(app: typer.Typer) -> None:
    app.command("members")(members)
    app.command("session")(session)
    app.command("grant")(grant)


def members(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """List the members with their roles."""
    output = Output(as_json)
    with told_plainly(output):
        with open_ledger(home_from(home)).engine.connect() as connection:
            rows = all_members(connection)
        output.table(
            "Members",
            ["", "slug", "name", "roles", "account"],
            [
                [
                    str(row.member),
                    row.slug,
                    row.name,
                    Role(row.roles).words() + ("" if row.active else " (suspended)"),
                    row.account,
                ]
                for row in rows
            ],
            right=(0,),
        )
        output.result([{**asdict(row), "roles": Role(row.roles).words().split(", ")} for row in rows])


def session(
    member: AsMember,
    scope: Annotated[str, typer.Option("--scope", help="What the session is for.")] = " ".join(EVERYDAY_SCOPES),
    hours: Annotated[int, typer.Option("--hours", min=1, max=24 * 30, help="How long it lasts.")] = 12,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Sign a session as a member and print its bearer token, for the API and the pages."""
    output = Output(as_json)
    with told_plainly(output), serving(home_from(home), ()) as ledger:
        row = require_key(ledger, member)
        token = open_session(ledger, row, member, scope, hours * 3600)
        until = datetime.fromtimestamp(int(time.time()) + hours * 3600, UTC).isoformat(timespec="minutes")
        output.say(token)
        output.result({"member": member, "token": token, "scope": scope, "until": until})


def grant(
    member: AsMember,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="How long it lasts.")] = 30,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Sign a grant: web forms may then record statements in the member's name, until it ends or is revoked."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), member) as (ledger, access):
        now = int(time.time())
        with read(ledger.engine) as connection:
            standing = usable_grant(
                connection,
                ledger.deployment,
                access.member.member,
                ledger.relay_account,
                Act.RECORD_STATEMENT,
                now + 3600,
            )
        if standing is None:
            signed = new_grant(access.member.member, ledger.relay_account, now + days * 86_400)
            message = grant_message(ledger.deployment, signed)
            signature = ledger.signer.sign_typed_data(access.member.account, message, access.authority)
            with write(ledger.engine) as connection:
                keep_grant(connection, ledger.deployment, ledger.relay_account, access.member, signed, signature, now)
        else:
            signed = standing.grant
        until = datetime.fromtimestamp(signed.until, UTC).isoformat(timespec="minutes")
        output.say(
            f"Web forms may record statements as {access.member.name} until {until}."
            + (" It stood already; nothing changed." if standing else "")
        )
        output.result({"member": member, "until": until, "repeated": standing is not None})
