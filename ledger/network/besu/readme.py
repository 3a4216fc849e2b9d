"""The README that lies in a network's folder, for the people who start it."""

from __future__ import annotations

from ledger.network.besu.network_plan import NetworkPlan

_TEXT = """\
# A Besu QBFT network of {count} nodes, {validators} of them validators

Written by `suyuan network besu` from a members file. **These files were not run by those who wrote them**: Besu could not be had
where Suyuan is built. They follow Besu's documentation. Start it with empty folders first, and believe
`suyuan network check` (below) and not this file.

| | |
| --- | --- |
| chain id | {chain_id} |
| SHA-256 of genesis.json | `{digest}` |
| block period, request timeout | {period} s, {timeout} s |
| gas limit, contract size limit | {gas_limit} gas, {contract_size} bytes |
| rules | London, base fee 0, minimal gas price 0 |
| validators that may fail at once | {tolerated} |
{warnings}
## Before the start

1. Each member checks that its public key, address and host stand right below, that its folder's `genesis.json` has
   the SHA-256 above, and says so to the others by a way that does not lead through whoever wrote this.
2. Each member copies *its* folder to its machine, and puts its key there as `data/key` (made by `suyuan network besu-key`, or by
   Besu itself). The key never leaves the machine; Besu reads it in the clear, so `data/` belongs to the user that runs Besu,
   mode 0700. In the container that is user 1000; set `BESU_UID` to another.
3. Between the machines, TCP is open for the p2p ports below, and for nothing else. JSON-RPC (with ADMIN, PERM and QBFT) listens on
   loopback: whoever reaches it votes with this validator. Clocks are set by NTP.

| member | validator | address of its node | p2p | JSON-RPC on its machine |
| --- | --- | --- | --- | --- |
{members}

## Start, and look

```
cd FOLDER && docker compose up -d                 # or: besu --config-file=config.toml, with /config and /data as in it
suyuan network check http://127.0.0.1:{rpc_port}             # on each machine; through tunnels, several at once
```

Blocks come once {quorum} validators run. `check` compares chain id and genesis of all nodes that it is given, recomputes block
hashes and seals, finds limits, and says what the ledger will do about what differs; its last line is the engine profile.

## Later

- A validator in or out: `qbft_proposeValidatorVote` on more than half of the validators (`suyuan network vote`). Never a new genesis.
- A node in or out: `perm_addNodesToAllowlist` or `perm_removeNodesFromAllowlist` and `admin_addPeer` on every node, and a new
  `static-nodes.json`.
{senders}- Back up `data/key` of each validator where nobody else reads it. The chain itself comes back from the other nodes.
"""

_ALL_SEND = (
    "- Every account may send: what it may do is for the contracts to say. Besu lets in only nodes of the list.\n"
)
_SOME_SEND = (
    "- Only the listed accounts may send. A member that rotates its account in the contracts needs the new one let in on each\n"
    "  node first: `perm_addAccountsToAllowlist`. That is why a consortium may prefer to list no senders at all.\n"
)


def readme(plan: NetworkPlan, genesis_sha256: str) -> str:
    """Markdown. Says plainly what was and what was not tried."""
    members = "\n".join(
        f"| {member.slug} | {'yes' if member.validator else 'no'} | `{member.node_address}` | "
        f"{member.host}:{member.p2p_port} | {member.rpc_port} |"
        for member in plan.members
    )
    validators = len(plan.validators)
    return _TEXT.format(
        count=len(plan.members),
        validators=validators,
        chain_id=plan.chain_id,
        digest=genesis_sha256,
        period=plan.block_period_seconds,
        timeout=plan.request_timeout_seconds,
        gas_limit=f"{plan.gas_limit:,}",
        contract_size=f"{plan.contract_size_limit:,}",
        tolerated=plan.tolerated,
        warnings="".join(f"\n**{warning}**\n" for warning in plan.warnings()),
        members=members,
        rpc_port=plan.members[0].rpc_port,
        quorum=-(-2 * validators // 3),
        senders=_SOME_SEND if plan.all_senders else _ALL_SEND,
    )
