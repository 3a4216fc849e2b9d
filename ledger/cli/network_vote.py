"""The command by which a member's node votes for the validators that the consortium wants."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger.cli.network_here import NetworkOption
from ledger.cli.output import JsonOption, Output, told_plainly
from ledger.context import Ledger
from ledger.network.engine import engine
from ledger.network.joining import vote_for
from ledger.network.layout import Network, folder_from
from ledger.network.operate import locked
from ledger.network.wanted import wanted_set
from ledger.operate.serve import serving


def vote(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="Whose nodes vote; all that run here by default.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
    network: NetworkOption = None,
) -> None:
    """Cast this member's engine votes for the validators that the contract wants; a repeat changes nothing."""
    output = Output(as_json)
    with told_plainly(output), locked(folder_from(network)):
        standing = Network.load(folder_from(network))
        with serving(standing.home, ()) as ledger:
            votes = _vote(ledger, standing, numbers or [node.number for node in standing.nodes], output)
        output.result({"votes": votes})


def _vote(ledger: Ledger, standing: Network, numbers: list[int], output: Output) -> list[dict[str, object]]:
    votes = vote_for(
        standing, ledger.client, wanted_set(ledger), [standing.node(number) for number in numbers], engine(output.say)
    )
    for node, change, new in votes:
        side = "in" if change.let_in else "out"
        output.say(
            f"Node {node.number} ({node.member}) {'votes' if new else 'has voted'} to let {change.validator} {side}."
        )
    if not votes:
        output.say("The validators are those that the contract wants: there is nothing to vote for.")
    return [
        {"node": node.number, "validator": change.validator, "let_in": change.let_in, "new": new}
        for node, change, new in votes
    ]
