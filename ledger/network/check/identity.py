"""Which chain the nodes serve, and whether it is one and the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ledger.chain.rpc import RpcFault
from ledger.network.check.facts import Facts
from ledger.network.check.finding import Finding, adapts, fails, passes
from ledger.network.check.probe import Probe


def check_identity(nodes: Sequence[Probe], facts: Facts) -> Iterator[Finding]:
    """Of all nodes; the facts are those of the first."""
    ids = {node.url: node.number("eth_chainId") for node in nodes}
    facts.chain_id = ids[nodes[0].url]
    client = nodes[0].ask("web3_clientVersion")
    facts.client = client if isinstance(client, str) else ""
    silent = [url for url, chain_id in ids.items() if chain_id is None]
    if silent:
        yield fails("chain id", f"{silent[0]} does not tell a chain id (eth_chainId).")
        return
    if len(set(ids.values())) > 1:
        yield fails("chain id", f"The nodes serve different chains: {_listed(ids)}.", "It wants nodes of one chain.")
        return
    yield passes("chain id", f"{facts.chain_id}, at {_count(nodes)}. {facts.client}".strip())
    firsts = {node.url: (node.block(0) or {}).get("hash") for node in nodes}
    facts.genesis = firsts[nodes[0].url]
    if None in firsts.values():
        yield fails("genesis", "A node does not give block 0: a ledger that begins there cannot be told from another.")
    elif len(set(firsts.values())) > 1:
        yield fails(
            "genesis",
            f"The nodes serve different networks of one id: {_listed(firsts)}.",
            "It wants nodes of one chain.",
        )
    else:
        yield passes("genesis", f"{facts.genesis}, at {_count(nodes)}.")
    yield from _one_height(nodes, facts)


def _one_height(nodes: Sequence[Probe], facts: Facts) -> Iterator[Finding]:
    """All nodes have the same block at a height that all of them have, and none is far behind."""
    heads = [node.block("latest") for node in nodes]
    if any(head is None for head in heads):
        yield fails("head", "A node does not give its newest block.")
        return
    known = [head for head in heads if head is not None]
    facts.head = known[0]
    heights = [int(head["number"], 16) for head in known]
    common = min(heights)
    hashes = Counter(str((node.block(common) or {}).get("hash")) for node in nodes)
    if len(hashes) > 1:
        yield fails("head", f"At height {common} the nodes have {len(hashes)} different blocks: the chain is split.")
        return
    behind = max(heights) - common
    if behind > 3:
        yield adapts("head", f"A node is {behind} blocks behind.", "It reads from those that are not (lag_blocks).")
    else:
        yield passes("head", f"Block {max(heights)}" + (f"; all nodes agree at {common}." if len(nodes) > 1 else "."))
    syncing = [node.url for node in nodes if not isinstance(state := node.ask("eth_syncing"), RpcFault) and state]
    if syncing:
        yield adapts("sync", f"{syncing[0]} is still catching up.", "It waits, or reads from another node.")


def _count(nodes: Sequence[Probe]) -> str:
    return "one node" if len(nodes) == 1 else f"all {len(nodes)} nodes"


def _listed(values: Mapping[str, object]) -> str:
    return ", ".join(f"{value} at {url}" for url, value in values.items())
