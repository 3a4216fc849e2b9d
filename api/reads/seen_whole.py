"""Which events of a journey whoever asks may take away whole."""

from __future__ import annotations

import json

from sqlalchemy import Connection

from api.sessions import Principal
from ledger.trace.query.visible import visibility
from ledger.trace.stated import LotFacts, StatedEvent


def seen_whole(
    connection: Connection, facts: LotFacts, principal: Principal | None, public: bool
) -> tuple[StatedEvent, ...]:
    """Everybody sees the history of a lot that leads to item codes (`public`). A member sees what it signed or what names its
    places, and a regulator everything. What was made of a lot is another lot's journey: public there, not here."""
    if principal is None:
        return facts.history if public else ()
    sees = visibility(connection, principal.member)
    history = {event.event_hash for event in facts.history} if public else set()

    def whole(event: StatedEvent) -> bool:
        if event.event_hash in history:
            return True
        signers = frozenset(said.member.member for said in event.statements)
        return sees.sight(signers, json.dumps(event.body, default=str, ensure_ascii=False), frozenset()) == "whole"

    return tuple(event for event in (*facts.history, *facts.forward) if whole(event))
