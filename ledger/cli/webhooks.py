"""Commands about webhooks: who is told what happens, what nobody took, and sending it again.

They are the operator's: of every member of this home, without a session. Registering needs the member's password.
"""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from ledger.cli.access import acting, require_member
from ledger.cli.output import HomeOption, JsonOption, Output, told_plainly
from ledger.config import home_from
from ledger.context import Ledger, open_ledger
from ledger.notify.feed import position_of
from ledger.notify.interest import Interest
from ledger.notify.messages import counts_of, dead_letters
from ledger.notify.messages import replay as replay_messages
from ledger.notify.schedule import iso
from ledger.notify.signature import load_webhook_key, secret_of, shown
from ledger.notify.webhooks import Webhook, register, webhook_of, webhooks_of
from ledger.notify.webhooks import enable as enable_webhook
from ledger.notify.webhooks import remove as remove_webhook
from ledger.store.database import read, write
from ledger.store.queries.members import members, require_active

app = typer.Typer(help="Webhooks: signed messages about what happens.", no_args_is_help=True)

Identity = Annotated[str, typer.Argument(help="The webhook, like wh_….")]


@app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="Where to: HTTPS, at a public address.")],
    slug: Annotated[str, typer.Option("--as", help="The member that is told.")],
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Only this kind; may be repeated.")] = None,
    party: Annotated[str | None, typer.Option("--party", help="Only what concerns this member.")] = None,
    lot: Annotated[str | None, typer.Option("--lot", help="Only this lot: GTIN/LOT.")] = None,
    after: Annotated[str | None, typer.Option("--after", help="Begin behind this place in the feed.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Register a webhook under the member's session and print its secret, once."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), slug) as (ledger, access):
        require_active(access.member, "register a webhook")
        number = access.member.member
        concerned = require_member(ledger, party).member if party else None
        with write(ledger.engine) as connection:
            made = register(
                connection,
                number,
                url,
                Interest(frozenset(kind or ()), concerned, lot, listener=number),
                now=int(time.time()),
                development=ledger.settings.development,
                after=position_of(after) if after else None,
            )
        secret = shown(secret_of(load_webhook_key(ledger.home), made.id, made.secret_number))
        output.say(f"{made.id} tells {access.member.name} at {url}. Its secret, which is not shown again:\n{secret}")
        output.result({"id": made.id, "url": url, "secret": secret})


@app.command("list")
def list_webhooks(
    slug: Annotated[str | None, typer.Option("--as", help="Only this member's.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """List the webhooks with how many messages wait and how many nobody took."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        found, names = _webhooks(ledger, slug)
        with read(ledger.engine) as connection:
            counts = counts_of(connection, [one.id for one in found])
        rows = [_told(one, names, counts[one.id]) for one in found]
        output.table(
            "Webhooks",
            ["id", "member", "url", "state", "waiting", "dead"],
            [
                [
                    row["id"],
                    row["member"],
                    row["url"],
                    row["reason"] or row["state"],
                    str(row["pending"]),
                    str(row["dead"]),
                ]
                for row in rows
            ],
            right=(4, 5),
        )
        output.result(rows)


@app.command("dead")
def dead(
    slug: Annotated[str | None, typer.Option("--as", help="Only this member's.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """List the dead letters, the newest first: what was to be told, and why nobody took it."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        found, _ = _webhooks(ledger, slug)
        with read(ledger.engine) as connection:
            letters = dead_letters(connection, [one.id for one in found])
        output.table(
            "Dead letters",
            ["message", "webhook", "kind", "place", "last attempt", "why"],
            [
                [one.id, one.webhook, one.kind, one.position, iso(one.last_at or 0), one.last_error or ""]
                for one in letters
            ],
        )
        output.result([{name: getattr(one, name) for name in type(one).__dataclass_fields__} for one in letters])


@app.command("replay")
def replay(
    webhook: Identity,
    message: Annotated[
        list[str] | None, typer.Option("--message", help="Only this dead letter; may be repeated.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Send dead letters again, under the same ids: all of a webhook, or those that are named."""
    output = Output(as_json)
    with told_plainly(output):
        ledger = open_ledger(home_from(home))
        with write(ledger.engine) as connection:
            count = replay_messages(connection, None, webhook, now=int(time.time()), messages=message)
            found = webhook_of(connection, None, webhook)
        wait = "" if found.active else f" It is disabled: `suyuan webhooks enable {webhook}`."
        output.say(f"{count} messages are due again.{wait}")
        output.result({"webhook": webhook, "replayed": count, "state": found.state})


@app.command("enable")
def enable(webhook: Identity, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Let a webhook go on where it stopped: what happened meanwhile is told."""
    output = Output(as_json)
    with told_plainly(output):
        with write(open_ledger(home_from(home)).engine) as connection:
            found = enable_webhook(connection, None, webhook)
        output.say(f"{webhook} is active.")
        output.result({"webhook": webhook, "state": found.state})


@app.command("remove")
def remove(webhook: Identity, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Remove a webhook with its messages."""
    output = Output(as_json)
    with told_plainly(output):
        with write(open_ledger(home_from(home)).engine) as connection:
            remove_webhook(connection, None, webhook)
        output.say(f"{webhook} is gone.")
        output.result({"webhook": webhook})


def _webhooks(ledger: Ledger, slug: str | None) -> tuple[list[Webhook], dict[int, str]]:
    """The member's, or everybody's, with the members' slugs by number."""
    number = require_member(ledger, slug).member if slug else None
    with read(ledger.engine) as connection:
        return webhooks_of(connection, number), {row.member: row.slug for row in members(connection)}


def _told(one: Webhook, names: dict[int, str], counts: dict[str, int]) -> dict[str, Any]:
    return {
        "id": one.id,
        "member": names.get(one.member, str(one.member)),
        "url": one.url,
        "state": one.state,
        "reason": one.reason,
        "kinds": sorted(one.interest.kinds),
        "lot": one.interest.lot,
        "pending": counts.get("pending", 0),
        "dead": counts.get("dead", 0),
    }
