"""The page of governance: what is stopped, what is open and what it lacks, who decides how, and every act so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import Request, Response

from api.pages.formats import chain_time
from api.pages.language import Language, language_of, say
from api.reads.governance import Governance
from api.state import pages_of
from ledger.govern.documents import plain
from ledger.govern.proposals import Proposal
from ledger.govern.words import duration_text, percent_text, roles_text
from ledger.store.queries.members import MemberRow
from ledger.trace.words import Text


def governance_page(request: Request, told: Governance, *, first: bool) -> Response:
    """`first`: the page with everything; false: one of older acts alone."""
    language = language_of(request)

    def text(said: Text) -> str:
        return said.in_language("zh-CN" if language == "zh" else "en")

    def names(members: Sequence[MemberRow]) -> str:
        return ("、" if language == "zh" else ", ").join(member.name for member in members)

    context: dict[str, Any] = {
        "told": told,
        "first": first,
        "text": text,
        "names": names,
        "duration": lambda seconds: text(duration_text(seconds)),
        "percent_of": percent_text,
        "roles_of": lambda bits: text(roles_text(bits)),
        "state_of": lambda one: _state(one, language),
        "call_of": _call,
        "owners": {one.row.member: one.row.name for one in told.members},
    }
    return pages_of(request).render(request, "governance.html", context)


def _state(one: Proposal, language: Language) -> str:
    """Where an open proposal stands, with the time that counts next."""
    if one.state == "voting":
        return say(language, "gov.state_voting", until=chain_time(one.voting_ends, language))
    if one.state == "delayed" and one.executable_from is not None:
        return say(language, "gov.state_delayed", start=chain_time(one.executable_from, language))
    return say(language, "gov.state_executable", until=chain_time(one.expires or 0, language))


def _call(one: Proposal) -> str | None:
    """The call as written in code; None where it is none of ours."""
    if one.call is None:
        return None
    listed = ", ".join(f"{name} = {plain(value)}" for name, value in one.call.args.items())
    return f"{one.call.contract}.{one.call.function}({listed})"
