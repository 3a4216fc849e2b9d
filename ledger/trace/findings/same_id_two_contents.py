"""The same event id stands over different contents. An event id is for one event only (EPCIS 2.0 section 7.4.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ledger.trace.findings.finding import Finding, Kind, Severity
from ledger.trace.findings.phrases import content_in_words, goods_as_json, place_name, says, unique
from ledger.trace.grades import said_of
from ledger.trace.happenings import Happening, event_ids, goods, happenings
from ledger.trace.moment import when
from ledger.trace.stated import LotFacts, Member, StatedEvent
from ledger.trace.words import Text


def same_id_two_contents(facts: LotFacts) -> Iterator[Finding]:
    """One finding an event id.

    values: event_id; differs_in: of goods, time, place, step; accounts: one a content, each with event_hashes, said_by
    (slugs), said_of (slug of the member whose place it is, where that member did not sign), time, place, goods.
    """
    by_id: dict[str, list[StatedEvent]] = defaultdict(list)
    for event in (*facts.history, *facts.forward, *facts.related):
        for event_id in sorted(event_ids(event)):
            by_id[event_id].append(event)
    own = {event.event_hash for event in (*facts.history, *facts.forward)}
    for event_id, events in by_id.items():
        accounts = happenings(events)  # a retelling that only leaves a detail out is no second content
        if len(accounts) > 1 and own & {event.event_hash for event in events}:
            yield _finding(facts, event_id, accounts)


def _finding(facts: LotFacts, event_id: str, accounts: list[Happening]) -> Finding:
    differs_in = _differences([account[0] for account in accounts])
    clauses = [_clause(account, event_id, differs_in) for account in accounts]
    of_another = sum(_said_of(account, event_id) is not None for account in accounts)
    short = event_id.rsplit(":", 1)[-1]
    both = Text(
        "同一事件只能有一种内容，两种说法不可能都对。" if len(accounts) == 2 else "这些说法不可能都对。",
        "They cannot both be true." if len(accounts) == 2 else "They cannot all be true.",
    )
    some = "One of them is" if of_another == 1 else f"{of_another} of them are"
    aside = Text("其中有转述他人的说法。", f"{some} said by another.") if of_another else Text("", "")
    sentence = Text(
        f"编号为 {short} 的同一事件有 {len(accounts)} 种不同内容："
        + "；".join(clause.zh_cn for clause in clauses)
        + f"。{both.zh_cn}{aside.zh_cn}",
        f"The same event, number {short}, was recorded with {len(accounts)} different contents: "
        + "; ".join(clause.en for clause in clauses)
        + f". {both.en} {aside.en}".rstrip(),
    )
    known = {lot.lot_key for lot in facts.lots}
    events = [event for account in accounts for event in account]
    signers = {signer.member: signer for account in accounts for signer in _signers(account, event_id)}
    return Finding(
        kind=Kind.SAME_ID_TWO_CONTENTS,
        severity=Severity.CONFLICT,
        title=Text("同一事件编号，不同内容", "One event number, different contents")
        if len(accounts) > 2
        else Text("同一事件编号，两种内容", "One event number, two contents"),
        sentence=sentence,
        lots=unique(item.lot_key for event in events for item in event.items if item.lot_key in known),
        event_hashes=unique(event.event_hash for event in events),
        members=tuple(signers.values()),
        values={
            "event_id": event_id,
            "differs_in": differs_in,
            "accounts": [_account(account, event_id) for account in accounts],
        },
    )


def _clause(account: Happening, event_id: str, differs_in: list[str]) -> Text:
    """ "Distributor says of Packer: 25,000 lb of lettuce became 500 cases"."""
    event = account[0]
    who = says(_signers(account, event_id), _told(account, event_id))
    parts = []
    if "goods" in differs_in or differs_in == ["step"]:
        parts.append(content_in_words(event))
    if "time" in differs_in:
        parts.append(Text(f"时间为 {when(event).words}", f"at {when(event).words}"))
    if "place" in differs_in:
        place = place_name(event.place)
        parts.append(Text(f"地点为{place.zh_cn}", f"at {place.en}"))
    if "step" in differs_in:
        step = f"{event.action or ''} {event.biz_step or ''}".strip() or event.event_type
        parts.append(Text(f"环节为 {step}", f"as {step}"))
    what = Text("，".join(part.zh_cn for part in parts), ", ".join(part.en for part in parts))
    return Text(f"{who.zh_cn}：{what.zh_cn}", f"{who.en}: {what.en}")


def _differences(events: list[StatedEvent]) -> list[str]:
    aspects: dict[str, set[Any]] = {
        "goods": {goods(event) for event in events},
        "time": {event.event_time for event in events},
        "place": {(event.place.gln or event.place.uri) if event.place else None for event in events},
        "step": {(event.event_type, event.action, event.biz_step) for event in events},
    }
    return [name for name, found in aspects.items() if len(found) > 1]


def _signers(account: Happening, event_id: str) -> tuple[Member, ...]:
    """Who said this content under this id."""
    found = {
        statement.member.member: statement.member
        for event in account
        for statement in event.statements
        if statement.event_id == event_id
    }
    return tuple(found.values())


def _told(account: Happening, event_id: str) -> StatedEvent:
    """The event of the account that stands under the id."""
    return next(event for event in account if event_id in event_ids(event))


def _said_of(account: Happening, event_id: str) -> Member | None:
    return said_of(_told(account, event_id))


def _account(account: Happening, event_id: str) -> dict[str, Any]:
    event, of = account[0], _said_of(account, event_id)
    return {
        "event_hashes": [each.event_hash for each in account],
        "said_by": [signer.slug for signer in _signers(account, event_id)],
        "said_of": of.slug if of else None,
        "time": when(event).local,
        "place": event.place.uri if event.place else None,
        "goods": goods_as_json(event.items),
    }
