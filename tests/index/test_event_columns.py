"""Any event of any ABI is read as eth_abi reads it, or refused; nothing is lost. 10,000 cases, half of them damaged."""

from __future__ import annotations

from random import Random

import pytest
from abi_cases import Case, a_case, a_log, an_event, damaged, stored, told_by_eth_abi
from eth_abi.abi import encode as abi_encode
from eth_abi.exceptions import DecodingError

from ledger.errors import BadInput
from ledger.index.event_columns import EventColumns, Undecodable

WORD = (7).to_bytes(32, "big")


def an_event_of(*types: str, indexed: int = 0) -> EventColumns:
    inputs = [{"name": f"a{n}", "type": kind, "indexed": n < indexed} for n, kind in enumerate(types)]
    return EventColumns({"name": "Happened", "inputs": inputs})


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["uint7", "uint264", "bytes33", "bytes0", "uint256[0]", "fixed128", "strings", ""])
def test_type_that_no_abi_has_is_refused(kind: str) -> None:
    with pytest.raises(BadInput):
        an_event_of(kind)


def test_tuple_without_components_is_refused() -> None:
    with pytest.raises(BadInput):
        an_event_of("tuple")


@pytest.mark.parametrize(
    ("fault", "kind", "data"),
    [
        ("a number of nine bits", "uint8", (256).to_bytes(32, "big")),
        ("a number below its range", "int8", (2**256 - 129).to_bytes(32, "big")),
        ("a truth value of 2", "bool", (2).to_bytes(32, "big")),
        ("an address of 21 bytes", "address", (1 << 160).to_bytes(32, "big")),
        ("bytes4 with five bytes", "bytes4", b"12345".ljust(32, b"\x00")),
        ("text whose padding is not zero", "string", WORD[:-1] + b"\x20" + b"\x01".rjust(32, b"\x00") + b"ab" * 16),
        ("text longer than the data", "string", WORD[:-1] + b"\x20" + b"\x40".rjust(32, b"\x00") + b"a" * 32),
        ("an offset beyond the data", "string", (1 << 64).to_bytes(32, "big")),
        ("an array longer than the data", "uint256[]", WORD[:-1] + b"\x20" + (2**255).to_bytes(32, "big")),
        ("no data", "uint256", b""),
    ],
)
def test_malformed_data_is_refused(fault: str, kind: str, data: bytes) -> None:
    event = an_event_of(kind)
    with pytest.raises(Undecodable) as refusal:
        event.decode([a_log([bytes.fromhex(event.topic[2:])], data)])
    assert refusal.value.place == 0


def test_the_log_that_cannot_be_decoded_is_named_among_many() -> None:
    event = an_event_of("uint8")
    topic = bytes.fromhex(event.topic[2:])
    logs = [a_log([topic], value.to_bytes(32, "big")) for value in (1, 2, 3, 4, 400, 5)]
    with pytest.raises(Undecodable) as refusal:
        event.decode(logs)
    assert refusal.value.place == 4


def test_spaces_in_hex_are_no_bytes() -> None:
    import msgspec

    event = an_event_of("uint8", "uint8")
    log = a_log([bytes.fromhex(event.topic[2:])], WORD + WORD)
    spaced = msgspec.structs.replace(log, data=log.data[:-2] + "  ")
    with pytest.raises(Undecodable):
        event.decode([spaced, spaced])


# --- readings --------------------------------------------------------------------------------------------------------


def test_data_in_an_unusual_order_is_read_and_kept_as_it_came() -> None:
    """Tails swapped: the values are clear, and the bytes cannot be told from them."""
    event = an_event_of("string", "string")
    tails = abi_encode(["string", "string"], ["first", "second"])[64:]
    data = (128).to_bytes(32, "big") + (64).to_bytes(32, "big") + tails
    columns, kept = event.decode([a_log([bytes.fromhex(event.topic[2:])], data)] * 3)
    assert [list(column) for column in columns] == [["second"] * 3, ["first"] * 3]
    assert kept == [data] * 3


def test_text_that_is_none_differs_from_text_that_looks_like_it() -> None:
    event = an_event_of("string")
    topic = bytes.fromhex(event.topic[2:])
    raws = [b"\xff", b"0xff", b"\x1aff", b"\x1a0xff", b"\x00", b""]
    columns, _ = event.decode([a_log([topic], abi_encode(["bytes"], [raw])) for raw in raws])
    assert len(set(columns[0])) == len(raws)


@pytest.mark.parametrize("seed", range(10))
def test_logs_are_read_as_they_were_encoded(seed: int) -> None:
    chance = Random(seed)
    for _ in range(500):
        entry = an_event(chance)
        cases = [a_case(chance, entry) for _ in range(chance.randint(1, 3))]
        columns, kept = EventColumns(entry).decode([case.log for case in cases])
        assert kept == [None] * len(cases)
        assert [list(column) for column in columns] == [
            [stored(case.types[place], case.values[place]) for case in cases] for place in range(len(entry["inputs"]))
        ]


@pytest.mark.parametrize("seed", range(10))
def test_damaged_logs_are_refused_and_never_misread(seed: int) -> None:
    chance = Random(1_000 + seed)
    refused = 0
    for _ in range(500):
        case = a_case(chance, an_event(chance))
        log = damaged(chance, case.log)
        event = EventColumns(case.entry)
        try:
            told = told_by_eth_abi(case, log)
        except (DecodingError, ValueError, OverflowError):
            refused += 1
            with pytest.raises(Undecodable):
                event.decode([case.log, log])
            continue
        written = _written_again(case, told)
        if event.anonymous and written != log.data:
            with pytest.raises(Undecodable):
                event.decode([case.log, log])
            continue
        columns, (_, kept) = event.decode([case.log, log])
        assert [column[1] for column in columns] == [stored(of, v) for of, v in zip(case.types, told, strict=True)]
        assert (kept is None) == (written == log.data)
        assert kept is None or f"0x{kept.hex()}" == log.data
    assert refused > 100


def _written_again(case: Case, told: list[object]) -> str:
    plain = [(of.wire, v) for of, v, topic in zip(case.types, told, case.indexed, strict=True) if not topic]
    return f"0x{abi_encode([wire for wire, _ in plain], [value for _, value in plain]).hex()}"
