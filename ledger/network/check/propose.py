"""Which engine profile fits what was found; where none does, what would have to be otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.chain.profiles import ANVIL, EMBEDDED, FINALIZED, IBFT, PROFILES, QBFT, Profile
from ledger.network.check.facts import Facts


@dataclass(frozen=True)
class Proposal:
    """`profile` is None where none fits; `differs` says, by profile's name, what is in the way."""

    profile: Profile | None
    differs: dict[str, list[str]]


def propose(facts: Facts) -> Proposal:
    """The profile for this kind of chain, if it fits; else any other that does."""
    differs: dict[str, list[str]] = {}
    for profile in _in_order(facts):
        faults = _faults(profile, facts)
        if not faults:
            return Proposal(profile, differs)
        differs[profile.name] = faults
    return Proposal(None, differs)


def _in_order(facts: Facts) -> list[Profile]:
    client = facts.client.lower()
    if client.startswith("suyuan-embedded"):
        first = EMBEDDED
    elif facts.is_development:
        first = ANVIL
    elif facts.seal == "ibft":
        first = IBFT
    elif facts.seal == "qbft":
        first = QBFT
    else:
        first = FINALIZED
    return [first, *(profile for profile in PROFILES.values() if profile is not first and not profile.run_by_home)]


def _faults(profile: Profile, facts: Facts) -> list[str]:
    """Where the profile asks for more than the chain gives. What was not found out is no fault."""
    faults = []
    if facts.seal is not None and profile.seal != facts.seal:
        faults.append(f"headers: {facts.seal}, not {profile.seal}")
    if profile.finality_tag is not None and facts.finality_tag is None:
        faults.append(f'finality: no tag "{profile.finality_tag}"')
    if profile.immediate_finality and facts.seal == "none" and not facts.is_development:
        faults.append("finality: not at once")
    if facts.fee_mode is not None and not _pays(profile, facts):
        faults.append(f"fees: {facts.fee_wei:,} wei ({facts.fee_mode}), and it offers {profile.fee.mode}")
    if facts.log_range is not None and facts.log_range < min(profile.log_range, facts.height + 1):
        faults.append(f"logs: {facts.log_range:,} blocks a question, and it asks for {profile.log_range:,}")
    if facts.batch_limit is not None and facts.batch_limit < min(profile.batch_limit, 500):
        faults.append(f"batches: {facts.batch_limit} calls, and it sends {profile.batch_limit}")
    if profile.receipts_in_bulk and facts.receipts_in_bulk is False:
        faults.append("receipts: not in bulk")
    if facts.gas_schedule is not None and profile.gas_schedule != facts.gas_schedule:
        faults.append(f"gas: counted as since {facts.gas_schedule.capitalize()}")
    return faults


def _pays(profile: Profile, facts: Facts) -> bool:
    """Whether what the profile's transactions offer is enough, and of a kind that the chain takes."""
    if facts.fee_mode == "eip1559":  # transactions of type 2 and legacy ones are taken, if they pay
        return max(profile.fee.offer_wei, profile.fee.ceiling_wei) >= facts.fee_wei
    return profile.fee.mode != "eip1559" and profile.fee.offer_wei >= facts.fee_wei
