"""The indexer: any contracts' events as rows, exactly once, and what follows from them.

Level 1, *raw rows*: what the chain said. One table an event (`log_<event>`, made from the ABI by `ledger.index.raw`), and
`raw_block` for the blocks. Level 2, *derived rows*: pure functions of the raw rows and the document store, written by
handlers (one small file an event). A derived table can be dropped and made again without the node.

The engine knows no contract. What is followed stands in a `Plan` (`plan.py`): sources (an ABI at some addresses, or at
those that an event announces), handlers, derived tables. This ledger's own plan is `ours.py`.

    fetch      a Window from the node: blocks first..last, their logs in chain order, headers
    check      (1) continuity.require_continuity(client, at, window), always
               (2) the Check handed to the Indexer, if any: `check(window) -> frozenset[int]`
    decode     logs into columns, one RawBatch an event (decode.py); a log that cannot be decoded stops the line before it
    commit     one database transaction: the cursor by compare-and-set, raw rows, derived rows, journal

**Check.** `Check = Callable[[Window], frozenset[int]]`, called after continuity and before anything is written, outside
of any transaction. It gives the numbers of the blocks whose receipts root it recomputed. BrokenEvidence stops the line
before the window; Unavailable has it fetched again. `Window.live` is true where every header of the window is known
(`headers` has each number): so it is within `LIVE_BLOCKS` of the head.

**Verified marks.** `raw_block.verified` (true: the receipts root was recomputed and our logs are those of the
receipts). A row stands for each block with a log of ours and for each live block; `logs` counts our logs in it, so the
blocks without are known too. History is verified afterwards: the cursor row named "verified" (continuity.VERIFIED) says
up to which block without a gap, and moves by `advance(connection, old, new, name=VERIFIED)`.

**Rolling back.** Above the last final block derived rows are journalled: table `journal`, a row a block, with each row
that the block changed as it was before (absent: the block made it). `journal.roll_back(connection, plan, ancestor)`
works in the caller's transaction: undoes the journal down to the ancestor, deletes raw rows and `raw_block` above it,
and sets the cursors "ledger" and, if it stood above, "verified" to it. Going forward again in the same transaction is
`commit.store(connection, plan, at, window, ...)`. Hashes of the last blocks, to find the ancestor by, stand in
`raw_block` (each live block has its row); `journal.forget(connection, final_block)` drops what nobody can roll back to.
On a chain whose blocks are final at once (depth 0, no tag) there is no journal: a fork there is BrokenEvidence.
"""
