"""Where a ledger lives and what it listens on. Read once by entry points, which pass values down."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

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
class Settings:
    """What `config.json` holds. `profile` names an engine profile of `ledger.chain.profiles`.

    `development` is true for a home made by `suyuan init --development` or the demo: one signer for all members, known
    passwords. Outside development a default secret refuses to start.
    """

    profile: str = "embedded"
    chain_id: int = 7710
    rpc_url: str = "http://127.0.0.1:8545"
    signer_url: str = "http://127.0.0.1:8546"
    api_url: str = "http://127.0.0.1:8000"
    development: bool = False
    member: str | None = None
    #: The embedded chain runs in another home; other chains' nodes always run elsewhere.
    chain_elsewhere: bool = False

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
        return Settings(**raw)

    def save(self, home: Home) -> None:
        home.path.mkdir(parents=True, exist_ok=True)
        home.config_file.write_text(json.dumps(self.__dict__, indent=2) + "\n", encoding="utf-8")


def home_from(option: Path | None) -> Home:
    """`--home`, else `SUYUAN_HOME`, else `.suyuan`."""
    return Home(option or Path(os.environ.get("SUYUAN_HOME") or DEFAULT_HOME))
