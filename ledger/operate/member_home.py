"""Homes that are not for development: one member's own key, or the founder's, and the key of the home's API.

A member makes its home before the founding, to have an account to hand in, and runs the same command again with the
network file that the founder hands out: what stands is left, what is missing is added. No secret has a default.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.chain.keystore import account_of, create_keystore, keystores, signer_secret
from ledger.chain.policy import CONSORTIUM_NAME, RELAY_NAME
from ledger.chain.profiles import profile_named
from ledger.config import Home, Settings
from ledger.errors import BadInput, Conflict, NotFound, Unavailable
from ledger.operate.free_ports import free_url
from ledger.operate.network_file import NAME, NetworkFile
from ledger.operate.toml_file import SLUG_RULE, is_slug
from ledger.store.atomic import write_atomically


@dataclass(frozen=True)
class MadeHome:
    """`made` is false when all stood already. `asked` is false when no node could say whether it serves the chain;
    `joined` when the home knows the ledger's contracts. `part_file` is what a member hands in for the founding."""

    home: Path
    account: str
    relay: str
    made: bool
    asked: bool
    joined: bool
    part_file: Path | None


def make_member_home(
    home: Home,
    slug: str,
    network: NetworkFile,
    *,
    password: Callable[[str], str],
    name: str | None = None,
    roles: Sequence[str] = (),
    port: int = 8000,
) -> MadeHome:
    """A member's home. `password` gives the password for a key that is made now.

    BadInput (slug), Conflict (another member's home, another ledger, another chain), and what `password` raises.
    """
    if not is_slug(slug) or slug in (CONSORTIUM_NAME, RELAY_NAME):
        raise BadInput(f"{slug!r} is no member's slug.", hint=SLUG_RULE)
    made = _make(home, slug, network, password, port)
    part = home.path / f"{slug}.member.toml"
    if not part.exists():
        write_atomically(part, _part(slug, name or slug, made.account, roles).encode(), mode=0o644)
    return MadeHome(**{**made.__dict__, "part_file": part})


def make_founder_home(
    home: Home, network: NetworkFile, *, password: Callable[[str], str], port: int = 8000
) -> MadeHome:
    """The founder's home: it deploys, admits the first members, and hands over to their Council."""
    if network.deployment is not None:
        raise Conflict(
            "On this network a ledger was founded already.", hint="Join it: `suyuan init --member SLUG --network FILE`."
        )
    return _make(home, CONSORTIUM_NAME, network, password, port)


def _make(home: Home, owner: str, network: NetworkFile, password: Callable[[str], str], port: int) -> MadeHome:
    profile = profile_named(network.profile)
    standing = Settings.load(home) if home.config_file.exists() else None
    _require_ours(home, standing, owner, network)
    asked = _require_chain(network)
    settings = standing or Settings(
        profile=network.profile,
        chain_id=network.chain_id,
        rpc_url=network.rpc_urls[0],
        rpc_urls=network.rpc_urls if len(network.rpc_urls) > 1 else (),
        signer_url=free_url(8546),
        api_url=f"http://127.0.0.1:{port}",
        member=owner,
        chain_elsewhere=profile.run_by_home,
    )
    made = standing is None
    missing = [key for key in (owner, RELAY_NAME) if key not in keystores(home)]
    passwords = {key: password(owner if key == RELAY_NAME else key) for key in missing}  # before anything is written
    home.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    home.keys.mkdir(exist_ok=True, mode=0o700)
    for folder in (home.documents, home.logs, home.run):
        folder.mkdir(exist_ok=True)
    for key in missing:
        create_keystore(home, key, passwords[key])
        made = True
    signer_secret(home)  # made on first use
    made |= _join(home, network)
    if standing is None:
        settings.save(home)  # last: a home with settings is a whole home
    joined = home.deployment_file.exists()
    return MadeHome(home.path, account_of(home, owner), account_of(home, RELAY_NAME), made, asked, joined, None)


def _require_ours(home: Home, standing: Settings | None, owner: str, network: NetworkFile) -> None:
    if standing is None:
        if home.path.exists() and any(home.path.iterdir()) and not _is_begun(home):
            raise Conflict(
                f"{home.path} is not empty, and holds no home of Suyuan.", hint="Name another folder with --home."
            )
        return
    if standing.development:
        raise Conflict(
            f"{home.path} is a development home: its keys are for trying only.", hint="Name another folder with --home."
        )
    if standing.member != owner:
        raise Conflict(
            f"{home.path} is the home of {standing.member}, not of {owner}.",
            hint="One home holds one member's key. Name another folder with --home.",
        )
    if (standing.profile, standing.chain_id) != (network.profile, network.chain_id):
        raise Conflict(
            f"{home.path} lives on chain {standing.chain_id} ({standing.profile}), and the network file is for chain "
            f"{network.chain_id} ({network.profile}).",
            hint="Make another home for another chain.",
        )


def _is_begun(home: Home) -> bool:
    """An earlier run was interrupted: its keys are there, its settings not yet."""
    return {path.name for path in home.path.iterdir()} <= {"keys", "documents", "logs", "run", "deployment.json"}


def _require_chain(network: NetworkFile) -> bool:
    """Whether a node could be asked. Conflict when it serves another chain than the file says."""
    client = Client(network.rpc_urls[0], profile_named(network.profile))
    try:
        client.require_chain(network.chain_id, network.genesis)
    except BadInput as error:
        raise Conflict(error.what, hint="Name a node of that chain with --rpc-url.") from None
    except (Unavailable, NotFound):
        return False
    finally:
        client.close()
    return True


def _join(home: Home, network: NetworkFile) -> bool:
    """Takes over where the ledger's contracts stand. Conflict when the home belongs to another ledger already."""
    if network.deployment is None:
        return False
    if home.deployment_file.exists():
        standing = Deployment.load(home)
        if standing.addresses.get("Members") != network.deployment.get("addresses", {}).get("Members"):
            raise Conflict(
                f"{home.path} belongs to another ledger on this chain.", hint="Name another folder with --home."
            )
        return False
    trial = Home(home.path / ".joining")
    try:
        write_atomically(trial.deployment_file, json.dumps(network.deployment, indent=2).encode() + b"\n", mode=0o644)
        Deployment.load(trial)
        trial.deployment_file.replace(home.deployment_file)
    except BadInput:
        raise BadInput("The network file's deployment cannot be read.", hint="Ask the founder for it again.") from None
    finally:
        shutil.rmtree(trial.path, ignore_errors=True)
    network.save(home.path / NAME)
    return True


def _part(slug: str, name: str, account: str, roles: Sequence[str]) -> str:
    """What the founder's file takes: TOML."""
    lines = [
        "[[member]]",
        f"slug = {json.dumps(slug)}",
        f"name = {json.dumps(name, ensure_ascii=False)}",
        f"account = {json.dumps(account)}",
        f"roles = {json.dumps(list(roles))}",
    ]
    return "\n".join([*lines, ""])
