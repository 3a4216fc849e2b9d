"""Commands about the network on this machine: up, down, status, kill, start, logs."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.output import EXIT_NO, JsonOption, Output, told_plainly
from ledger.context import open_ledger
from ledger.errors import Conflict, SuyuanError
from ledger.network.create import FOUNDERS
from ledger.network.engine import engine
from ledger.network.layout import Network, folder_from
from ledger.network.look import look_at
from ledger.network.node_process import kill_node, start_nodes
from ledger.network.operate import bring_up, locked, pull_down
from ledger.network.seen import NetworkSeen
from ledger.network.wanted import wanted_set
from ledger.operate.development import MEMBERS

NetworkOption = Annotated[
    Path | None,
    typer.Option(
        "--network", help="The network's folder; else SUYUAN_NETWORK, else .suyuan-network.", show_default=False
    ),
]
NodeArgument = Annotated[int, typer.Argument(help="The node's number.", min=1)]


def up(
    validators: Annotated[int, typer.Option("--validators", help="How many a new network begins with.")] = 4,
    chain_id: Annotated[int | None, typer.Option("--chain-id", help="Of a new network.", show_default="7711")] = None,
    port: Annotated[int, typer.Option("--port", help="Where the home's pages will be served on 127.0.0.1.")] = 8000,
    as_json: JsonOption = False,
    network: NetworkOption = None,
) -> None:
    """Build (once) and start a network of IBFT validators, with the ledger deployed and its members admitted."""
    output = Output(as_json)
    with told_plainly(output):
        folder = folder_from(network)
        slugs = [*FOUNDERS, *(entry.slug for entry in MEMBERS if entry.slug not in FOUNDERS)]
        standing = bring_up(folder, chain_id, slugs[:validators], output.say, api_port=port)
        output.say(
            f"The network runs, with the ledger on it: see `suyuan network status`. Serve its pages with "
            f"`suyuan up --home {standing.home.path}`; pull it down with `suyuan network down`."
        )
        output.result(
            {
                "network": str(standing.folder),
                "home": str(standing.home.path),
                "chain_id": standing.chain_id,
                "nodes": [{**asdict(node), "rpc_url": node.rpc_url} for node in standing.nodes],
            }
        )


def down(as_json: JsonOption = False, network: NetworkOption = None) -> None:
    """Stop every node; data, keys and logs stay."""
    output = Output(as_json)
    with told_plainly(output), locked(folder_from(network)):
        stopped = pull_down(Network.load(folder_from(network)), output.say)
        if not stopped:
            output.say("No node was running.")
        output.result({"stopped": stopped})


def status(as_json: JsonOption = False, network: NetworkOption = None) -> None:
    """Heights, peers, turns taken and missed, lag and clocks; exit 0 when nothing is wrong."""
    output = Output(as_json)
    with told_plainly(output):
        standing = Network.load(folder_from(network))
        seen = look_at(standing, _wanted(standing))
        _tell(seen, output)
        output.result({**asdict(seen), "ok": not seen.faults})
    if seen.faults:
        raise typer.Exit(EXIT_NO)


def _wanted(standing: Network) -> list[str] | None:
    """The validators that the contract wants; None where no node or no contract answers."""
    try:
        return wanted_set(open_ledger(standing.home))
    except SuyuanError:
        return None


def _tell(seen: NetworkSeen, output: Output) -> None:
    names = {node.address: f"{node.number} ({node.member})" for node in seen.nodes}
    if seen.height is None:
        output.say(f"chain {seen.chain_id}: no node answers")
    else:
        output.say(
            f"chain {seen.chain_id}, block {seen.height}, {seen.head_age or 0:.0f} s old, proposed by node "
            f"{names.get(seen.proposer or '', seen.proposer)} in round {seen.round}; "
            f"{len(seen.validators)} validators, {seen.needed} are needed for a block"
        )
    rows = [
        [
            *(names[node.address], node.condition, _shown(node.height), _shown(node.lag), _shown(node.peers)),
            f"{node.proposed} of {node.proposed + node.missed}" if node.validator else "no validator",
            _shown(node.clock),
        ]
        for node in seen.nodes
    ]
    output.table("Nodes", ["node", "", "height", "lag", "peers", "turns", "clock"], rows, right=(2, 3, 4, 5, 6))
    for fault in seen.faults:
        output.say(f"! {fault}")


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:,}"


def kill(number: NodeArgument, as_json: JsonOption = False, network: NetworkOption = None) -> None:
    """Pull a node's plug: kill -9, without a goodbye."""
    output = Output(as_json)
    with told_plainly(output):
        standing = Network.load(folder_from(network))
        node = standing.node(number)
        if not kill_node(standing, node):
            raise Conflict(f"Node {number} ({node.member}) does not run.", hint="See `suyuan network status`.")
        output.say(f"Node {number} ({node.member}) was killed.")
        output.result({"killed": number})


def start(number: NodeArgument, as_json: JsonOption = False, network: NetworkOption = None) -> None:
    """Start a node that is down; it catches up by itself. A repeat changes nothing."""
    output = Output(as_json)
    with told_plainly(output), locked(folder_from(network)):
        standing = Network.load(folder_from(network))
        node = standing.node(number)
        started = bool(start_nodes(standing, [node], engine(output.say)))
        output.say(f"Node {number} ({node.member}) {'started' if started else 'runs already'}: {node.rpc_url}.")
        output.result({"node": number, "started": started, "rpc_url": node.rpc_url})


def logs(
    number: NodeArgument,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as it grows, until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="From how far back.", min=0)] = 40,
    network: NetworkOption = None,
) -> None:
    """Print the end of a node's log."""
    output = Output(False)
    with told_plainly(output):
        standing = Network.load(folder_from(network))
        file = standing.log(standing.node(number))
        words = ["tail", "-n", str(lines), *(["-F"] if follow else []), str(file)]
        os.execvp(words[0], words)  # noqa: S606 - the arguments are ours
