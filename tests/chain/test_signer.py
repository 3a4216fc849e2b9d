"""The signer: what a member's key, the relay's and the consortium's sign, and each refusal as a sentence."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from chain_world import CHAIN_ID, NAMES, PASSWORD, World, free_port, make_home
from eth_account import Account

from ledger.chain import keystore, policy, sealed
from ledger.chain.artifact import CONTRACTS, abi
from ledger.chain.contracts import encode_call
from ledger.chain.keystore import create_keystore, open_keystore, signer_secret
from ledger.chain.session import SCOPES, Authority, new_session
from ledger.chain.signer import SignerServer, open_keys
from ledger.chain.signer_client import SignerClient
from ledger.chain.signing import Signing
from ledger.chain.typed_data import Grant, grant_message, rule_version_message, session_message
from ledger.config import Home, Settings
from ledger.errors import BadInput, BrokenEvidence, NotAllowed, NotAuthenticated, NotFound, Unavailable, WrongPassword

COMMITMENTS = ["11" * 32]


def _transaction(world: World, contract: str, function: str, args: list[Any], **changed: Any) -> dict[str, Any]:
    return {
        "to": world.deployment.address(contract),
        "data": encode_call(contract, function, args),
        "value": 0,
        "gas": 100_000,
        "nonce": 0,
        "chainId": CHAIN_ID,
        "gasPrice": 10**9,
    } | changed


def _record(world: World, **changed: Any) -> dict[str, Any]:
    return _transaction(world, "Statements", "record", [COMMITMENTS], **changed)


def _sign(world: World, name: str, transaction: dict[str, Any], authority: Authority | None) -> bytes:
    return world.signer.sign_transaction(transaction, world.accounts[name], authority)


# --- who asks --------------------------------------------------------------------------------------------------------


def test_without_the_local_secret_nothing_is_answered(world: World) -> None:
    for headers in ({}, {"X-Suyuan-Signer": "wrong"}):
        answer = httpx.post(world.signer.url, json={"id": 1, "method": "eth_accounts"}, headers=headers)
        assert answer.status_code == 401
        assert "0x" not in answer.text
    with pytest.raises((NotAuthenticated, Unavailable)):
        SignerClient(world.signer.url, "wrong").accounts()


def test_a_signer_that_is_away_is_said() -> None:
    with pytest.raises(Unavailable, match=r"The signer at http://127\.0\.0\.1:9 does not answer"):
        SignerClient("http://127.0.0.1:9", "secret").accounts()


def test_a_signer_that_was_never_started_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="never started"):
        SignerClient.of(Home(tmp_path), Settings()).accounts()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"5", b"[1]", b'{"method":5}', b'{"method":"eth_accounts","params":{}}', b'{"method":"nothing"}'],
)
def test_what_is_no_request_gets_an_error_and_no_crash(world: World, body: bytes) -> None:
    headers = {"X-Suyuan-Signer": signer_secret(world.home)}
    answer = httpx.post(world.signer.url, content=body, headers=headers).json()
    assert "error" in (answer[0] if isinstance(answer, list) else answer)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("eth_signTransaction", []),
        ("eth_signTransaction", [{}, None]),
        ("eth_signTransaction", [5, None]),
        ("eth_signTransaction", [{"from": "0x12"}, None]),
        ("eth_signTypedData", ["0x" + "00" * 20, {}, None]),
        ("suyuan_salts", [None, None, None]),
        ("suyuan_openSession", [{}, "x"]),
    ],
)
def test_malformed_parameters_get_an_error(world: World, method: str, params: list[Any]) -> None:
    headers = {"X-Suyuan-Signer": signer_secret(world.home)}
    answer = httpx.post(world.signer.url, json={"id": 1, "method": method, "params": params}, headers=headers).json()
    assert answer["id"] == 1
    assert answer["error"]["message"]


def test_a_signature_by_another_account_is_not_used(world: World) -> None:
    lying = SignerClient(world.signer.url, signer_secret(world.home))
    asked = world.accounts["consortium"]
    raw = world.signer.sign_transaction(_record(world), asked, None)
    lying._rpc = _Answering("0x" + raw.hex())  # type: ignore[assignment]
    with pytest.raises(BrokenEvidence, match="signed as"):
        lying.sign_transaction(_record(world), world.accounts["farm"], None)


class _Answering:
    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def batch(self, calls: list[Any]) -> list[Any]:
        return [self._answer for _ in calls]


# --- under which session ---------------------------------------------------------------------------------------------


def test_a_members_key_signs_nothing_without_a_session(world: World) -> None:
    with pytest.raises(NotAuthenticated, match="none came for farm"):
        _sign(world, "farm", _record(world), None)


def test_an_ended_session_signs_nothing_even_if_it_was_good_before(world: World) -> None:
    authority = world.session("farm", "capture", seconds=1)
    _sign(world, "farm", _record(world), authority)
    time.sleep(1.1)
    with pytest.raises(NotAuthenticated, match="The session ended"):
        _sign(world, "farm", _record(world), authority)


def test_another_members_session_signs_nothing(world: World) -> None:
    with pytest.raises(NotAllowed, match="belongs to another account"):
        _sign(world, "farm", _record(world), world.session("merchant", "capture"))


def test_a_session_that_somebody_else_signed_is_refused(world: World) -> None:
    good = world.session("farm", "capture")
    forged = Authority(good.session, world.session("merchant", "capture").signature)
    with pytest.raises(NotAuthenticated, match="signature of another account"):
        _sign(world, "farm", _record(world), forged)


def test_a_session_widened_after_signing_is_refused(world: World) -> None:
    good = world.session("farm", "capture")
    widened = Authority(replace(good.session, scope="capture withdraw"), good.signature)
    with pytest.raises(NotAuthenticated, match="signature of another account"):
        _sign(world, "farm", _record(world), widened)


def test_a_session_for_another_api_is_refused(world: World) -> None:
    good = world.session("farm", "capture")
    foreign = Authority(replace(good.session, audience=Account.create().address), good.signature)
    with pytest.raises(NotAuthenticated, match="another service"):
        _sign(world, "farm", _record(world), foreign)


# --- what it covers --------------------------------------------------------------------------------------------------


def test_every_scope_signs_its_own_calls_and_no_others(world: World) -> None:
    calls = {
        (contract, entry["name"]): entry
        for contract in CONTRACTS
        for entry in abi(contract)
        if entry["type"] == "function"
    }
    key = open_keystore(world.home, "farm", PASSWORD, development=True)
    signing = Signing(world.home, world.settings, [key])
    for scope in SCOPES:
        authority = world.session("farm", scope)
        for (contract, function), entry in calls.items():
            transaction = {
                "from": key.account,
                "to": world.deployment.address(contract),
                "data": encode_call(contract, function, [_any(each) for each in entry["inputs"]]),
                **{"nonce": "0x0", "gas": "0x5208", "chainId": hex(CHAIN_ID), "gasPrice": "0x0"},
            }
            if function == "rotateAccount" and scope == "keys":
                with pytest.raises(NotAllowed, match="no key that this signer made for farm"):
                    signing.sign_transaction(transaction, authority)
            elif (contract, function) in policy.CALLS[scope]:
                assert signing.sign_transaction(transaction, authority)
            else:
                with pytest.raises(NotAllowed, match=f"{contract}.{function}"):
                    signing.sign_transaction(transaction, authority)


def _any(entry: dict[str, Any]) -> Any:
    """Some argument of a type."""
    kind = str(entry["type"])
    if kind.endswith("]"):
        return []
    if kind == "tuple":
        return tuple(_any(each) for each in entry["components"])
    if kind == "address":
        return "0x" + "11" * 20
    if kind.startswith("bytes"):
        return b"\0" * int(kind[5:] or 0)
    return {"string": "", "bool": False}.get(kind, 0)


def test_a_refusal_says_which_scope_is_needed(world: World) -> None:
    with pytest.raises(NotAllowed, match=r'does not cover Statements\.record: its scope is "orders bank"') as refusal:
        _sign(world, "farm", _record(world), world.session("farm", "bank orders"))
    assert "with the scope capture" in str(refusal.value)


def test_calls_elsewhere_are_refused(world: World) -> None:
    authority = world.session("farm", " ".join(SCOPES))
    for changed, words in (
        ({"to": "0x" + "11" * 20}, "is no contract of this ledger"),
        ({"to": None}, "may create a contract"),
        ({"value": 1}, "sends 1 wei"),
        ({"chainId": 1}, "for chain 1"),
        ({"data": "0x"}, "no function with selector"),
        ({"data": "0xffffffff"}, "no function with selector"),
        ({"data": _record(world)["data"][:-10]}, "cannot be read"),
    ):
        with pytest.raises((NotAllowed, BadInput), match=words):
            _sign(world, "farm", _record(world, **changed), authority)


def test_the_consortiums_acts_are_no_members(world: World) -> None:
    authority = world.session("farm", " ".join(SCOPES))
    with pytest.raises(NotAllowed, match=r"No session lets a member's key sign Members\.setRoles"):
        _sign(world, "farm", _transaction(world, "Members", "setRoles", [1, 1]), authority)


def test_the_relays_key_signs_only_what_others_signed(world: World) -> None:
    grant = (1, world.accounts["api"], 1, 2**40, b"\0" * 32)
    assert _sign(world, "api", _transaction(world, "Statements", "recordFor", [COMMITMENTS, grant, b""]), None)
    assert _sign(world, "api", _transaction(world, "Rules", "sign", [1, 1, 1, b""]), None)
    for call in (("Statements", "record", [COMMITMENTS]), ("Members", "setRoles", [1, 1]), ("Escrow", "pay", [[]])):
        with pytest.raises(NotAllowed, match="The relay's key signs only"):
            _sign(world, "api", _transaction(world, *call), None)
    with pytest.raises(NotAllowed, match="sends 1 wei"):
        _sign(world, "api", _transaction(world, "Rules", "sign", [1, 1, 1, b""], value=1), None)


def test_the_consortiums_key_signs_creations_and_transfers(world: World) -> None:
    assert _sign(world, "consortium", _record(world, to=None, data="0x6000"), None)
    assert _sign(world, "consortium", _record(world, to="0x" + "11" * 20, data="0x", value=10**18), None)


def test_a_key_that_this_signer_does_not_hold_is_said(world: World) -> None:
    with pytest.raises(NotFound, match="does not hold the key of"):
        world.signer.sign_transaction(_record(world), Account.create().address, None)


# --- typed data and salts --------------------------------------------------------------------------------------------


def _grant(world: World, member: int = 1) -> dict[str, Any]:
    return grant_message(world.deployment, Grant(member, world.accounts["api"], 1, 2**40, b"\7" * 32))


def test_grants_and_rule_versions_are_signed_in_their_scopes(world: World) -> None:
    farm = world.accounts["farm"]
    rule = rule_version_message(world.deployment, merchant=2, rule=1, version=1, base=0, legs_hash=b"\1" * 32)
    assert len(world.signer.sign_typed_data(farm, _grant(world), world.session("farm", "grants"))) == 65
    assert len(world.signer.sign_typed_data(farm, rule, world.session("farm", "rules"))) == 65
    for typed, scope in ((_grant(world), "rules"), (rule, "grants")):
        with pytest.raises(NotAllowed, match="does not cover signing"):
            world.signer.sign_typed_data(farm, typed, world.session("farm", scope))


def test_typed_data_for_anything_else_is_refused(world: World) -> None:
    session = world.session("farm", " ".join(SCOPES))
    own = _grant(world)
    opened = session_message(**asdict(session.session))
    for typed in (
        opened,
        own | {"domain": own["domain"] | {"chainId": 1}},
        own | {"domain": own["domain"] | {"verifyingContract": world.deployment.address("Rules")}},
        own | {"domain": own["domain"] | {"name": "Permit2"}},
        own | {"domain": own["domain"] | {"salt": "0x00"}},
        _grant(world, member=2),
        {"primaryType": "Grant"},
        {},
    ):
        with pytest.raises(NotAllowed):
            world.signer.sign_typed_data(world.accounts["farm"], typed, session)


def test_typed_data_is_signed_with_our_own_types_only(world: World) -> None:
    """A type under the name Grant with other fields would sign what the contract reads otherwise."""
    typed = _grant(world)
    typed["types"] = typed["types"] | {"Grant": [{"name": "member", "type": "uint32"}]}
    with pytest.raises(NotAllowed, match="other fields"):
        world.signer.sign_typed_data(world.accounts["farm"], typed, world.session("farm", "grants"))


def test_salts_come_from_the_members_secret_and_the_hash(world: World) -> None:
    hashes = ["ab" * 32, "cd" * 32]
    farm, merchant = world.session("farm", "capture"), world.session("merchant", "capture")
    salts = world.signer.salts(world.accounts["farm"], hashes, farm)
    assert salts == world.signer.salts(world.accounts["farm"], hashes, farm)
    assert len({*salts, *world.signer.salts(world.accounts["merchant"], hashes, merchant)}) == 4
    key = open_keystore(world.home, "farm", PASSWORD, development=True).private_key
    secret = hmac.new(key, b"suyuan salt v1", hashlib.sha256).digest()
    assert salts[0] == hmac.new(secret, bytes.fromhex(hashes[0]), hashlib.sha256).hexdigest()


def test_salts_are_for_the_member_only(world: World) -> None:
    farm = world.accounts["farm"]
    with pytest.raises(NotAllowed, match="belongs to another account"):
        world.signer.salts(farm, ["ab" * 32], world.session("merchant", "capture"))
    with pytest.raises(NotAllowed, match="does not cover making commitments"):
        world.signer.salts(farm, ["ab" * 32], world.session("farm", "orders"))
    with pytest.raises(BadInput, match="no event hash"):
        world.signer.salts(farm, ["ab" * 31], world.session("farm", "capture"))
    with pytest.raises(BadInput, match="belongs to no member"):
        world.signer.salts(world.accounts["api"], ["ab" * 32], world.session("farm", "capture"))


# --- opening a session -----------------------------------------------------------------------------------------------


def test_a_session_is_opened_by_the_members_password_only(world: World) -> None:
    session, _ = new_session(
        member=1,
        account=world.accounts["farm"],
        audience=world.accounts["api"],
        scope="capture",
        now=int(time.time()),
        seconds=60,
        chain_id=CHAIN_ID,
    )
    with pytest.raises(WrongPassword, match="does not open the key of farm"):
        world.signer.open_session(session, "guess")
    with pytest.raises(BadInput, match="belongs to no member"):
        world.signer.open_session(replace(session, account=world.accounts["consortium"]), PASSWORD)
    with pytest.raises(BadInput, match="for chain 1"):
        world.signer.open_session(replace(session, chain_id=1), PASSWORD)
    assert _sign(world, "farm", _record(world), world.signer.open_session(session, PASSWORD))


# --- the process -----------------------------------------------------------------------------------------------------


def test_outside_development_a_signer_holds_one_members_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUYUAN_PASSWORD", PASSWORD)
    for module in (sealed, keystore):  # sealed quickly
        monkeypatch.setattr(module, "WORK_FACTOR", 2**12)
    home, settings = Home(tmp_path), Settings(member="farm")
    for name in NAMES:
        create_keystore(home, name, PASSWORD)
    for named in ("all", "farm,merchant", "farm,consortium"):
        with pytest.raises(NotAllowed, match="the key of one member only"):
            open_keys(home, settings, named)
    assert [key.name for key in open_keys(home, settings, None)] == ["farm"]
    assert [key.name for key in open_keys(home, settings, "merchant,api")] == ["merchant", "api"]
    with pytest.raises(BadInput, match="Whose keys"):
        open_keys(home, Settings(), None)


def test_outside_development_the_password_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUYUAN_PASSWORD", raising=False)
    home = Home(tmp_path)
    create_keystore(home, "farm", PASSWORD, development=True)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(WrongPassword, match="SUYUAN_PASSWORD_FARM"):
        open_keys(home, Settings(member="farm"), None)


def test_a_signer_listens_on_loopback_only(world: World) -> None:
    signing = Signing(world.home, world.settings, [])
    with pytest.raises(BadInput, match="loopback only"):
        SignerServer(("0.0.0.0", 0), signing, "secret")
    port = int(world.settings.signer_url.rsplit(":", 1)[1])
    with pytest.raises(Unavailable, match="cannot listen on"):
        SignerServer(("127.0.0.1", port), signing, "secret")


def test_the_development_signer_says_loudly_what_it_is_and_stops_when_told(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, rpc_port=free_port(), signer_port=free_port())
    command = [sys.executable, "-m", "ledger.chain.signer", "--home", str(home.path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    client = SignerClient.of(home, settings)
    for _ in range(1200):
        try:
            accounts = client.accounts()
            break
        except Unavailable:
            assert process.poll() is None
            time.sleep(0.05)
    process.terminate()
    said, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert len(accounts) == len(NAMES)
    assert "DEVELOPMENT SIGNER" in said
    assert "Never do this outside development" in said
    assert PASSWORD not in said + errors
    assert json.loads((home.keys / "farm.json").read_text())["address"].lower() in str(accounts).lower()
