"""What eth_getLogs answers, and how many blocks one question may span: found by asking for ever more, of an address without logs."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.chain.rpc import RpcFault
from ledger.errors import Unavailable
from ledger.network.check.facts import Facts
from ledger.network.check.finding import Finding, adapts, fails, passes
from ledger.network.check.probe import Probe

SPANS = (1, 10, 50, 100, 500, 1_000, 2_000, 5_000, 10_000, 50_000)
USEFUL = 1_000
"""Blocks a question; with fewer, history takes noticeably longer."""

_NOBODY = "0x" + "00" * 19 + "ff"


def check_logs(node: Probe, facts: Facts) -> Iterator[Finding]:
    refused = ""
    for span in SPANS:
        answer = _asked(node, facts.height, span)
        if isinstance(answer, str):
            refused = answer
            break
        facts.log_range = span
        if span > facts.height + 1:
            break
    if facts.log_range is None:
        yield fails("logs", f"eth_getLogs is refused for a single block: {refused}.")
        return
    if not refused and facts.height + 1 < USEFUL:
        yield passes(
            "logs", f"Of the whole chain ({facts.height + 1:,} blocks) in one question; the limit is beyond that."
        )
    elif facts.log_range < USEFUL:
        yield adapts(
            "logs",
            f"At most {facts.log_range:,} blocks a question ({refused}).",
            "It asks in windows that the node takes, and needs more of them.",
        )
    else:
        beyond = f"; more is refused ({refused})" if refused else ""
        yield passes("logs", f"At least {facts.log_range:,} blocks a question{beyond}.")
    yield from _by_topic(node, facts)


def _asked(node: Probe, height: int, span: int) -> list[object] | str:
    """The logs, or the words in which they were refused."""
    query = {"fromBlock": hex(max(height - span + 1, 0)), "toBlock": hex(height), "address": [_NOBODY]}
    try:
        answer = node.ask("eth_getLogs", query)
    except Unavailable as error:
        return error.what.rstrip(".")
    if isinstance(answer, RpcFault):
        return answer.message.rstrip(".")
    return answer if isinstance(answer, list) else "no list"


def _by_topic(node: Probe, facts: Facts) -> Iterator[Finding]:
    """Several addresses and several topics, as the indexer asks."""
    addresses = ["0x" + f"{number:040x}" for number in range(1, 17)]
    topics = [["0x" + f"{number:064x}" for number in range(40)]]
    query = {"fromBlock": hex(facts.height), "toBlock": hex(facts.height), "address": addresses, "topics": topics}
    answer = node.ask("eth_getLogs", query)
    if isinstance(answer, RpcFault):
        yield fails("log filters", f"16 addresses and 40 topics at once are refused: {answer.message}.")
    else:
        yield passes("log filters", "16 addresses and 40 topics at once.")
