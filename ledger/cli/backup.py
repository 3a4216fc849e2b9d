"""Commands that back a home up and bring it back."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from ledger.chain.keystore import refuse_weak
from ledger.cli.output import EXIT_NO, HomeOption, JsonOption, Output, told_plainly
from ledger.config import home_from
from ledger.errors import BadInput
from ledger.operate.backup import back_up
from ledger.operate.restore import restore as bring_back

PASSPHRASE = "SUYUAN_BACKUP_PASSPHRASE"  # noqa: S105  # the variable's name, not a secret


def register(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    out: Annotated[Path, typer.Option("--out", help="The file to write; it must not exist yet.")],
    unsealed: Annotated[
        bool, typer.Option("--unsealed", help="Without a passphrase: whoever has the file reads it.")
    ] = False,
    with_development_passwords: Annotated[
        bool, typer.Option("--with-development-passwords", help="Take a development home's passwords along.")
    ] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Back up what the chain cannot give back: documents, keys, the pending outbox and the other local rows."""
    output = Output(as_json)
    with told_plainly(output):
        passphrase = None if unsealed else _new_passphrase()
        made = back_up(
            home_from(home), out, passphrase=passphrase, with_development_passwords=with_development_passwords
        )
        output.say(
            f"{out}: {made.documents} documents, {made.openings} openings, {made.keys} keys (as encrypted as they were), "
            f"{made.rows} local rows, {made.pending} of them under way{', the chain' if made.with_chain else ''}."
        )
        if not made.sealed:
            output.say("! It is not sealed: whoever has the file reads the documents and what opens the commitments.")
        for name in made.damaged:
            output.say(f"! The document store's file {name} is damaged and was left out: put the original back.")
        output.result(asdict(made))
    if made.damaged:
        raise typer.Exit(EXIT_NO)


def restore(
    file: Annotated[Path, typer.Argument(help="What `suyuan backup` wrote.")],
    rpc_url: Annotated[str | None, typer.Option("--rpc-url", help="Follow the chain at this node.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Restore a backup into an empty folder. Stop the old home first, if it still runs."""
    output = Output(as_json)
    with told_plainly(output):
        restored = bring_back(file, home_from(home), passphrase=_passphrase(), rpc_url=rpc_url)
        made_at = datetime.fromtimestamp(restored.made_at, UTC).isoformat(timespec="minutes")
        output.say(
            f"{restored.home} is as it was at {made_at}: {restored.rows} local rows, of which {restored.pending} go on. "
            "`suyuan up` rebuilds the others from the chain."
        )
        if not restored.chain_asked:
            output.say("! No node could be asked whether it serves this ledger's chain; `suyuan up` will ask again.")
        if restored.without_passwords:
            output.say("! The development passwords were not in it: put keys/*.password back, or set SUYUAN_PASSWORD.")
        output.result(asdict(restored))


def _new_passphrase() -> str:
    given = os.environ.get(PASSPHRASE)
    if not given and sys.stdin.isatty():
        given = getpass("Passphrase of the backup: ")
        if given != getpass("Once more: "):
            raise BadInput("The two are not the same.", hint="Try again.")
    if not given:
        raise BadInput(
            "A backup is sealed with a passphrase, and there is none.",
            hint=f"Set {PASSPHRASE}, or write it --unsealed onto an encrypted disk.",
        )
    refuse_weak(given)
    return given


def _passphrase() -> str | None:
    """None: an unsealed backup needs none, and a sealed one says that it does."""
    given = os.environ.get(PASSPHRASE)
    if not given and sys.stdin.isatty():
        given = getpass("Passphrase of the backup (empty if it is not sealed): ")
    return given or None
