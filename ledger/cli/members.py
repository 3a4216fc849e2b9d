"""Commands about members: who there is, a member's session, a grant to the API."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from ledger.chain.roles import Role
from ledger.chain.session import SCOPES
from ledger.cli.access import open_session, require_member
from ledger.cli.output import HomeOption, JsonOption, Output, told_plainly
from ledger.config import home_from
from ledger.context import open_ledger
from ledger.operate.serve import serving
from ledger.store.queries.members import members as all_members

AsMember = Annotated[str, typer.Option("--as", help="The member.")]


def register(app: typer.Typer) -> None:
    app.command("members")(members)
    app.command("session")(session)


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
        output.result([{**row.__dict__, "roles": Role(row.roles).words().split(", ")} for row in rows])


def session(
    member: AsMember,
    scope: Annotated[str, typer.Option("--scope", help="What the session is for.")] = " ".join(SCOPES),
    hours: Annotated[int, typer.Option("--hours", min=1, max=24 * 30, help="How long it lasts.")] = 12,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Sign a session as a member and print its bearer token, for the API and the pages."""
    output = Output(as_json)
    with told_plainly(output), serving(home_from(home), ()) as (ledger, _):
        row = require_member(ledger, member)
        token = open_session(ledger, row, scope, hours * 3600)
        until = datetime.fromtimestamp(int(time.time()) + hours * 3600, UTC).isoformat(timespec="minutes")
        output.say(token)
        output.result({"member": member, "token": token, "scope": scope, "until": until})
