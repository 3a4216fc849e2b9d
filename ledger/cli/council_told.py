"""A proposal told in the terminal: what it would do, who has said what, what is missing, until when."""

from __future__ import annotations

from ledger.cli.output import Output
from ledger.context import Ledger
from ledger.govern.documents import plain, proposal_document
from ledger.govern.moment import chain_now
from ledger.govern.proposals import Proposal, proposal_numbered
from ledger.govern.words import time_text
from ledger.store.database import read

_STATES = {
    "voting": "voting until {voting_ends}",
    "delayed": "passed; can be executed from {executable_from}; until then members object or leave",
    "executable": "passed; can be executed until {expires}",
    "executed": "executed",
    "withdrawn": "taken back by its proposer",
    "lapsed": "lapsed",
}


def told(ledger: Ledger, number: int, output: Output) -> None:
    """The proposal as it stands now."""
    with read(ledger.engine) as connection:
        one = proposal_numbered(connection, ledger.deployment, number, chain_now(connection))
    output.say(f"Proposal {one.number} by {one.proposer.name}, {time_text(one.at).en}, block {one.block}")
    output.say(f"  would     {one.says.en}.")
    output.say(f"  because   {one.reason}")
    if one.call is not None:
        listed = ", ".join(f"{name}={value!r}" for name, value in plain(one.call.args).items())
        output.say(f"  call      {one.call.contract}.{one.call.function}({listed})")
    output.say(f"  target    {one.target}")
    output.say(f"  calldata  {one.data}")
    output.say(f"  state     {state_text(one)}")
    for word, members in (("yes", one.yes), ("no", one.no), ("silent", one.silent)):
        output.say(f"  {word:<9} {', '.join(member.slug for member in members) or '-'}")
    if one.open:
        need = f"{one.missing} more" if one.missing else "reached"
        output.say(f"  quorum    {one.needed} of {len(one.yes) + len(one.no) + len(one.silent)} seats: {need}")
    output.result(proposal_document(one))


def votes_text(one: Proposal) -> str:
    said = f"{len(one.yes)} of {one.needed}"
    return said + (f", {len(one.no)} against" if one.no else "")


def state_text(one: Proposal) -> str:
    times = {
        name: time_text(at).en
        for name in ("voting_ends", "executable_from", "expires")
        if (at := getattr(one, name)) is not None
    }
    return _STATES[one.state].format(**times)
