"""Governance as JSON: members by slug, times in Unix seconds, bytes as 0x hex, sentences in both languages."""

from __future__ import annotations

from typing import Any

from ledger.govern.proposals import Proposal


def proposal_document(one: Proposal) -> dict[str, Any]:
    """`yes`, `no`, `silent` are the seats of now; `missing` says how many more yes it needs."""
    call = one.call and {"contract": one.call.contract, "function": one.call.function, "args": plain(one.call.args)}
    votes = {"yes": one.yes, "no": one.no, "silent": one.silent}
    return {
        "proposal": one.number,
        "proposer": one.proposer.slug,
        "says": one.says.as_json(),
        "reason": one.reason,
        "target": one.target,
        "data": one.data,
        "call": call,
        "state": one.state,
        "needed": one.needed,
        "missing": one.missing,
        **{word: [member.slug for member in members] for word, members in votes.items()},
        "voting_ends": one.voting_ends,
        "executable_from": one.executable_from,
        "expires": one.expires,
        "at": one.at,
        "block": one.block,
    }


def plain(value: Any) -> Any:
    """A decoded value as JSON can hold it."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value
