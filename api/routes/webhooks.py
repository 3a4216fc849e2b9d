"""Webhooks (Standard Webhooks 1.0.0): a member registers where it wants to be told, reads what was not taken, and has
it sent again."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from api.routes.stream import number_of
from api.sessions import Member, Principal, scoped
from api.state import ledger_of
from api.validation import Strict
from ledger.notify.feed import position_of, text_of
from ledger.notify.interest import Interest
from ledger.notify.messages import Message, counts_of, dead_letters, replay
from ledger.notify.schedule import iso
from ledger.notify.signature import load_webhook_key, secret_of, shown
from ledger.notify.webhooks import Webhook, enable, register, remove, rotate, webhook_of, webhooks_of
from ledger.store.database import read, write
from ledger.store.queries.members import require_active

router = APIRouter(prefix="/webhooks", tags=["stream"])

Acting = Annotated[Principal, Depends(scoped("webhooks"))]


class WebhookIn(Strict):
    url: str = Field(max_length=2000, description="HTTPS, at a public address")
    kinds: list[str] = Field(default=[], max_length=50, description="Only these kinds of events; none: all")
    party: str | None = Field(default=None, description="Only what concerns this member (its slug)")
    lot: str | None = Field(default=None, max_length=100, description="Only this lot: {gtin}/{lot}")
    after: str | None = Field(default=None, description="Begin behind this place in the feed; else with what comes")


class ReplayIn(Strict):
    messages: list[str] | None = Field(default=None, max_length=1000, description="Ids of dead letters; none: all")


@router.post("", status_code=201, summary="Register a webhook; the answer shows its secret, once")
def ask(request: Request, said: WebhookIn, principal: Acting) -> dict[str, Any]:
    """Told of what the stream would tell this member, each message signed with the secret. Keep it: it is not shown
    again."""
    require_active(principal.member, "register a webhook")
    ledger = ledger_of(request)
    interest = Interest(
        kinds=frozenset(said.kinds),
        party=number_of(request, said.party) if said.party is not None else None,
        lot=said.lot,
        listener=principal.number,
    )
    with write(ledger.engine) as connection:
        made = register(
            connection,
            principal.number,
            said.url,
            interest,
            now=int(time.time()),
            development=ledger.settings.development,
            after=position_of(said.after) if said.after else None,
        )
    return {**told(made), "secret": _secret(request, made)}


@router.get("", summary="Your webhooks, each with how many messages stand where")
def read_webhooks(request: Request, principal: Member) -> dict[str, Any]:
    with read(ledger_of(request).engine) as connection:
        found = webhooks_of(connection, principal.number)
        counts = counts_of(connection, [one.id for one in found])
    return {"webhooks": [{**told(one), "messages": counts[one.id]} for one in found]}


@router.delete("/{webhook}", status_code=204, summary="Remove a webhook with its messages")
def drop(request: Request, webhook: str, principal: Acting) -> None:
    with write(ledger_of(request).engine) as connection:
        remove(connection, principal.number, webhook)


@router.post("/{webhook}/secret", summary="A new secret; for a day the old one signs too")
def renew(request: Request, webhook: str, principal: Acting) -> dict[str, Any]:
    with write(ledger_of(request).engine) as connection:
        changed = rotate(connection, principal.number, webhook, now=int(time.time()))
    return {**told(changed), "secret": _secret(request, changed)}


@router.post("/{webhook}/enable", summary="Go on where it stopped: what happened meanwhile is told")
def go_on(request: Request, webhook: str, principal: Acting) -> dict[str, Any]:
    with write(ledger_of(request).engine) as connection:
        return told(enable(connection, principal.number, webhook))


@router.get("/{webhook}/dead", summary="Its dead letters: messages that nobody took, the newest first")
def read_dead(request: Request, webhook: str, principal: Member) -> dict[str, Any]:
    with read(ledger_of(request).engine) as connection:
        found = webhook_of(connection, principal.number, webhook)
        letters = dead_letters(connection, [found.id])
    return {"webhook": found.id, "dead": [letter_told(one) for one in letters]}


@router.post("/{webhook}/replay", status_code=202, summary="Send dead letters again, under the same ids")
def send_again(request: Request, webhook: str, said: ReplayIn, principal: Acting) -> dict[str, Any]:
    with write(ledger_of(request).engine) as connection:
        count = replay(connection, principal.number, webhook, now=int(time.time()), messages=said.messages)
    return {"webhook": webhook, "replayed": count}


def told(one: Webhook) -> dict[str, Any]:
    """A webhook as its member reads it."""
    return {
        "id": one.id,
        "url": one.url,
        "kinds": sorted(one.interest.kinds),
        "party": one.interest.party,
        "lot": one.interest.lot,
        "state": one.state,
        "reason": one.reason,
        "failing_since": iso(one.failing_since) if one.failing_since else None,
        "position": text_of(one.position),
        "created_at": iso(one.created_at),
    }


def letter_told(one: Message) -> dict[str, Any]:
    """A message as its member reads it."""
    return {
        "id": one.id,
        "kind": one.kind,
        "position": one.position,
        "attempts": one.attempts,
        "last_at": iso(one.last_at) if one.last_at else None,
        "last_status": one.last_status,
        "last_error": one.last_error,
        "body": one.body,
    }


def _secret(request: Request, one: Webhook) -> str:
    return shown(secret_of(load_webhook_key(ledger_of(request).home), one.id, one.secret_number))
