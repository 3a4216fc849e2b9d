"""Homes of members: one key each, no secret that others know, one chain and the same rows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from homes_world import (
    CHAIN_ID,
    GLN,
    PASSWORDS,
    Homes,
    at_work,
    digest_of,
    harvest,
    said,
    say,
    seal_quickly,
    session_of,
    signing,
)
from sqlalchemy import select

from ledger.chain import keystore
from ledger.chain.contracts import encode_call
from ledger.chain.held_key import name_key_elsewhere
from ledger.chain.keystore import create_keystore
from ledger.chain.signer import open_keys
from ledger.config import Home, Settings
from ledger.context import open_ledger
from ledger.errors import BadInput, Conflict, NotAllowed, NotFound, WrongPassword
from ledger.index.ours import our_rebuild
from ledger.operate.founding_file import read_founding
from ledger.operate.member_home import make_founder_home, make_member_home
from ledger.operate.network_file import NetworkFile, read_network_file
from ledger.store.database import read
from ledger.store.schema import location

AWAY = NetworkFile("embedded", CHAIN_ID, ("http://127.0.0.1:1",))


@pytest.fixture(autouse=True)
def _quickly_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    seal_quickly(monkeypatch)
    for name in ("SUYUAN_PASSWORD", "SUYUAN_PASSWORD_FARM", "SUYUAN_PASSWORD_API"):
        monkeypatch.delenv(name, raising=False)


def a_home(folder: Path, network: NetworkFile = AWAY) -> Home:
    home = Home(folder / "farm")
    make_member_home(home, "farm", network, password=PASSWORDS.__getitem__)
    return home


# --- making one --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["api", "consortium", "The Farm", "", "../farm"])
def test_a_slug_that_is_none_makes_no_home(tmp_path: Path, slug: str) -> None:
    with pytest.raises(BadInput):
        make_member_home(Home(tmp_path / "home"), slug, AWAY, password=lambda name: "of one's own, and long")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("password", ["short", "suyuan-development", "correct horse battery staple"])
def test_a_password_that_others_know_makes_no_key(tmp_path: Path, password: str) -> None:
    with pytest.raises(BadInput):
        make_member_home(Home(tmp_path / "home"), "farm", AWAY, password=lambda name: password)
    assert not (tmp_path / "home" / "keys" / "farm.json").exists()


def test_a_home_holds_its_own_key_and_its_api_s_and_no_password(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    assert {path.name for path in home.keys.iterdir()} == {"farm.json", "api.json", "signer.secret"}
    assert home.path.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in home.keys.iterdir())
    settings = Settings.load(home)
    assert (settings.development, settings.member, settings.chain_elsewhere) == (False, "farm", True)
    for secret in PASSWORDS.values():
        assert all(secret not in path.read_text() for path in home.path.rglob("*") if path.is_file())


def test_a_repeat_changes_nothing(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    before = {path: path.read_bytes() for path in home.path.rglob("*") if path.is_file()}
    again = make_member_home(home, "farm", AWAY, password=_nobody_is_asked)
    assert not again.made
    assert {path: path.read_bytes() for path in home.path.rglob("*") if path.is_file()} == before


def test_one_that_was_interrupted_goes_on_with_the_key_it_made(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    key = (home.keys / "farm.json").read_bytes()
    home.config_file.unlink()
    (home.path / "farm.member.toml").unlink()
    assert make_member_home(home, "farm", AWAY, password=_nobody_is_asked).made
    assert (home.keys / "farm.json").read_bytes() == key


def test_another_s_home_is_not_taken(tmp_path: Path, world: Homes) -> None:
    home = a_home(tmp_path)
    with pytest.raises(Conflict, match="is the home of farm, not of merchant"):
        make_member_home(home, "merchant", AWAY, password=_nobody_is_asked)
    with pytest.raises(Conflict, match="lives on chain 7719"):
        make_member_home(home, "farm", NetworkFile("qbft", 1, AWAY.rpc_urls), password=_nobody_is_asked)
    letters = tmp_path / "letters"
    letters.mkdir()
    (letters / "letter.txt").write_text("Dear farm")
    with pytest.raises(Conflict, match="holds no home of Suyuan"):
        make_member_home(Home(letters), "farm", AWAY, password=_nobody_is_asked)
    with pytest.raises(Conflict, match="founded already"):
        make_founder_home(Home(tmp_path / "new"), _handed_out(world), password=_nobody_is_asked)


def test_a_node_of_another_chain_is_refused(tmp_path: Path, world: Homes) -> None:
    for network in (
        NetworkFile("embedded", CHAIN_ID + 1, (world.rpc_url,)),
        NetworkFile("embedded", CHAIN_ID, (world.rpc_url,), genesis="0x" + "00" * 32),
    ):
        with pytest.raises(Conflict, match=r"serves chain|another network"):
            make_member_home(Home(tmp_path / "home"), "farm", network, password=_nobody_is_asked)
    assert list(tmp_path.iterdir()) == []


def test_another_ledger_on_the_same_chain_is_refused(tmp_path: Path, world: Homes) -> None:
    network = _handed_out(world)
    home = a_home(tmp_path, network)
    assert network.deployment is not None
    elsewhere = {**network.deployment, "addresses": {**network.deployment["addresses"], "Members": "0x" + "11" * 20}}
    with pytest.raises(Conflict, match="belongs to another ledger"):
        make_member_home(
            home,
            "farm",
            NetworkFile("embedded", CHAIN_ID, (world.rpc_url,), None, elsewhere),
            password=_nobody_is_asked,
        )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "not JSON"),
        ("[]", "not of its form"),
        ('{"profile": "embedded"}', "not of its form"),
        ('{"profile": "parity", "chain_id": 1, "rpc_urls": ["http://a"]}', "no engine profile 'parity'"),
        ('{"profile": "qbft", "chain_id": "1", "rpc_urls": ["http://a"]}', "not of its form"),
        ('{"profile": "qbft", "chain_id": 1, "rpc_urls": []}', "lists no node"),
        ('{"profile": "qbft", "chain_id": 1, "rpc_urls": ["ftp://a"]}', "no address of a node"),
        ('{"profile": "qbft", "chain_id": 1, "rpc_urls": ["http://a"], "genesis": "0x1"}', "no block hash"),
        ('{"profile": "qbft", "chain_id": 1, "rpc_urls": ["http://a"], "secret": "x"}', "other keys"),
        (
            '{"profile": "qbft", "chain_id": 1, "rpc_urls": ["http://a"], "deployment": {"chain_id": 2}}',
            "another chain",
        ),
    ],
)
def test_a_network_file_of_another_form_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "network.json").write_text(text)
    with pytest.raises(BadInput, match=sentence) as refused:
        read_network_file(tmp_path / "network.json")
    assert refused.value.where is not None
    assert "network.json" in refused.value.where
    with pytest.raises(BadInput, match="no such network file"):
        read_network_file(tmp_path / "missing.json")


# --- known secrets ------------------------------------------------------------------------------------------------------


def test_a_password_beside_the_key_refuses_to_start(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    (home.keys / "farm.password").write_text(PASSWORDS["farm"])
    with pytest.raises(NotAllowed, match="in the clear beside its key"):
        open_keys(home, Settings.load(home), "farm,api")


def test_a_key_that_everybody_knows_refuses_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = a_home(tmp_path)
    (home.keys / "farm.json").unlink()
    # The first account of anvil and Hardhat; its private key stands in their documentation.
    known = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
    create_keystore(home, "farm", PASSWORDS["farm"], private_key=known)
    monkeypatch.setenv("SUYUAN_PASSWORD", PASSWORDS["farm"])
    with pytest.raises(NotAllowed, match="one that everybody knows"):
        open_keys(home, Settings.load(home), "farm,api")


def test_a_known_key_in_the_environment_refuses_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = a_home(tmp_path)
    (home.keys / "farm.json").unlink()
    name_key_elsewhere(home, "farm", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", web3signer=None)
    monkeypatch.setenv("SUYUAN_KEY_FARM", "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
    monkeypatch.setenv("SUYUAN_PASSWORD", PASSWORDS["farm"])
    with pytest.raises(NotAllowed, match="one that everybody knows"):
        open_keys(home, Settings.load(home), "farm,api")


def test_a_key_that_is_held_elsewhere_is_left_there(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    named = name_key_elsewhere(home, "farm", "0x" + "ab" * 20, web3signer="https://signer.example")
    made = make_member_home(home, "farm", AWAY, password=PASSWORDS.__getitem__)
    assert made.account == named
    assert made.relay != named


def test_a_key_from_a_development_home_refuses_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = a_home(tmp_path)
    (home.keys / "farm.json").unlink()
    create_keystore(home, "farm", PASSWORDS["farm"], development=True)
    monkeypatch.setattr(keystore, "WORK_FACTOR", 2**18)
    monkeypatch.setenv("SUYUAN_PASSWORD", PASSWORDS["farm"])
    with pytest.raises(NotAllowed, match="sealed for development"):
        open_keys(home, Settings.load(home), "farm")


def test_without_a_password_nothing_starts(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    with pytest.raises(WrongPassword, match="no password for the key of farm"):
        open_keys(home, Settings.load(home), "farm,api")


def test_a_signer_holds_one_member_only(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    create_keystore(home, "merchant", PASSWORDS["merchant"])
    for members in ("farm,merchant", "all"):
        with pytest.raises(NotAllowed, match="key of one member only"):
            open_keys(home, Settings.load(home), members)


# --- the founding file --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "place", "sentence"),
    [
        ('account = "0x12"\nroles = ["farm"]', 4, "no account address"),
        ('account = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"\nroles = ["farm"]', 4, "Everybody knows the key"),
        ('account = "0x{a}"\nroles = ["farmer"]', 5, "no role 'farmer'"),
        ('account = "0x{a}"\nroles = []', 5, "not empty"),
        ('account = "0x{a}"\nroles = ["treasury"]', 5, "no role 'treasury'"),
        ('account = "0x{a}"\nroles = ["farm"]\nlocations = {{"0860009999061" = "x"}}', 6, "check digit"),
        ('account = "0x{a}"\nroles = ["farm"]\nproducts = ["00860009999923"]', 6, "gives each number a name"),
        ('account = "0x{a}"\nroles = ["farm"]\ncolour = "green"', 6, "Unknown: colour"),
        ('roles = ["farm"]', 1, "account is missing"),
    ],
)
def test_a_fault_in_the_founding_file_is_told_with_its_line(lines: str, place: int, sentence: str) -> None:
    text = '[[member]]\nslug = "farm"\nname = "Farm"\n' + lines.format(a="ab" * 20)
    with pytest.raises(BadInput, match=sentence) as refused:
        read_founding(text, "founding.toml")
    assert refused.value.where == f"founding.toml:{place}"


def test_two_of_one_account_or_slug_are_refused() -> None:
    member = '[[member]]\nslug = "{}"\nname = "Farm"\naccount = "0x{}"\nroles = ["farm"]\n'
    with pytest.raises(BadInput, match="b has the same account as a"):
        read_founding(member.format("a", "ab" * 20) + member.format("b", "AB" * 20), "founding.toml")
    with pytest.raises(BadInput, match="the same slug"):
        read_founding(member.format("a", "ab" * 20) + member.format("a", "cd" * 20), "founding.toml")
    with pytest.raises(BadInput, match="names no member"):
        read_founding("", "founding.toml")


# --- two members on one chain -------------------------------------------------------------------------------------------


def test_two_homes_tell_the_same_of_what_both_can_know(world: Homes) -> None:
    farm_home, merchant_home = world.homes["farm"], world.homes["merchant"]
    with at_work(farm_home, "farm") as farm, at_work(merchant_home, "merchant") as merchant:
        said(farm, say(farm, "farm", harvest("TWO-HOMES")))
        # The merchant has the statement, and not what opens it: that is the farm's to hand out.
        assert digest_of(farm) != digest_of(merchant)
    shutil.copytree(farm_home.documents, merchant_home.documents, dirs_exist_ok=True)
    with at_work(farm_home, "farm") as farm, at_work(merchant_home, "merchant") as merchant:
        for ledger in (farm, merchant):
            our_rebuild(ledger.engine, ledger.client, ledger.deployment, ledger.documents, ledger.home.path / "scratch")
        assert digest_of(farm) == digest_of(merchant)
        with read(merchant.engine) as connection:
            assert connection.execute(select(location.c.gln)).scalars().all() == [GLN]


def test_the_founding_ends_with_the_council(world: Homes) -> None:
    ledger = world.ledger("farm")
    governor = ledger.client.call(ledger.deployment, "Members", "governor")
    assert governor == ledger.deployment.address("Council")


def test_one_member_s_signer_does_not_sign_for_another(world: Homes) -> None:
    with (
        at_work(world.homes["farm"], "farm", sending=False) as farm,
        at_work(world.homes["merchant"], "merchant", sending=False) as merchant,
    ):
        theirs = session_of(merchant, "merchant")
        account = theirs.session.account
        with pytest.raises(NotFound, match="does not hold the key"):
            farm.signer.open_session(theirs.session, PASSWORDS["merchant"])
        transaction = {
            "to": farm.deployment.address("Statements"),
            "data": encode_call("Statements", "record", [[b"\1" * 32]]),
            "value": 0,
            "gas": 100_000,
            "nonce": 0,
            "chainId": CHAIN_ID,
        }
        with pytest.raises(NotFound, match="does not hold the key"):
            farm.signer.sign_transaction({**transaction, **farm.profile.fee.fields()}, account, theirs)
        with pytest.raises(NotFound, match="does not hold the key"):
            farm.signer.salts(account, ["00" * 32], theirs)
        assert set(farm.signer.accounts()) == {session_of(farm, "farm").session.account, farm.relay_account}


def test_a_home_that_was_not_given_the_contracts_says_so(tmp_path: Path, world: Homes) -> None:
    home = a_home(tmp_path, NetworkFile("embedded", CHAIN_ID, (world.rpc_url,)))
    with signing(home, "farm"), pytest.raises(NotFound, match="not deployed yet"):
        _ = open_ledger(home).deployment


def _handed_out(world: Homes) -> NetworkFile:
    return read_network_file(world.folder / "network.json")


def _nobody_is_asked(name: str) -> str:
    raise AssertionError(f"a password of {name} was asked for")


def test_network_files_come_back_as_they_were_written(tmp_path: Path) -> None:
    network = NetworkFile("qbft", 5, ("http://127.0.0.1:8545",), "0x" + "ab" * 32, {"chain_id": 5, "addresses": {}})
    network.save(tmp_path / "network.json")
    assert read_network_file(tmp_path / "network.json") == network
    assert "null" not in (tmp_path / "network.json").read_text()
    assert json.loads((tmp_path / "network.json").read_text())["profile"] == "qbft"
