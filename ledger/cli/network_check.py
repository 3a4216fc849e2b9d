"""The command that tries a network: what passes, what the ledger does about what does not, and the profile for it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from ledger.chain.keystore import password_from_environment
from ledger.chain.sign_plain import open_key_file
from ledger.cli.output import EXIT_NO, JsonOption, Output, told_plainly
from ledger.errors import BadInput, Conflict
from ledger.network.check.finding import Finding
from ledger.network.check.run import Checked, check_network
from ledger.network.check.sending import Sending
from ledger.operate.network_file import NetworkFile

_MARKS = {"passes": "ok     ", "adapts": "adapts ", "fails": "FAILS  ", "unknown": "?      "}


def check(
    rpc: Annotated[
        list[str], typer.Argument(help="JSON-RPC addresses of the network's nodes, this member's own first.")
    ],
    ws: Annotated[str | None, typer.Option("--ws", help="WebSocket address of the first node.")] = None,
    write: Annotated[
        Path | None, typer.Option("--write", help="Begin a network file (JSON) with what was found.")
    ] = None,
    send: Annotated[
        Path | None, typer.Option("--send", help="Also send three transactions, with the key in this keystore file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Try a network's nodes; exit 0 when the ledger can run there. Reads only, unless --send names a funded key."""
    output = Output(as_json)

    def told(finding: Finding) -> None:
        output.say(f"{_MARKS[finding.verdict]}{finding.topic}: {finding.sentence}")
        if finding.ledger is not None:
            output.say(f"       The ledger: {finding.ledger}")

    with told_plainly(output):
        if write is not None and write.exists():
            raise Conflict("There is a file of that name already.", where=str(write), hint="Name another.")
        checked = check_network(rpc, told, ws_url=ws, sending=_key(send))
        if checked.runs and checked.profile is not None:
            output.say(f"The ledger can run there, with the profile {checked.profile.name}.")
            if write is not None:
                _begin(write, checked, rpc)
                output.say(f"{write} is begun: `suyuan init --member SLUG --network {write}`.")
        else:
            output.say("The ledger cannot run there.")
        output.result(
            {
                "runs": checked.runs,
                "profile": checked.profile.name if checked.profile else None,
                "findings": [asdict(finding) for finding in checked.findings],
                "facts": {**asdict(checked.facts), "head": checked.facts.height},
            }
        )
    if not checked.runs:
        raise typer.Exit(EXIT_NO)


def _begin(path: Path, checked: Checked, urls: list[str]) -> None:
    if checked.profile is None or checked.facts.chain_id is None:
        raise BadInput("Nothing was found that a network file could hold.")
    NetworkFile(checked.profile.name, checked.facts.chain_id, tuple(urls), checked.facts.genesis).save(path)


def _key(file: Path | None) -> Sending | None:
    if file is None:
        return None
    password = password_from_environment(file.stem)
    if password is None and sys.stdin.isatty():
        password = getpass(f"Password of {file}: ")
    account, private_key = open_key_file(file, password or "")
    return Sending(account, private_key)
