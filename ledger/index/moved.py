"""Notices that the Council pointed a contract of the ledger to another address, and has the home follow."""

from __future__ import annotations

import structlog
from sqlalchemy import Engine, select

from ledger.chain.artifact import CONTRACTS
from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.chain.directory import follow_directory
from ledger.config import Home
from ledger.errors import SuyuanError
from ledger.store.database import read
from ledger.store.schema import contract_pointer

_log = structlog.get_logger("index")


class Moves:
    """Of one indexer's process, which knows one deployment for all its life."""

    def __init__(self, engine: Engine, client: Client, deployment: Deployment, home: Home) -> None:
        self._engine = engine
        self._client = client
        self._deployment = deployment
        self._home = home
        self._told = ""

    def followed(self) -> bool:
        """Whether deployment.json is another one now, so that the process must begin again with it.

        What cannot be followed (code that this version of the software does not know, a node that does not answer) is
        said once, and tried again at the next call; the addresses that are known are read on.
        """
        try:
            if not self._unknown():
                return False
            now = follow_directory(self._client.by_quorum(), self._deployment, self._home)
        except SuyuanError as error:
            if str(error) != self._told:
                _log.error("contracts_not_followed", sentence=str(error))
            self._told = str(error)
            return False
        return now != self._deployment

    def _unknown(self) -> bool:
        """Whether the rows point to an address that the deployment does not have."""
        pointed = select(contract_pointer.c.address).where(
            contract_pointer.c.current, contract_pointer.c.name.in_(CONTRACTS)
        )
        with read(self._engine) as connection:
            return any(self._deployment.contract_at(at) is None for at in connection.execute(pointed).scalars())
