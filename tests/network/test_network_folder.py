"""A network's folder and its nodes' places: what is refused before anything is started."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.errors import BadInput, BrokenEvidence, Conflict, NotFound, Unavailable
from ledger.network.create import create_network, resilience
from ledger.network.engine import engine, engine_file, engine_name
from ledger.network.layout import Network, Node, digest_of
from ledger.network.node_process import condition, start_nodes
from ledger.network.ports import free_ports

NO_ENGINE = Path("/no/engine")


def a_node(number: int = 1, **other: object) -> Node:
    ports = free_ports(3)
    node = Node(number, f"member{number}", f"0x{number:040x}", f"16Uiu2H{number}", *ports)
    return replace(node, **other)  # type: ignore[arg-type]  # whatever a test wants different


def a_network(folder: Path, *nodes: Node) -> Network:
    """Written down, with a genesis that no engine made."""
    folder.mkdir()
    (folder / "genesis.json").write_text("{}", encoding="utf-8")
    network = Network(folder, 7711, "an engine", digest_of(folder / "genesis.json"), nodes or (a_node(),))
    for node in network.nodes:
        network.data(node).mkdir()
        network.stamp(node).write_text(network.genesis, encoding="utf-8")
    network.save()
    return network


def test_where_there_is_no_network_the_hint_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="suyuan network up"):
        Network.load(tmp_path / "nothing")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"nodes": [{"number": 1}]}', '{"nodes": 5}', "\x00"])
def test_a_description_that_cannot_be_read_is_told_with_its_place(tmp_path: Path, content: str) -> None:
    (tmp_path / "network.json").write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=r"network\.json: .*cannot be read"):
        Network.load(tmp_path)


def test_another_genesis_is_another_network(tmp_path: Path) -> None:
    network = a_network(tmp_path / "network")
    network.genesis_file.write_text('{"chainID": 1}', encoding="utf-8")
    with pytest.raises(BrokenEvidence, match="not the one that this network began with"):
        Network.load(network.folder)


def test_two_nodes_with_one_validator_key_are_refused(tmp_path: Path) -> None:
    first = a_node(1)
    network = a_network(tmp_path / "network", first, a_node(2, validator=first.validator.upper().replace("0X", "0x")))
    with pytest.raises(BadInput, match="Nodes 1 and 2 have the same validator key"):
        Network.load(network.folder)


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(Conflict, match="is not empty and holds no network"):
        create_network(NO_ENGINE, tmp_path, 7711, ["platform"])
    assert [file.name for file in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("members", [[], ["farm"] * 2, [f"m{number}" for number in range(17)]])
def test_a_number_of_validators_that_cannot_be_is_refused(tmp_path: Path, members: list[str]) -> None:
    with pytest.raises(BadInput):
        create_network(NO_ENGINE, tmp_path / "network", 7711, members)


def test_three_validators_are_allowed_and_warned_of() -> None:
    assert "3 validators tolerate no failure" in str(resilience(3))
    assert resilience(4) is None


@pytest.mark.parametrize("which", ["rpc_port", "grpc_port", "p2p_port"])
def test_a_port_in_use_is_named_before_anything_is_started(tmp_path: Path, which: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        network = a_network(tmp_path / "network", a_node(1), a_node(2, **{which: port}))
        with pytest.raises(
            Unavailable, match=rf"Node 2 \(member2\) cannot listen on 127\.0\.0\.1:{port}: another program"
        ):
            start_nodes(network, network.nodes, NO_ENGINE)
        assert condition(network, network.nodes[0]) == "down"


@pytest.mark.parametrize(("stamp", "whose"), [("0" * 64, "of another network"), (None, "of no network")])
def test_a_data_folder_of_another_network_is_not_started(tmp_path: Path, stamp: str | None, whose: str) -> None:
    network = a_network(tmp_path / "network")
    network.stamp(network.nodes[0]).unlink()
    if stamp:
        network.stamp(network.nodes[0]).write_text(stamp, encoding="utf-8")
    with pytest.raises(BadInput, match=f"The data folder of node 1 is {whose}"):
        start_nodes(network, network.nodes, NO_ENGINE)


def test_a_node_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no node 9\. Its nodes are 1, 2"):
        a_network(tmp_path / "network", a_node(1), a_node(2)).node(9)


def test_a_pid_that_went_to_another_program_is_no_node(tmp_path: Path) -> None:
    network = a_network(tmp_path / "network")
    network.pid_file(network.nodes[0]).parent.mkdir()
    network.pid_file(network.nodes[0]).write_text(str(os.getpid()), encoding="utf-8")
    assert condition(network, network.nodes[0]) == "down"


def test_without_go_the_engine_is_not_built_and_the_hint_says_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUYUAN_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"built with Go 1\.21 or newer, and this machine has none"):
        engine()


def test_the_cache_is_keyed_by_what_is_pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUYUAN_CACHE", str(tmp_path / "cache"))
    pins = tmp_path / "pins"
    pins.mkdir()
    (pins / "go.mod").write_text("require github.com/0xPolygon/polygon-edge v9.9.9\n", encoding="utf-8")
    (pins / "go.sum").write_text("one\n", encoding="utf-8")
    monkeypatch.setattr("ledger.network.engine.PINS", pins)
    first = engine_file()
    assert engine_name() == "polygon-edge v9.9.9"
    assert first.is_relative_to(tmp_path / "cache")
    (pins / "go.sum").write_text("two\n", encoding="utf-8")
    assert engine_file() != first
    first.parent.mkdir(parents=True)
    first.write_text("built", encoding="utf-8")
    (pins / "go.sum").write_text("one\n", encoding="utf-8")
    assert engine() == first, "what is there is not built again"
