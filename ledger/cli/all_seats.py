"""All seats of a development home decide at once: one signer holds their keys, so a proposal passes and is executed in one go."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import select

from ledger.cli.access import access_as
from ledger.cli.waiting import until_shown
from ledger.context import Ledger
from ledger.errors import NotAllowed
from ledger.govern import decide
from ledger.govern.acts import Act
from ledger.govern.constitution import constitution_in_force, seats
from ledger.settle.acting import Acting
from ledger.store.database import read, write
from ledger.store.schema import proposal


def agree(ledger: Ledger, acts: Sequence[Act], reason: str) -> list[int]:
    """The acts proposed, agreed to and executed; the proposals' numbers. NotAllowed outside a development home: there each
    seat decides with its own key. Reverted when a contract refuses."""
    if not ledger.settings.development:
        raise NotAllowed(
            "Only in a development home one command speaks for all seats.",
            hint="Propose it with `suyuan council propose`, and have each seat vote.",
        )
    at, now = ledger.deployment, int(time.time())
    with read(ledger.engine) as connection:
        having = seats(connection)
        needed = constitution_in_force(connection).needed(len(having))
    proposer, *others = [_seat(ledger, member.slug) for member in having[:needed]]
    with write(ledger.engine) as connection:
        proposed = [decide.propose(connection, at, proposer, one, reason, now=now).id for one in acts]
    until_shown(ledger, proposed)
    numbers = _numbers(ledger, acts)
    with write(ledger.engine) as connection:
        votes = [decide.vote(connection, at, seat, each, True, now=now).id for seat in others for each in numbers]
    until_shown(ledger, votes)
    with write(ledger.engine) as connection:
        executed = [decide.execute(connection, at, proposer, each, now=now).id for each in numbers]
    until_shown(ledger, executed)
    return numbers


def _seat(ledger: Ledger, slug: str) -> Acting:
    access = access_as(ledger, slug, "council")
    return Acting(access.member, access.authority)


def _numbers(ledger: Ledger, acts: Sequence[Act]) -> list[int]:
    """The newest proposal of each act."""
    with read(ledger.engine) as connection:
        return [
            max(
                connection.execute(
                    select(proposal.c.proposal).where(proposal.c.data == "0x" + one.data.hex())
                ).scalars()
            )
            for one in acts
        ]
