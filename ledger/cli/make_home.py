"""The command `init`: a home for trying, a member's home, or the founder's."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from ledger.chain.profiles import profile_named
from ledger.cli.output import HomeOption, JsonOption, Output, read_file, told_plainly
from ledger.config import Home, Settings, home_from
from ledger.errors import BadInput
from ledger.operate.development import create_home, development_settings
from ledger.operate.founding import found
from ledger.operate.founding_file import FirstMember, read_founding
from ledger.operate.member_home import MadeHome, make_founder_home, make_member_home
from ledger.operate.network_file import NAME, NetworkFile, read_network_file
from ledger.operate.serve import serving
from ledger.operate.unlock import new_password


def register(app: typer.Typer) -> None:
    app.command("init")(init)


def init(
    development: Annotated[
        bool, typer.Option("--development", help="All members' keys in one home, with their passwords beside them.")
    ] = False,
    member: Annotated[str | None, typer.Option("--member", help="A home for this member's own key.")] = None,
    founding: Annotated[
        Path | None, typer.Option("--found", help="Found the ledger: a file of the first members' parts.")
    ] = None,
    network: Annotated[Path | None, typer.Option("--network", help="The network file (JSON).")] = None,
    rpc_url: Annotated[str | None, typer.Option("--rpc-url", help="This member's own node.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="The member's name.")] = None,
    role: Annotated[list[str] | None, typer.Option("--role", help="A role that it asks for; repeatable.")] = None,
    port: Annotated[int, typer.Option("--port", help="Where the pages will be served on 127.0.0.1.")] = 8000,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Make a new home: settings, keys, folders. A repeat changes nothing but what was missing."""
    output = Output(as_json)
    with told_plainly(output):
        place = home_from(home)
        if [development, member is not None, founding is not None].count(True) != 1:
            raise BadInput(
                "Say what home this is to be.",
                hint="--development (to try), --member SLUG (a member's own), or --found FILE (the founder's).",
            )
        if development:
            made = create_home(
                place, development_settings(port) if not place.config_file.exists() else Settings.load(place)
            )
            output.say(
                f"{place.path} {'is ready: start it with `suyuan up`.' if made else 'stands already; nothing changed.'}"
            )
            output.result({"home": str(place.path), "made": made})
            return
        wanted = _network(network, rpc_url)
        if member is not None:
            made_home = make_member_home(
                place, member, wanted, password=new_password, name=name, roles=role or (), port=port
            )
            costs = profile_named(wanted.profile).fee.mode != "legacy_zero"
            _say_member(output, member, made_home, costs=costs)
        elif founding is not None:
            members = read_founding(read_file(founding).decode("utf-8", errors="replace"), str(founding))
            _found(output, place, wanted, members, port)


def _network(file: Path | None, rpc_url: str | None) -> NetworkFile:
    if file is None:
        raise BadInput(
            "A home outside development needs a network file.",
            hint="--network FILE: from the founder, or from `suyuan network check RPC… --write FILE`.",
        )
    network = read_network_file(file)
    if rpc_url is None:
        return network
    others = (url for url in network.rpc_urls if url != rpc_url)
    return dataclasses.replace(network, rpc_urls=(rpc_url, *others))


def _say_member(output: Output, slug: str, made: MadeHome, *, costs: bool) -> None:
    output.say(
        f"{made.home} {'is made' if made.made else 'stands already; nothing changed'}: {slug} is {made.account}."
    )
    if not made.asked:
        output.say("! No node could be asked whether it serves this chain; `suyuan up` will ask again.")
    if costs:
        output.say(f"! Gas costs something on this chain: {made.account} and {made.relay} (the API's own) need funds.")
    if made.joined:
        output.say("It knows the ledger's contracts: start it with `suyuan up`.")
    else:
        output.say(
            f"Hand in {made.part_file} for the founding. With the network file that the founder hands out then, run this again."
        )
    output.result(dataclasses.asdict(made))


def _found(output: Output, place: Home, network: NetworkFile, members: tuple[FirstMember, ...], port: int) -> None:
    made = make_founder_home(place, network, password=new_password, port=port)
    with serving(place) as ledger:
        acts = found(ledger, members)
        deployment = json.loads(place.deployment_file.read_text(encoding="utf-8"))
        genesis = str(ledger.client.block(0).hash)
    handed_out = dataclasses.replace(network, genesis=genesis, deployment=deployment)
    handed_out.save(place.path / NAME)
    output.say(f"The ledger stands on chain {network.chain_id}, founded by {made.account}; {acts} acts were missing.")
    output.say(f"Hand out {place.path / NAME}: each member runs `suyuan init --member SLUG --network FILE` with it.")
    output.result({**dataclasses.asdict(made), "acts": acts, "network_file": place.path / NAME})
