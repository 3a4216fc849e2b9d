"""A ledger is founded and two members join it, through the commands and the processes that operators run."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from homes_world import CHAIN_ID, GLN, GTIN, PASSWORDS, Homes, free_port, harvest, knowing

from ledger.chain.keystore import account_of, keystores
from ledger.cli.main import run
from ledger.config import Home, Settings
from ledger.operate.member_home import make_founder_home
from ledger.operate.network_file import read_network_file
from ledger.operate.processes import pid_file

pytestmark = pytest.mark.heavy


def ask(world: Homes, owner: str, *words: str) -> tuple[int, Any]:
    """A command of somebody who knows one password, on its own home: exit status and JSON."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), knowing(owner):
        status = run([*words, "--json", "--home", str(world.homes[owner].path)])
    return status, json.loads(said.getvalue() or "null")


def suyuan(world: Homes, owner: str, *words: str) -> Any:
    status, document = ask(world, owner, *words)
    assert status == 0, document
    return document


@contextmanager
def up(world: Homes, owner: str) -> Iterator[None]:
    """`suyuan up` as a process of its own, until it serves."""
    home = world.homes[owner]
    environment = {**os.environ, "SUYUAN_PASSWORD": PASSWORDS[owner]}
    command = [sys.executable, "-c", "from ledger.cli.main import main; main()", "up", "--home", str(home.path)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        url = Settings.load(home).api_url
        for _ in range(1_200):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{url}/healthz", timeout=2).status_code == 200:
                    break
            assert process.poll() is None, (process.stdout.read() if process.stdout else b"").decode()
            time.sleep(0.1)
        else:
            raise AssertionError("it does not serve")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    """Founded: the members' first step, the chain, the founder's, the members' second."""
    folder = tmp_path_factory.mktemp("founding")
    world = Homes(folder, free_port())
    network = folder / "network.json"
    network.write_text(json.dumps({"profile": "embedded", "chain_id": CHAIN_ID, "rpc_urls": [world.rpc_url]}))
    parts = ""
    for owner in ("farm", "merchant"):
        world.homes[owner] = Home(folder / owner)
        words = ("--member", owner, "--role", owner, "--name", owner.title(), "--port", str(free_port()))
        made = suyuan(world, owner, "init", *words, "--network", str(network))
        assert not made["joined"]
        parts += Path(made["part_file"]).read_text()
        if owner == "farm":
            parts += f'locations = {{"{GLN}" = "Field 3"}}\nproducts = {{"{GTIN}" = "Lettuce"}}\n'
    founder = world.homes["consortium"] = Home(folder / "founder")
    make_founder_home(founder, read_network_file(network), password=PASSWORDS.__getitem__, port=free_port())
    (folder / "founding.toml").write_text(parts)
    accounts = [account_of(home, name) for home in world.homes.values() for name in keystores(home)]
    command = [sys.executable, "-m", "ledger.chain.embedded", "--file", str(folder / "chain.sqlite"), "--instant"]
    command += [
        "--port",
        str(world.port),
        "--chain-id",
        str(CHAIN_ID),
        *(f"--fund={each}:{10**24}" for each in accounts),
    ]
    chain = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        words = ("init", "--found", str(folder / "founding.toml"), "--network", str(network))
        assert suyuan(world, "consortium", *words)["acts"] == 4
        for owner in ("farm", "merchant"):
            handed_out = str(founder.path / "network.json")
            assert suyuan(world, owner, "init", "--member", owner, "--network", handed_out)["joined"]
        yield world
    finally:
        chain.kill()
        chain.wait()


def test_founding_again_changes_nothing(world: Homes) -> None:
    words = ("init", "--found", str(world.folder / "founding.toml"), "--network", str(world.folder / "network.json"))
    assert suyuan(world, "consortium", *words)["acts"] == 0


def test_a_member_s_home_serves_and_only_its_signer_knows_the_password(world: Homes, tmp_path: Path) -> None:
    (tmp_path / "harvest.json").write_bytes(harvest("FOUNDED"))
    home = world.homes["farm"]
    with up(world, "farm"):
        assert suyuan(world, "farm", "capture", str(tmp_path / "harvest.json"), "--as", "farm")
        assert "Farm" in httpx.get(f"{Settings.load(home).api_url}/members", timeout=60).text
        assert "SUYUAN_PASSWORD" in _environment(home, "signer")
        assert not [name for name in ("api", "sender", "indexer") if "SUYUAN_PASSWORD" in _environment(home, name)]


def test_a_member_cannot_act_as_another(world: Homes, tmp_path: Path) -> None:
    (tmp_path / "harvest.json").write_bytes(harvest("ANOTHERS"))
    status, refused = ask(world, "merchant", "capture", str(tmp_path / "harvest.json"), "--as", "farm")
    assert status == 1
    assert "does not hold the key" in refused["what"]
    assert {each["slug"] for each in suyuan(world, "merchant", "members")} == {"farm", "merchant"}


def test_a_password_beside_the_key_refuses_to_start(world: Homes) -> None:
    beside = world.homes["farm"].keys / "farm.password"
    beside.write_text(PASSWORDS["farm"])
    try:
        status, refused = ask(world, "farm", "session", "--as", "farm")
        assert status == 1
        assert "in the clear beside its key" in str(refused)
    finally:
        beside.unlink()


def _environment(home: Home, name: str) -> str:
    pid = pid_file(home, name).read_text(encoding="utf-8").strip()
    return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
