"""The files of a Besu network, read back: what each node starts with, and what members compare."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from besu_builders import a_key, a_member, four, read

from ledger.chain.node_key import public_key_of
from ledger.chain.qbft import read_extra_data
from ledger.cli.main import run
from ledger.errors import BadInput, Conflict
from ledger.network.besu.member_key import make_member_key
from ledger.network.besu.network_plan import NetworkPlan
from ledger.network.besu.write_network import write_network

# Options of Besu 25 and later that we write: each stands in Besu's own list of all options.
KNOWN_OPTIONS = {
    "identity", "data-path", "node-private-key-file", "genesis-file", "sync-mode", "data-storage-format", "p2p-host",
    "p2p-port", "nat-method", "discovery-enabled", "static-nodes-file", "permissions-nodes-config-file-enabled",
    "permissions-nodes-config-file", "permissions-accounts-config-file-enabled", "permissions-accounts-config-file",
    "min-gas-price", "tx-pool", "tx-pool-max-size", "tx-pool-limit-by-account-percentage", "tx-pool-no-local-priority",
    "rpc-http-enabled", "rpc-http-host", "rpc-http-port", "rpc-http-api", "rpc-http-max-batch-size", "rpc-max-logs-range",
    "host-allowlist", "rpc-ws-enabled", "rpc-ws-host", "rpc-ws-port", "rpc-ws-api",
}  # fmt: skip


def toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def written(folder: Path, text: str | None = None) -> NetworkPlan:
    plan = read(text or four())
    write_network(plan, folder)
    return plan


def test_genesis_names_the_validators_and_no_others(tmp_path: Path) -> None:
    plan = written(tmp_path, four() + a_member(5, validator=False))
    genesis = json.loads((tmp_path / "genesis.json").read_bytes())
    extra = read_extra_data(bytes.fromhex(genesis["extraData"][2:]))
    assert extra.validators == tuple(sorted(member.node_address.lower() for member in plan.members[:4]))
    assert (extra.vanity, extra.vote, extra.round, extra.seals) == (bytes(32), (), 0, ())


def test_genesis_is_london_without_fees(tmp_path: Path) -> None:
    written(tmp_path, "[network]\nchain_id = 99\ngas_limit = 30000000\ncontract_size_limit = 30000\n" + four())
    genesis = json.loads((tmp_path / "genesis.json").read_bytes())
    config = genesis["config"]
    assert config["chainId"] == 99
    assert (config["berlinBlock"], config["londonBlock"], config["zeroBaseFee"]) == (0, 0, True)
    assert not {"shanghaiTime", "cancunTime"} & set(config)
    assert config["contractSizeLimit"] == 30_000
    assert config["qbft"] == {"blockperiodseconds": 1, "requesttimeoutseconds": 4, "epochlength": 30_000}
    assert int(genesis["gasLimit"], 16) == 30_000_000
    assert bytes.fromhex(genesis["mixHash"][2:]) == b"ctical byzantine fault tolerance"


def test_every_machine_gets_a_whole_folder(tmp_path: Path) -> None:
    plan = written(tmp_path)
    for member in plan.members:
        folder = tmp_path / member.slug
        assert (folder / "genesis.json").read_bytes() == (tmp_path / "genesis.json").read_bytes()
        options = toml(folder / "config.toml")
        assert set(options) <= KNOWN_OPTIONS
        assert (options["p2p-host"], options["p2p-port"]) == (member.host, member.p2p_port)
        for name in ("genesis-file", "static-nodes-file", "permissions-nodes-config-file"):
            assert (folder / Path(options[name]).name).is_file()
        assert options["rpc-http-host"] == options["rpc-ws-host"] == "127.0.0.1"
        assert options["min-gas-price"] == 0
        assert options["discovery-enabled"] is False
        peers = json.loads((folder / "static-nodes.json").read_bytes())
        assert peers == [other.enode for other in plan.members if other is not member]
        allowed = toml(folder / "nodes_permissions.toml")["nodes-allowlist"]
        assert set(allowed) == {other.enode for other in plan.members}
        compose = (folder / "compose.yaml").read_text(encoding="utf-8")
        assert "network_mode: host" in compose
        assert "--config-file=/config/config.toml" in compose


def test_accounts_are_let_in_by_list_only_where_there_is_one(tmp_path: Path) -> None:
    founder, account = "0x" + "aB" * 20, "0x" + "cd" * 20
    members = "".join(a_member(number, senders=[account]) for number in range(1, 5))
    written(tmp_path / "with", f'[network]\nsenders = ["{founder}"]\n{members}')
    options = toml(tmp_path / "with" / "m1" / "config.toml")
    assert options["permissions-accounts-config-file-enabled"] is True
    allowed = toml(tmp_path / "with" / "m1" / "accounts_permissions.toml")["accounts-allowlist"]
    assert {each.lower() for each in allowed} == {founder.lower(), account}
    assert len(allowed) == 2
    written(tmp_path / "without")
    assert "permissions-accounts-config-file-enabled" not in toml(tmp_path / "without" / "m1" / "config.toml")
    assert not (tmp_path / "without" / "m1" / "accounts_permissions.toml").exists()


def test_the_readme_says_that_it_was_not_run_here_and_what_members_compare(tmp_path: Path) -> None:
    plan = written(tmp_path)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "not run" in text
    assert hashlib.sha256((tmp_path / "genesis.json").read_bytes()).hexdigest() in text
    assert all(member.node_address in text for member in plan.members)


def test_the_same_members_give_the_same_bytes_and_others_are_refused_there(tmp_path: Path) -> None:
    written(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    written(tmp_path)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before
    with pytest.raises(Conflict, match="genesis of another network"):
        written(tmp_path, a_member(1) + a_member(2) + a_member(3) + a_member(5))
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


# --- the member's own step ---------------------------------------------------------------------------------------------


def test_a_member_hands_in_its_public_key_and_keeps_the_other(tmp_path: Path) -> None:
    made = make_member_key(
        tmp_path, "farm", host="10.0.0.1", p2p_port=30303, name="绿谷 Farm", validator=True, senders=[]
    )
    secret = re.fullmatch(r"0x([0-9a-f]{64})\n", made.key_file.read_text(encoding="utf-8"))
    assert secret is not None
    assert made.key_file.stat().st_mode & 0o777 == 0o600
    assert public_key_of(bytes.fromhex(secret[1])) == made.public_key
    assert secret[1] not in made.part_file.read_text(encoding="utf-8")
    again = make_member_key(tmp_path, "farm", host="10.0.0.2", p2p_port=30303, name="Farm", validator=True, senders=[])
    assert (again.made, again.public_key) == (False, made.public_key)


def test_the_parts_make_the_members_file(tmp_path: Path) -> None:
    parts = ""
    for number in range(1, 5):
        name = f"m{number}"
        made = make_member_key(
            tmp_path / name, name, host=f"10.0.0.{number}", p2p_port=30303, name=name, validator=number < 4, senders=[]
        )
        parts += made.part_file.read_text(encoding="utf-8")
    plan = read(parts)
    assert [member.slug for member in plan.members] == ["m1", "m2", "m3", "m4"]
    assert len(plan.validators) == 3


def test_nothing_is_written_for_a_part_that_would_be_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is no IP address"):
        make_member_key(tmp_path, "farm", host="farm", p2p_port=30303, name="Farm", validator=True, senders=[])
    assert list(tmp_path.iterdir()) == []


def test_a_key_file_that_holds_none_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "key").write_text("hello")
    with pytest.raises(BadInput, match="holds no node key"):
        make_member_key(tmp_path, "farm", host="10.0.0.1", p2p_port=1, name="Farm", validator=True, senders=[])
    assert (tmp_path / "data" / "key").read_text() == "hello"


def test_the_commands_lead_from_keys_to_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in (1, 2, 3):
        words = [
            "network",
            "besu-key",
            f"m{number}",
            "--host",
            f"10.0.0.{number}",
            "--out",
            str(tmp_path / str(number)),
        ]
        assert run(words) == 0
    parts = "".join((tmp_path / str(number) / f"m{number}.member.toml").read_text() for number in (1, 2, 3))
    (tmp_path / "members.toml").write_text(parts)
    assert run(["network", "besu", "--members", str(tmp_path / "members.toml"), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "3 validators tolerate none" in said
    assert "not run here" in said
    assert a_key(1) not in said
    assert run(["network", "besu", "--members", str(tmp_path / "missing.toml"), "--out", str(tmp_path / "out")]) == 1
    assert "There is no such file" in capsys.readouterr().err
