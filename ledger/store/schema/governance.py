"""Derived tables: how the consortium governs itself. What the contracts promise stands in contracts/src/interfaces."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Table, Text

from ledger.store.schema.base import UINT32, metadata

administration = Table(
    "administration",
    metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("tx_hash", String(66), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("act", String(32), nullable=False),  # the event's name in snake case
    Column("member", UINT32, nullable=True, index=True),  # whom it concerns most
    Column("actor", UINT32, nullable=True),  # the member that did it; none: the governor, or anybody
    Column("subject", Text, nullable=True),  # an address, a GLN, a GTIN, a proposal's number, a contract's name
    Column("data", Text, nullable=False),  # JSON: the event's values by name
)
"""One row an administrative act, for the public page."""

member_key = Table(
    "member_key",
    metadata,
    Column("key", String(42), primary_key=True),  # EIP-55
    Column("member", UINT32, nullable=False, index=True),
    Column("kind", String(8), nullable=False),  # account, operator, revoked
    Column("roles", UINT32, nullable=False),  # of the member's roles, those that the key has
    Column("until", BigInteger, nullable=True),  # an operator's last second
    Column("block", BigInteger, nullable=False),
)

proposal = Table(
    "proposal",
    metadata,
    Column("proposal", BigInteger, primary_key=True, autoincrement=False),
    Column("member", UINT32, nullable=False),  # its proposer
    Column("target", String(42), nullable=False),
    Column("data", Text, nullable=False),  # the call, 0x hex
    Column("reason", Text, nullable=False),
    Column(
        "state", String(9), nullable=False
    ),  # voting, passed, executed, withdrawn; that it lapsed is told by the time
    Column("voting_ends", BigInteger, nullable=False),
    Column("executable_from", BigInteger, nullable=True),  # while it has passed
    Column("expires", BigInteger, nullable=True),
    Column("at", BigInteger, nullable=False),
    Column("block", BigInteger, nullable=False),
)

proposal_vote = Table(
    "proposal_vote",
    metadata,
    Column("proposal", BigInteger, primary_key=True, autoincrement=False),
    Column("member", UINT32, primary_key=True, autoincrement=False),
    Column("yes", Boolean, nullable=False),
    Column("block", BigInteger, nullable=False),
)

constitution = Table(
    "constitution",
    metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("quorum_bps", Integer, nullable=False),
    Column("delay_seconds", BigInteger, nullable=False),
    Column("voting_seconds", BigInteger, nullable=False),
    Column("execution_seconds", BigInteger, nullable=False),
    Column("emergency_seats", Integer, nullable=False),
    Column("emergency_max_seconds", BigInteger, nullable=False),
    Column("emergency_window_seconds", BigInteger, nullable=False),
)
"""Each constitution that there was; the last one holds."""

function_stop = Table(
    "function_stop",
    metadata,
    Column("target", String(42), primary_key=True),
    Column("selector", String(10), primary_key=True),  # 0x and 8 digits
    Column("until", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("lifted", Boolean, nullable=False),
    Column("block", BigInteger, nullable=False),
)
"""The last stop of each function. It holds before `until`, unless it was lifted."""

emergency_call = Table(
    "emergency_call",
    metadata,
    Column("target", String(42), primary_key=True),
    Column("selector", String(10), primary_key=True),
    Column("member", UINT32, primary_key=True, autoincrement=False),
    Column("lift", Boolean, primary_key=True),  # whether it asks to lift a stop
    Column("duration", BigInteger, nullable=True),  # seconds
    Column("reason", Text, nullable=True),
    Column("at", BigInteger, nullable=False),
    Column("block", BigInteger, nullable=False),
)
"""The last call of each seat about each function."""

validator = Table(
    "validator",
    metadata,
    Column("validator", String(42), primary_key=True),
    Column("member", UINT32, nullable=False),
    Column("wanted", Boolean, nullable=False),
    Column("block", BigInteger, nullable=False),
)

contract_pointer = Table(
    "contract_pointer",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("address", String(42), primary_key=True),
    Column("current", Boolean, nullable=False),
    Column("block", BigInteger, nullable=False),
)

escrow_contract = Table(
    "escrow_contract",
    metadata,
    Column("address", String(42), primary_key=True),
    Column("admitted", Boolean, nullable=False),  # false: retired, it pays out what it holds
    Column("block", BigInteger, nullable=False),
)
