"""The members file of a Besu network: what is refused, and on which line it stands."""

from __future__ import annotations

import pytest
from besu_builders import a_key, a_member, four, read

from ledger.chain.node_key import node_address
from ledger.errors import BadInput


@pytest.mark.parametrize(
    ("change", "line", "sentence"),
    [
        ({"public_key": a_key(2)}, 18, "m4 has the same node key as m2"),
        ({"public_key": a_key(2).upper()}, 18, "m4 has the same node key as m2"),
        ({"slug": "m1"}, 17, "m1 has the same slug as m1"),
        ({"host": "10.0.0.1"}, 19, "m4 has the same host and port as m1"),
        ({"public_key": "ab" * 64}, 18, "This is no public key of a node"),
        ({"public_key": "ab" * 33}, 18, "This is no public key of a node"),
        ({"public_key": "ab" * 32}, 18, "as long as a private key"),
        ({"public_key": None}, 16, "public_key is missing"),
        ({"host": "farm.example"}, 19, "'farm.example' is no IP address"),
        ({"p2p_port": 70_000}, 20, "p2p_port must be a whole number from 1 to 65535"),
        ({"slug": "The Farm"}, 17, "'The Farm' is no slug"),
        ({"slug": "../../etc"}, 17, "is no slug"),
        ({"validater": True}, 21, "Unknown: validater"),
        ({"validator": "yes"}, 21, "validator is true or false"),
        ({"senders": ["0x12"]}, 21, "'0x12' is no account address"),
        ({"enode": f"enode://{a_key(9)}@10.0.0.9:30303"}, 18, "The enode says public_key already"),
    ],
)
def test_a_fault_is_told_with_its_line(change: dict[str, object], line: int, sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(four(**change))
    assert refused.value.where == f"members.toml:{line}"
    assert sentence in refused.value.what
    assert refused.value.hint


def test_an_enode_that_is_none_is_refused() -> None:
    for enode in ("http://10.0.0.1:1", f"enode://{a_key(4)}@10.0.0.4", f"enode://{a_key(4)}@10.0.0.4:port"):
        with pytest.raises(BadInput, match="is no enode"):
            read(four(public_key=None, host=None, p2p_port=None, enode=enode))


def test_what_is_not_toml_is_told_with_its_line() -> None:
    with pytest.raises(BadInput, match=r"members\.toml:3: The file is not TOML"):
        read('[[member]]\nslug = "m1"\nhost = 10.0.0.1\n')
    with pytest.raises(BadInput, match="Unknown: members"):
        read('[[members]]\nslug = "m1"\n')
    with pytest.raises(BadInput, match="Write \\[network\\] once"):
        read("member = 3\n")


@pytest.mark.parametrize(
    ("network", "line", "sentence"),
    [
        ("[network]\nchain_id = 0\n", 2, "chain_id must be a whole number"),
        ("[network]\n\nblock_period_seconds = 4\n", 3, "longer than the block period"),
        ("[network]\nblock_period_seconds = 2\nrequest_timeout_seconds = 2\n", 3, "longer than the block period"),
        ("[network]\ngas_limit = 1000\n", 2, "gas_limit must be"),
        ("[network]\nzeroBaseFee = true\n", 2, "Unknown: zeroBaseFee"),
    ],
)
def test_numbers_that_would_not_run_are_refused(network: str, line: int, sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(network + four())
    assert refused.value.where == f"members.toml:{line}"
    assert sentence in refused.value.what


def test_two_validators_are_refused_and_a_member_without_one_does_not_count() -> None:
    with pytest.raises(BadInput, match="at least 3 validators, and the file names 2"):
        read(a_member(1) + a_member(2) + a_member(3, validator=False))


def test_three_validators_are_allowed_and_warned_of() -> None:
    plan = read(a_member(1) + a_member(2) + a_member(3))
    assert plan.tolerated == 0
    assert "3 validators tolerate none" in plan.warnings()[0]


def test_four_tolerate_one_and_seven_two() -> None:
    assert read(four()).tolerated == 1
    assert read("".join(a_member(number) for number in range(1, 8))).tolerated == 2
    assert not [warning for warning in read(four()).warnings() if "tolerate" in warning]


def test_validators_on_one_machine_are_warned_of() -> None:
    plan = read("".join(a_member(number, host="10.0.0.1", p2p_port=30_300 + number) for number in range(1, 5)))
    assert "4 validators stand on 10.0.0.1" in plan.warnings()[0]


def test_who_lists_no_senders_where_others_do_is_named() -> None:
    account = "0x" + "ab" * 20
    with pytest.raises(BadInput, match="m1 lists no senders, and others do"):
        read(four(senders=[account]))


def test_an_enode_says_what_its_parts_say() -> None:
    plan = read(four(public_key=None, host=None, p2p_port=None, enode=f"enode://{a_key(4)}@[fd00::4]:30304"))
    member = plan.members[3]
    assert (member.host, member.p2p_port, member.public_key) == ("fd00::4", 30_304, a_key(4))
    assert member.enode == f"enode://{a_key(4)}@[fd00::4]:30304"
    assert member.node_address == node_address(a_key(4))
