"""Commands by which a network's validators change: join, vote."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger.cli.access import require_member
from ledger.cli.all_seats import agree
from ledger.cli.network_here import NetworkOption
from ledger.cli.output import JsonOption, Output, told_plainly
from ledger.context import Ledger
from ledger.govern.acts import act
from ledger.network.engine import engine
from ledger.network.joining import await_set, follow_along, joined_node, vote_for
from ledger.network.layout import Network, folder_from
from ledger.network.operate import locked
from ledger.network.wanted import wanted_set
from ledger.operate.serve import WRITING, serving


def join(
    slug: Annotated[str, typer.Argument(help="The member that joins with a node of its own.")],
    observer: Annotated[bool, typer.Option("--observer", help="As a peer that follows and does not validate.")] = False,
    as_json: JsonOption = False,
    network: NetworkOption = None,
) -> None:
    """Join a member: its node with a key of its own, first as a peer, then as a validator by proposal and votes."""
    output = Output(as_json)
    with told_plainly(output), locked(folder_from(network)):
        binary = engine(output.say)
        standing = Network.load(folder_from(network))
        with serving(standing.home, WRITING) as ledger:
            member = require_member(ledger, slug)
            standing, node, new = joined_node(standing, slug, binary)
            follow_along(standing, node, binary)
            output.say(
                f"Node {node.number} ({slug}) {'is new and' if new else ''} follows the others: {node.rpc_url}, "
                f"key {node.validator}."
            )
            if not observer:
                if node.validator.lower() not in wanted_set(ledger):
                    wish = act(ledger.deployment, "Validators", "want", member.member, node.validator)
                    (number,) = agree(ledger, [wish], f"{member.name} joins with a validator")
                    output.say(f"The council's proposal {number} was agreed to and executed: its validator is wanted.")
                _vote(ledger, standing, [each.number for each in standing.nodes], output)
                await_set(ledger.client, wanted_set(ledger))
                output.say(f"Node {node.number} ({slug}) is a validator.")
        output.result(
            {"node": node.number, "member": slug, "new": new, "validator": node.validator, "observer": observer}
        )


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
