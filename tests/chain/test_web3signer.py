"""A member's key at a remote signer: asked only for what the member's session covers, believed only when it is right."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import structlog
from chain_world import CHAIN_ID, PASSWORD, World, free_port
from sqlalchemy import Engine
from web3signer_stand_in import Web3Signer

from ledger.chain.contracts import encode_call
from ledger.chain.held_key import HeldKey, name_key_elsewhere, open_elsewhere
from ledger.chain.keystore import account_of, keystore_file, open_keystore, signer_secret
from ledger.chain.outbox import Intent, queue, rows_by_id
from ledger.chain.policy import RELAY_NAME
from ledger.chain.profiles import IBFT
from ledger.chain.sender import Sender
from ledger.chain.session import Authority, new_session
from ledger.chain.signer import SignerServer, open_keys
from ledger.chain.signer_client import SignerClient
from ledger.chain.signing import Signing
from ledger.chain.typed_data import Grant, grant_message, signer_of
from ledger.chain.web3signer import RemoteKey
from ledger.cli.main import run
from ledger.config import Home
from ledger.errors import (
    BadInput,
    BrokenEvidence,
    Conflict,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
    WrongPassword,
)
from ledger.store.database import write

PASSWORD_OF_FARM = "a password that the farm alone knows"


@pytest.fixture
def remote(world: World) -> Iterator[Web3Signer]:
    """Holds the farm's key."""
    key = open_keystore(world.home, "farm", PASSWORD, development=True)
    stand_in = Web3Signer(key.private_key, CHAIN_ID)
    yield stand_in
    stand_in.close()


@pytest.fixture
def home(world: World, remote: Web3Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The farm's own home: the relay's key is sealed in it, the farm's is at the remote signer."""
    home = Home(tmp_path / "farm")
    port = free_port()
    replace(world.settings, member="farm", signer_url=f"http://127.0.0.1:{port}").save(home)
    world.deployment.save(home)
    name_key_elsewhere(home, "farm", world.accounts["farm"], web3signer=remote.url)
    keystore_file(home, RELAY_NAME).write_bytes(keystore_file(world.home, RELAY_NAME).read_bytes())
    monkeypatch.setenv("SUYUAN_PASSWORD_FARM", PASSWORD_OF_FARM)
    monkeypatch.setenv("SUYUAN_PASSWORD_API", PASSWORD)
    return home


@pytest.fixture
def signer(world: World, home: Home) -> Iterator[SignerClient]:
    """The farm's signer process, in this one."""
    settings = world.settings
    keys = open_keys(home, settings, "farm,api")
    server = SignerServer(("127.0.0.1", 0), Signing(home, settings, keys), signer_secret(home))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield SignerClient(f"http://127.0.0.1:{server.server_address[1]}", signer_secret(home))
    server.shutdown()
    server.server_close()


def the_key(home: Home) -> HeldKey:
    return open_elsewhere(home, "farm")


def prepared(world: World, **changed: object) -> dict[str, object]:
    return {
        "to": world.deployment.address("Statements"),
        "data": b"\x01\x02",
        "value": 0,
        "gas": 100_000,
        "nonce": 7,
        "chainId": CHAIN_ID,
        **world.profile.fee.fields(),
        **changed,
    }


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lie", ["to", "data", "nonce", "gas", "value", "maxFeePerGas", "chainId"])
def test_a_transaction_other_than_the_one_asked_for_is_refused(
    lie: str, world: World, home: Home, remote: Web3Signer
) -> None:
    key = the_key(home)
    remote.lie = lie
    with pytest.raises(BrokenEvidence, match=f"signed a transaction with another {lie}"):
        key.sign_transaction(prepared(world))


def test_a_legacy_transaction_is_compared_too(world: World, home: Home, remote: Web3Signer) -> None:
    key = the_key(home)
    transaction = {
        name: value for name, value in prepared(world).items() if not name.startswith("max") and name != "type"
    }
    transaction |= IBFT.fee.fields()
    assert key.sign_transaction(transaction)
    for lie in ("gasPrice", "chainId", "nonce"):
        remote.lie = lie
        with pytest.raises(BrokenEvidence, match=f"another {lie}"):
            key.sign_transaction(transaction)


def test_signatures_of_another_account_or_over_another_message_are_refused(
    world: World, home: Home, remote: Web3Signer
) -> None:
    key = the_key(home)
    grant = grant_message(world.deployment, Grant(1, world.accounts["api"], 1, int(time.time()) + 60, b"\x01" * 32))
    remote.lie = "another message"
    with pytest.raises(BrokenEvidence, match="signed another message"):
        key.sign_typed(grant)
    remote.lie = "another account"
    with pytest.raises(BrokenEvidence, match="signed another message, or as another account"):
        key.sign_typed(grant)
    with pytest.raises(BrokenEvidence, match="a transaction of 0x"):
        key.sign_transaction(prepared(world))
    with pytest.raises(NotFound, match="does not hold the key of"):
        the_key(home)


def test_a_remote_signer_that_is_away_or_wants_credentials_is_told(
    world: World, home: Home, remote: Web3Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.token = "hush"
    with pytest.raises(Unavailable, match=r"wants credentials.*SUYUAN_SIGNER_TOKEN_FARM"):
        the_key(home)
    monkeypatch.setenv("SUYUAN_SIGNER_TOKEN_FARM", "hush")
    assert the_key(home).sign_transaction(prepared(world))
    away = RemoteKey("farm", world.accounts["farm"], f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable, match=r"The remote signer of farm at .* does not answer"):
        away.sign_transaction(prepared(world))


def test_an_address_in_the_clear_on_another_machine_is_refused(world: World, tmp_path: Path) -> None:
    home = Home(tmp_path / "clear")
    with pytest.raises(BadInput, match="in the clear"):
        name_key_elsewhere(home, "farm", world.accounts["farm"], web3signer="http://signer.farm.example:9000")
    name_key_elsewhere(home, "farm", world.accounts["farm"], web3signer="https://signer.farm.example:9000")
    with pytest.raises(Conflict, match="There is a key of farm already"):
        name_key_elsewhere(home, "farm", world.accounts["farm"], web3signer=None)


def test_without_a_session_the_remote_signer_is_not_even_asked(
    world: World, signer: SignerClient, remote: Web3Signer
) -> None:
    farm = world.accounts["farm"]
    remote.asked.clear()
    transaction = {**prepared(world), "data": encode_call("Statements", "record", (["a7" * 32],))}
    with pytest.raises(NotAuthenticated, match="only under a session"):
        signer.sign_transaction(transaction, farm, None)
    with pytest.raises(NotAllowed, match=r"does not cover Statements\.record"):
        signer.sign_transaction(transaction, farm, world.session("farm", "orders"))
    assert remote.asked == []


def test_salts_need_a_secret_of_their_own(world: World, signer: SignerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    capture = world.session("farm", "capture")
    with pytest.raises(BadInput, match=r"SUYUAN_SALT_FARM holds no secret.*openssl rand -hex 32"):
        signer.salts(world.accounts["farm"], ["ab" * 32], capture)
    monkeypatch.setenv("SUYUAN_SALT_FARM", "5a" * 32)
    first = signer.salts(world.accounts["farm"], ["ab" * 32], capture)
    assert first == signer.salts(world.accounts["farm"], ["ab" * 32], capture)
    monkeypatch.setenv("SUYUAN_SALT_FARM", "5b" * 32)
    assert first != signer.salts(world.accounts["farm"], ["ab" * 32], capture)


# --- what it signs ---------------------------------------------------------------------------------------------------


def _open(world: World, signer: SignerClient, password: str) -> Authority:
    session, _ = new_session(
        member=world.members["farm"],
        account=world.accounts["farm"],
        audience=world.accounts["api"],
        scope="capture grants",
        now=int(time.time()),
        seconds=600,
        chain_id=CHAIN_ID,
    )
    return signer.open_session(session, password)


def test_a_member_opens_a_session_and_records_with_a_key_that_never_came_here(
    world: World, signer: SignerClient, remote: Web3Signer, engine: Engine
) -> None:
    with pytest.raises(WrongPassword, match="not the password of farm"):
        _open(world, signer, "guessed it, perhaps?")
    authority = _open(world, signer, PASSWORD_OF_FARM)
    assert "eth_signTypedData" in remote.asked
    farm = world.accounts["farm"]
    intent = Intent("record:w3s", farm, "Statements", "record", (["b7" * 32],), authority)
    with write(engine) as connection:
        identity = queue(connection, world.deployment, intent, int(time.time())).id
    sender = Sender(engine, world.client, signer, world.profile, CHAIN_ID)
    deadline = time.monotonic() + 30
    while True:
        with engine.connect() as connection:
            (row,) = rows_by_id(connection, [identity])
        if row.state in ("final", "reverted"):
            break
        assert time.monotonic() < deadline, row
        sender.step()
        time.sleep(0.02)
    assert row.state == "final", row.error
    assert world.client.call(world.deployment, "Statements", "recordedAt", 1, "b7" * 32) > 0
    grant = grant_message(world.deployment, Grant(1, world.accounts["api"], 1, int(time.time()) + 60, b"\x02" * 32))
    assert signer_of(grant, signer.sign_typed_data(farm, grant, authority)) == farm


def test_a_key_may_come_from_the_signers_environment(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = open_keystore(world.home, "farm", PASSWORD, development=True)
    home = Home(tmp_path / "environment")
    assert name_key_elsewhere(home, "farm", key.account.lower(), web3signer=None) == key.account
    assert account_of(home, "farm") == key.account
    with pytest.raises(BadInput, match="SUYUAN_KEY_FARM holds no key"):
        open_elsewhere(home, "farm")
    monkeypatch.setenv("SUYUAN_KEY_FARM", "07" * 32)
    with pytest.raises(BadInput, match="holds the key of") as refusal:
        open_elsewhere(home, "farm")
    assert "07" * 32 not in str(refusal.value)
    monkeypatch.setenv("SUYUAN_KEY_FARM", "0x" + key.private_key.hex())
    opened = open_elsewhere(home, "farm")
    assert opened.sign_transaction(prepared(world)) == key.sign_transaction(prepared(world))
    assert opened.salt_secret() == key.salt_secret()
    assert key.private_key.hex() not in repr(opened)


def test_our_own_signer_answers_clients_of_web3signer(world: World) -> None:
    """Two parameters, typed data as text, no chain id, a bearer token: as those clients ask."""
    headers = {"Authorization": f"Bearer {signer_secret(world.home)}"}

    def ask(method: str, *params: object) -> dict[str, object]:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer: dict[str, object] = httpx.post(world.signer.url, json=body, headers=headers).json()
        return answer

    consortium = world.accounts["consortium"]
    assert consortium in str(ask("eth_accounts")["result"])
    fields = {name: hex(value) for name, value in world.profile.fee.fields().items() if name != "type"}
    call = {
        "from": consortium,
        "to": world.accounts["farm"],
        "gas": "0x5208",
        "nonce": "0x0",
        "value": "0x1",
        "data": "0x",
    }
    assert str(ask("eth_signTransaction", {**call, **fields})["result"]).startswith("0x02")
    typed = grant_message(world.deployment, Grant(1, world.accounts["api"], 1, 99, b"\x02" * 32))
    refused = ask("eth_signTypedData", world.accounts["farm"], json.dumps(typed))
    assert "only under a session" in str(refused["error"])


def test_a_command_says_where_a_key_is_held_and_what_its_signer_needs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account, where = "0x" + "ab" * 20, ["--home", str(tmp_path / "home")]
    words = ["key", "elsewhere", "farm", "--account", account, "--web3signer", "https://signer.farm.example", *where]
    assert run(words) == 0
    said = capsys.readouterr().out
    assert "SUYUAN_SALT_FARM" in said
    assert "SUYUAN_PASSWORD_FARM" in said
    assert run(words) == 1
    assert "There is a key of farm already" in capsys.readouterr().err
    assert run(["key", "elsewhere", "creator", "--account", "nobody", *where]) == 1
    assert "is no account address" in capsys.readouterr().err
    assert account_of(Home(tmp_path / "home"), "farm").lower() == account
    structlog.reset_defaults()
