"""Calls, answers and refusals by the ABIs: what does not fit is told, and every custom error has its sentence."""

from __future__ import annotations

import string
from dataclasses import dataclass

import pytest
from chain_world import World
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from ledger.chain.contracts import Deployment, decode_call, decode_result, decode_revert, encode_call, error_names
from ledger.chain.refusals import SENTENCES
from ledger.config import Home
from ledger.errors import BadInput, NotFound


def _revert(signature: str, *values: object) -> bytes:
    types = signature[signature.index("(") + 1 : -1]
    return keccak(text=signature)[:4] + encode(types.split(",") if types else [], list(values))


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", sorted(error_names()))
def test_every_custom_error_has_a_sentence_and_a_next_step(error: str) -> None:
    sentence, hint = SENTENCES[error]
    named = {field for _, field, _, _ in string.Formatter().parse(sentence) if field}
    assert named <= set(error_names()[error])
    assert sentence.endswith(".")
    assert hint.endswith(".")


def test_no_sentence_is_kept_for_an_error_that_is_gone() -> None:
    assert set(SENTENCES) <= set(error_names())


def test_a_custom_error_is_told_with_its_values() -> None:
    refusal = decode_revert(_revert("BelowMinimum(string,uint64,uint64)", "A-7", 90, 300))
    assert str(refusal) == (
        "The contract refused: BelowMinimum: Order A-7 of 90 fen is smaller than its rule's fixed legs and "
        "floors, 300 fen. Use a rule with smaller fixed legs and floors, or a larger order."
    )
    assert refusal.values == {"error": "BelowMinimum", "args": {"number": "A-7", "amountFen": 90, "minimumFen": 300}}


def test_an_orders_states_are_told_in_words() -> None:
    refusal = decode_revert(_revert("WrongState(bytes32,uint8,uint8)", b"\1" * 32, 3, 4))
    assert "is settled, and this needs it delivered" in str(refusal)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("0x", "gave no reason"),
        ("0x11", "not of ours"),
        ("0xdeadbeef", "not of ours"),
        (_revert("BelowMinimum(string,uint64,uint64)", "A-7", 90, 300)[:-40], "not of ours"),
        (_revert("Error(string)", "plain words"), "plain words"),
        (_revert("Panic(uint256)", 0x11), "a number grew too large"),
        (_revert("Panic(uint256)", 0x77), "an internal check failed"),
    ],
)
def test_other_reverts_are_told_too(data: bytes | str, words: str) -> None:
    assert words in str(decode_revert(data))


# --- calls -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "args"),
    [
        ("place", []),
        ("place", [[{"number": "A", "amountFen": 1, "rule": 1}]]),
        ("place", [[("A", 1.5, 1, 1)]]),
        ("place", [[("A", -1, 1, 1)]]),
        ("place", [[("A", 2**64, 1, 1)]]),
        ("place", [[("A", 1, 1)]]),
        ("deliver", [["zz"], "00" * 32]),
        ("deliver", [["11" * 33], "00" * 32]),
        ("nothing", []),
    ],
)
def test_arguments_that_do_not_fit_are_refused(function: str, args: list[object]) -> None:
    with pytest.raises(BadInput):
        encode_call("Escrow", function, args)


def test_structs_are_taken_as_dicts_tuples_and_dataclasses() -> None:
    @dataclass(frozen=True)
    class Terms:
        number: str
        amount_fen: int
        rule: int
        carrier: int

    shapes: list[object] = [
        ("A", 1, 2, 3),
        Terms("A", 1, 2, 3),
        {"carrier": 3, "number": "A", "amountFen": 1, "rule": 2},
    ]
    (data,) = {encode_call("Escrow", "place", [[shape]]) for shape in shapes}
    call = decode_call("Escrow", bytes.fromhex(data[2:]))
    assert call.function == "place"
    assert call.args == {"terms": [{"number": "A", "amountFen": 1, "rule": 2, "carrier": 3}]}


def test_hex_is_taken_with_and_without_0x() -> None:
    plain, prefixed = ([["ab" * 32], "cd" * 32], [["0x" + "ab" * 32], bytes.fromhex("cd" * 32)])
    assert encode_call("Escrow", "deliver", plain) == encode_call("Escrow", "deliver", prefixed)


def test_an_answer_from_where_no_contract_stands_is_refused() -> None:
    with pytest.raises(BadInput, match=r"none, stands at its address"):
        decode_result("Members", "count", b"")


# --- deployment ------------------------------------------------------------------------------------------------------


def test_a_damaged_record_of_the_deployment_is_said(world: World) -> None:
    home = Home(world.home.path / "damaged")
    for content in ("{", "{}", "[]", '{"chain_id": 1, "first_block": 1, "addresses": 5}'):
        home.path.mkdir(exist_ok=True)
        home.deployment_file.write_text(content)
        with pytest.raises(BadInput, match="cannot be read"):
            Deployment.load(home)


def test_addresses_are_found_in_any_case(world: World) -> None:
    address = world.deployment.address("Rules")
    assert world.deployment.contract_at(address.lower()) == "Rules"
    assert world.deployment.contract_at("0x" + "11" * 20) is None
    with pytest.raises(NotFound):
        world.deployment.address("Vault")
