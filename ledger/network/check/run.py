"""All checks, one after the other, each finding told as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ledger.chain.profiles import Profile
from ledger.errors import BadInput, SuyuanError, Unavailable
from ledger.network.check.blocks import check_blocks
from ledger.network.check.facts import Facts
from ledger.network.check.fees import check_fees
from ledger.network.check.finding import Finding, fails, passes
from ledger.network.check.identity import check_identity
from ledger.network.check.logs import check_logs
from ledger.network.check.machine import check_machine
from ledger.network.check.probe import Probe
from ledger.network.check.propose import Proposal, propose
from ledger.network.check.receipts import check_bulk, check_receipts
from ledger.network.check.sending import Sending, check_sending
from ledger.network.check.traffic import check_batches, check_traffic


@dataclass(frozen=True)
class Checked:
    """`runs`: the ledger can run there, with this profile."""

    findings: tuple[Finding, ...]
    facts: Facts
    profile: Profile | None

    @property
    def runs(self) -> bool:
        return self.profile is not None and not any(finding.verdict == "fails" for finding in self.findings)


def check_network(
    urls: Sequence[str],
    told: Callable[[Finding], None] = lambda finding: None,
    *,
    ws_url: str | None = None,
    sending: Sending | None = None,
) -> Checked:
    """BadInput without a node, or for one named twice; Unavailable when one does not answer, or wants credentials."""
    if not urls:
        raise BadInput("There is no node to check.", hint="Name the JSON-RPC address of one, or of several.")
    if len(set(urls)) < len(urls):
        raise BadInput("A node is named twice.", hint="Name each once.")
    nodes = [Probe(url, position=place, nodes=len(urls)) for place, url in enumerate(urls, 1)]
    facts, findings = Facts(), []
    try:
        for finding in _findings(nodes, facts, ws_url, sending):
            findings.append(finding)
            told(finding)
    finally:
        for node in nodes:
            node.close()
    proposal = propose(facts) if facts.head else Proposal(None, {})
    if facts.head:
        last = _profile_finding(proposal)
        findings.append(last)
        told(last)
    return Checked(tuple(findings), facts, proposal.profile)


def _findings(nodes: Sequence[Probe], facts: Facts, ws_url: str | None, sending: Sending | None) -> Iterator[Finding]:
    yield from check_identity(nodes, facts)
    if not facts.head:
        return
    node = nodes[0]
    parts: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("blocks", lambda: check_blocks(node, facts)),
        ("fees", lambda: check_fees(node, facts)),
        ("EVM", lambda: check_machine(node, facts)),
        ("logs", lambda: check_logs(node, facts)),
        ("receipts", lambda: check_receipts(node, facts)),
        ("traffic", lambda: check_traffic(nodes, facts, ws_url)),
    ]
    if len(nodes) > 1:
        parts.append(("other nodes", lambda: _others(nodes, facts)))
    if sending is not None:
        parts.append(("sending", lambda: check_sending(node, facts, sending)))
    for topic, part in parts:
        try:
            yield from part()
        except Unavailable as error:
            yield fails(topic, error.what)
        except (SuyuanError, TypeError, ValueError, KeyError, AttributeError) as error:
            # A node of a kind that we have not met: what it said is told, and the other checks go on.
            yield fails(topic, f"The node answered in a form that cannot be read: {error!r}.")


def _others(nodes: Sequence[Probe], facts: Facts) -> Iterator[Finding]:
    """What is asked of the first may be asked of any other when that one is away: the narrowest limits count."""
    for node in nodes[1:]:
        theirs = Facts(chain_id=facts.chain_id, head=facts.head, validators=facts.validators)
        found = [*check_logs(node, theirs), *check_batches(node, theirs), *check_bulk(node, theirs)]
        yield from (
            Finding(f"{finding.topic} at {node.url}", finding.verdict, finding.sentence, finding.ledger)
            for finding in found
            if finding.verdict != "passes"
        )
        facts.log_range = _least(facts.log_range, theirs.log_range)
        facts.batch_limit = _least(facts.batch_limit, theirs.batch_limit)
        facts.receipts_in_bulk = bool(facts.receipts_in_bulk and theirs.receipts_in_bulk)


def _least(ours: int | None, theirs: int | None) -> int | None:
    known = [value for value in (ours, theirs) if value is not None]
    return min(known) if known else None


def _profile_finding(proposal: Proposal) -> Finding:
    if proposal.profile is not None:
        return passes("engine profile", f'"{proposal.profile.name}" (config.json, "profile").')
    nearest = min(proposal.differs.items(), key=lambda each: len(each[1]))
    return fails(
        "engine profile",
        f"No profile fits. The nearest is {nearest[0]}: {'; '.join(nearest[1])}.",
        "Change the nodes' configuration, or add a profile (ledger/chain/profiles.py).",
    )
