"""The embedded chain: one node of one EVM chain in one SQLite file, with nothing to install but Python.

py-evm through eth-tester executes, SQLite keeps, JSON-RPC over loopback HTTP speaks; the whole is a process of its
own (`python -m ledger.chain.embedded`), so that what stands above it cannot tell it from any other node. Read in this
order:

    __main__       arguments, signals, the sentence and the exit status
    serve          puts the parts together, stops them
    http_server    requests in, answers out
    json_rpc       JSON-RPC 2.0: one call, a batch, errors
    methods        what each method answers (history and state apart)
    pool           transactions that wait
    miner          when a block is made; build_block: how
    backend        eth-tester's backend, its chain moved into the file; rules: the EVM's rules and the genesis
    chain_file     the SQLite file: one transaction a block

Fees. The base fee follows EIP-1559 as London has it, from a genesis value of 7 wei, at which the formula's integer
division stops lowering it; only blocks more than half full (over 30 M gas) raise it, and it falls back after them. The
suggested priority fee is 1 gwei, so that a transaction signed with the suggestion outlives a long run of full blocks. A
fee below the base fee (zero, say) is refused with a sentence. Nobody earns a block reward; tips go to the zero address.

Funding. `--fund` puts money into the genesis of a new file. A file that exists keeps its genesis: what differs is said
on stderr and ignored. Whoever needs money later gets it by an ordinary transfer.

History is kept whole: the state of every block can be asked for. A block once visible is final, so `safe` and
`finalized` mean the latest, and `pending` too but for eth_getTransactionCount, which counts what waits without a gap.
"""
