"""The validators that a network begins with, said to the contract by the founding account before it hands over.

A home on a network of its own has them written down beside its settings; elsewhere the council decides which it wants.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select

from ledger.chain.keystore import account_of
from ledger.chain.outbox import Intent
from ledger.config import Home
from ledger.context import Ledger
from ledger.store.atomic import write_atomically
from ledger.store.database import read
from ledger.store.schema import member


def note_founding_validators(home: Home, validators: Mapping[str, str]) -> None:
    """By member's slug, the address of its validator."""
    write_atomically(_file(home), json.dumps(dict(validators), indent=2).encode() + b"\n", mode=0o644)


def missing_validators(ledger: Ledger) -> list[Intent]:
    """Those that the contract does not want yet, of the members that the rows know."""
    try:
        noted: dict[str, str] = json.loads(_file(ledger.home).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    account = account_of(ledger.home, "consortium")
    governor = str(ledger.client.call(ledger.deployment, "Members", "governor"))
    if governor.lower() != account.lower():
        return []  # handed over: from now on the council says which it wants
    wanted = {str(one).lower() for one in ledger.client.call(ledger.deployment, "Validators", "wanted")}
    with read(ledger.engine) as connection:
        numbers = {row.slug: row.member for row in connection.execute(select(member.c.slug, member.c.member))}
    return [
        Intent(f"want:{validator}", account, "Validators", "want", (numbers[slug], validator), gas=400_000)
        for slug, validator in noted.items()
        if slug in numbers and validator.lower() not in wanted
    ]


def _file(home: Home) -> Path:
    return home.path / "validators.json"
