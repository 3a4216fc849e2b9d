"""Every function of every contract, tried from every role: the table of decisions holds on a real chain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from chain_arguments import ARGUMENTS, plausible
from chain_roles import RolesChain, a_roles_chain, key_of
from decisions import MEMBERS, contracts_decided, decisions_of, operator_of, reads_of

from ledger.chain.artifact import CONTRACTS, abi


def functions(*, reading: bool) -> dict[tuple[str, str], dict[str, Any]]:
    """Of every contract's ABI, by contract and name."""
    return {
        (contract, str(entry["name"])): entry
        for contract in CONTRACTS
        for entry in abi(contract)
        if entry["type"] == "function" and (entry["stateMutability"] in ("view", "pure")) == reading
    }


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RolesChain]:
    with a_roles_chain(tmp_path_factory.mktemp("roles")) as running:
        yield running


def test_every_function_has_a_decision_and_no_decision_lacks_its_function() -> None:
    there = set(functions(reading=False))
    decided = {(contract, name) for contract in contracts_decided() for name in decisions_of(contract)}
    undecided = [
        f"{contract}.{name}: nobody has decided who may call it. Write it into tests/roles/decisions.toml"
        for contract, name in sorted(there - decided)
    ]
    gone = [f"{contract}.{name} is decided, and no contract has it." for contract, name in sorted(decided - there)]
    assert undecided + gone == []


def test_every_read_is_named() -> None:
    there = set(functions(reading=True))
    named = {(contract, name) for contract in contracts_decided() for name in reads_of(contract)}
    assert [f"{contract}.{name}" for contract, name in sorted(there ^ named)] == []


@pytest.mark.parametrize(("contract", "function"), functions(reading=False))
def test_function_takes_whom_it_should_and_refuses_everybody_else_for_its_role(
    chain: RolesChain, contract: str, function: str
) -> None:
    decision = decisions_of(contract)[function]
    assert f"{contract}.{function}" in ARGUMENTS, f"Write arguments of {contract}.{function} into chain_arguments.py."
    actors = chain.actors()
    arguments = [ARGUMENTS[f"{contract}.{function}"](chain, actor) for actor in actors]
    wrong = [
        f"{actor.name}: expected {expected or 'to be allowed'}, heard {heard or 'nothing against it'}"
        for actor, heard in zip(actors, chain.tried(actors, contract, function, arguments), strict=True)
        if heard != (expected := "" if decision.admits(actor) else decision.refusal_of(actor))
    ]
    assert wrong == []


@pytest.mark.parametrize("contract", CONTRACTS)
def test_read_answers_everybody_alike(chain: RolesChain, contract: str) -> None:
    actors = chain.actors()[::5]
    for name, entry in ((name, entry) for (of, name), entry in functions(reading=True).items() if of == contract):
        arguments = [plausible(kind) for kind in entry["inputs"]]
        heard = set(chain.tried(actors, contract, name, [arguments] * len(actors)))
        assert len(heard) == 1, f"{contract}.{name} answered {sorted(heard)}"


def test_operators_key_ends_itself(chain: RolesChain) -> None:
    operators = [actor for actor in chain.actors() if actor.key == "operator"]
    assert len(operators) == len(MEMBERS)
    arguments = [[key_of(operator_of(str(actor.member))).address] for actor in operators]
    assert set(chain.tried(operators, "Members", "revokeKey", arguments)) == {""}
