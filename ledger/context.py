"""One opened ledger: everything that a command, a page or a job works with, passed down instead of looked up."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from ledger.chain.client import Client
from ledger.chain.connect import open_client
from ledger.chain.contracts import Deployment
from ledger.chain.keystore import account_of
from ledger.chain.profiles import Profile, profile_named
from ledger.chain.signer_client import SignerClient
from ledger.config import Home, Settings
from ledger.store.database import open_database
from ledger.store.documents import Documents
from ledger.store.migrate import ensure_schema


@dataclass(frozen=True)
class Ledger:
    """A home with its settings, its database and document store, and the way to its node and signer."""

    home: Home
    settings: Settings
    profile: Profile
    engine: Engine
    documents: Documents
    client: Client
    signer: SignerClient

    @property
    def deployment(self) -> Deployment:
        """The contracts' addresses; NotFound until the ledger stands on the chain."""
        return Deployment.load(self.home)

    @property
    def relay_account(self) -> str:
        """The API's own account: it relays what members granted or signed, and can do nothing else."""
        return account_of(self.home, "api")


def open_ledger(home: Home) -> Ledger:
    """Opens the home's parts; touches neither node nor signer yet. BadInput when the home has no configuration."""
    settings = Settings.load(home)
    profile = profile_named(settings.profile)
    engine = open_database(home)
    ensure_schema(engine)
    return Ledger(
        home=home,
        settings=settings,
        profile=profile,
        engine=engine,
        documents=Documents(home.documents),
        client=open_client(home, settings),
        signer=SignerClient.of(home, settings),
    )
