"""Where a ledger lives and what it listens on. Read once by entry points, which pass values down."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.errors import BadInput

DEFAULT_HOME = Path(".suyuan")


@dataclass(frozen=True)
class Home:
    """The folder of one ledger: `config.json`, the database, documents, keystores, logs, pid files."""

    path: Path

    @property
    def config_file(self) -> Path:
        return self.path / "config.json"

    @property
    def database_url(self) -> str:
        """An SQLAlchemy URL."""
        return os.environ.get("SUYUAN_DATABASE_URL") or f"sqlite:///{(self.path / 'ledger.sqlite').resolve()}"

    @property
    def documents(self) -> Path:
        """The content-addressed store."""
        return self.path / "documents"

    @property
    def keys(self) -> Path:
        """Encrypted keystores, one a member, and this home's own secrets (files of mode 0600)."""
        return self.path / "keys"

    @property
    def chain_file(self) -> Path:
        """The embedded chain's SQLite file."""
        return self.path / "chain.sqlite"

    @property
    def deployment_file(self) -> Path:
        """Contract addresses by name, the chain id and the first block: written once the ledger stands on the chain."""
        return self.path / "deployment.json"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """Pid files of this home's processes."""
        return self.path / "run"


@dataclass(frozen=True)
class AccountRule:
    """When a member's bank account is used: so many people signed it, and the last of them so long ago."""

    people: int = 2
    wait_seconds: int = 86_400


@dataclass(frozen=True)
class Settings:
    """What `config.json` holds. `profile` names an engine profile of `ledger.chain.profiles`.

    `development` is true for a home made by `suyuan init --development` or the demo: one signer for all members, known
    passwords. Outside development a default secret refuses to start.

    `rpc_urls` names several nodes of the chain, the nearest first; then `rpc_url` is not asked. A node more than
    `lag_blocks` behind the others is not read from while another can be. `quorum`: how many nodes must agree on what
    decides about money; null for more than half.

    `account_people` and `account_wait_seconds`: how many people sign a member's bank account, and how long it then waits
    before money goes there. Null: two and a day, in a development home none; outside development no fewer, no shorter.
    """

    profile: str = "embedded"
    chain_id: int = 7710
    rpc_url: str = "http://127.0.0.1:8545"
    rpc_urls: tuple[str, ...] = ()
    lag_blocks: int = 3
    quorum: int | None = None
    signer_url: str = "http://127.0.0.1:8546"
    api_url: str = "http://127.0.0.1:8000"
    development: bool = False
    member: str | None = None
    #: The embedded chain runs in another home; other chains' nodes always run elsewhere.
    chain_elsewhere: bool = False
    account_people: int | None = None
    account_wait_seconds: int | None = None

    @staticmethod
    def load(home: Home) -> Settings:
        """Reads `config.json`; a missing file or an unknown key is BadInput."""
        try:
            raw = json.loads(home.config_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise BadInput(
                f"There is no ledger in {home.path}.",
                hint="Run ./scripts/demo, or `suyuan init --development`, or name another folder with --home.",
            ) from None
        except json.JSONDecodeError as error:
            raise BadInput(
                f"The configuration is not JSON: {error.msg}.", where=f"{home.config_file}:{error.lineno}"
            ) from None
        unknown = set(raw) - set(Settings.__dataclass_fields__)
        if unknown:
            raise BadInput(
                f"Unknown settings: {', '.join(sorted(unknown))}.", where=str(home.config_file), hint="Remove them."
            )
        return Settings(**_nodes_checked(raw, str(home.config_file)))

    @property
    def account_rule(self) -> AccountRule:
        """BadInput for fewer people or a shorter wait than the usual, outside development."""
        usual = AccountRule(0, 0) if self.development else AccountRule()
        people = usual.people if self.account_people is None else self.account_people
        wait = usual.wait_seconds if self.account_wait_seconds is None else self.account_wait_seconds
        if people < usual.people or wait < usual.wait_seconds:
            raise BadInput(
                f"A bank account that {people} people signed {wait} seconds ago is not safe to pay.",
                where="config.json",
                hint=f"Write account_people {usual.people} and account_wait_seconds {usual.wait_seconds}, or more, or neither.",
            )
        return AccountRule(people, wait)

    @property
    def nodes(self) -> tuple[str, ...]:
        """The RPC addresses of the chain's nodes, the first to be asked first."""
        return self.rpc_urls or (self.rpc_url,)

    def save(self, home: Home) -> None:
        home.path.mkdir(parents=True, exist_ok=True)
        home.config_file.write_text(json.dumps(self.__dict__, indent=2) + "\n", encoding="utf-8")


def _nodes_checked(raw: dict[str, Any], where: str) -> dict[str, Any]:
    """`config.json` with its list of nodes as a tuple. BadInput for one that cannot be meant."""
    urls, lag, quorum = raw.get("rpc_urls", []), raw.get("lag_blocks", 0), raw.get("quorum")
    if not isinstance(urls, list) or not all(isinstance(url, str) and url for url in urls):
        raise BadInput("rpc_urls is no list of addresses.", where=where, hint='Write it as ["http://...", ...].')
    if len(set(urls)) != len(urls):
        raise BadInput("rpc_urls names a node twice, and it would be heard twice.", where=where, hint="Name it once.")
    if type(lag) is not int or lag < 0:
        raise BadInput("lag_blocks is no number of blocks.", where=where, hint="Write 0 or more; 3 is usual.")
    nodes = len(urls) or 1
    if quorum is not None and (type(quorum) is not int or not nodes // 2 < quorum <= nodes):
        raise BadInput(
            f"A quorum of {quorum} of {nodes} nodes decides nothing: two contradicting answers could both reach it, or none.",
            where=where,
            hint=f"Write a number from {nodes // 2 + 1} to {nodes}, or leave it out.",
        )
    return {**raw, "rpc_urls": tuple(urls)}


def home_from(option: Path | None) -> Home:
    """`--home`, else `SUYUAN_HOME`, else `.suyuan`."""
    return Home(option or Path(os.environ.get("SUYUAN_HOME") or DEFAULT_HOME))
