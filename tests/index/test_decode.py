"""Logs become events, or the line stops."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from eth_utils.crypto import keccak
from index_world import NUMBERS, Chain

from ledger.chain.client import RawLog
from ledger.chain.contracts import encode_call
from ledger.errors import BrokenEvidence
from ledger.index.addresses import Addresses
from ledger.index.decode import decode
from ledger.index.derive import events_of
from ledger.index.events import ChainEvent, CreditTransferred, RuleProposed
from ledger.index.ours import our_plan
from ledger.index.raw_tables import RawTables
from ledger.store.documents import Documents


def told(chain: Chain, *logs: RawLog) -> list[Any]:
    """The events of these logs, as handlers see them."""
    addresses = Addresses(RawTables(our_plan(chain.deployment, Documents(Path()))))
    return [event for batch in decode(logs, addresses) for event in events_of(batch)]


def all_logs(chain: Chain) -> list[RawLog]:
    return chain.client.logs(0, chain.client.head().number, list(chain.deployment.addresses.values()))


@pytest.fixture
def log(chain: Chain) -> RawLog:
    """MemberAdmitted."""
    topic = "0x" + keccak(text="MemberAdmitted(uint32,address,uint32,string,string)").hex()
    return next(each for each in all_logs(chain) if each.topics[0] == topic)


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("no topic", {"topics": ()}),
        ("unknown event", {"topics": ("0x" + "00" * 32,)}),
        ("data cut short", {"data": "0x" + "00" * 31}),
        ("no data", {"data": "0x"}),
    ],
)
def test_log_that_is_not_of_our_contracts_stops_the_line(
    chain: Chain, log: RawLog, fault: str, change: dict[str, object]
) -> None:
    with pytest.raises(BrokenEvidence, match="cannot be decoded") as refusal:
        told(chain, msgspec.structs.replace(log, **change))
    assert f"block {int(log.block_number, 16)}" in str(refusal.value)


def test_log_of_another_contract_is_passed_over(chain: Chain, log: RawLog) -> None:
    assert told(chain, msgspec.structs.replace(log, address="0x" + "11" * 20)) == []


def test_log_with_a_topic_too_few_stops_the_line(chain: Chain, log: RawLog) -> None:
    with pytest.raises(BrokenEvidence, match="MemberAdmitted"):
        told(chain, msgspec.structs.replace(log, topics=log.topics[:-1]))


def test_indexed_number_that_is_too_large_stops_the_line(chain: Chain, log: RawLog) -> None:
    topics = (log.topics[0], "0x" + "ff" * 32, log.topics[2])
    with pytest.raises(BrokenEvidence, match="MemberAdmitted"):
        told(chain, msgspec.structs.replace(log, topics=topics))


def test_event_of_a_library_that_says_nothing_is_passed_over(chain: Chain, log: RawLog) -> None:
    topic = "0x" + keccak(text="EIP712DomainChanged()").hex()
    assert told(chain, msgspec.structs.replace(log, topics=(topic,), data="0x")) == []


def test_every_event_of_the_contracts_is_decoded(chain: Chain) -> None:
    assert {type(event) for event in told(chain, *all_logs(chain))} == set(get_args(ChainEvent))


def test_structs_keep_their_names(chain: Chain) -> None:
    events = told(chain, *all_logs(chain))
    proposed = next(event for event in events if isinstance(event, RuleProposed))
    assert [(leg.payee, leg.kind, leg.value, leg.cap) for leg in proposed.legs] == [
        (NUMBERS["creator"], 1, 2000, 0),
        (NUMBERS["platform"], 0, 100, 0),
        (NUMBERS["merchant"], 2, 0, 0),
    ]
    assert proposed.required == tuple(sorted(NUMBERS[name] for name in ("merchant", "creator", "platform")))


@pytest.mark.parametrize("raw", [b"\xff\xfe\xfd\xfc", b"a\x00bc", b"\xed\xa0\x80!"])
def test_bytes_that_are_no_text_stand_as_hex(chain: Chain, raw: bytes) -> None:
    """Whoever sends a transaction chooses the bytes: they must not stop the line for all."""
    before = chain.client.head().number
    call = encode_call("Credit", "transfer", (NUMBERS["farm"], 1, "MEMO"))
    chain.send("merchant", call.replace(b"MEMO".hex(), raw.hex()), to=chain.deployment.address("Credit"))
    (log,) = chain.client.logs(before + 1, chain.client.head().number, list(chain.deployment.addresses.values()))
    assert told(chain, log) == [CreditTransferred(NUMBERS["merchant"], NUMBERS["farm"], 1, "0x" + raw.hex())]
