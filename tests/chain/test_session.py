"""Sessions and tokens: each fault has its sentence, and what is stored opens nothing."""

from __future__ import annotations

import base64
import json

import pytest
from eth_account import Account

from ledger.chain.session import (
    Authority,
    Session,
    authority_of_token,
    decode_token,
    encode_token,
    new_session,
    sign_session,
    verify_token,
)
from ledger.errors import BadInput, NotAuthenticated

NOW = 1_760_000_000
FARM, COOLER, RELAY = Account.create(), Account.create(), Account.create().address
MEMBERS = {1: FARM.address, 2: COOLER.address}


def _token(key: bytes = bytes(FARM.key)) -> str:
    session, secret = new_session(
        member=1,
        account=FARM.address,
        audience=RELAY,
        scope="capture codes",
        now=NOW,
        seconds=600,
        chain_id=7710,
    )
    return encode_token(sign_session(session, key), secret)


def _verify(token: str | None, *, now: int = NOW + 5, audience: str = RELAY, chain_id: int | None = 7710) -> Session:
    return verify_token(token, now=now, audience=audience, account_of_member=MEMBERS.get, chain_id=chain_id)


@pytest.mark.parametrize("token", [None, ""])
def test_a_missing_token_is_refused(token: str | None) -> None:
    with pytest.raises(NotAuthenticated, match="There is no session token"):
        _verify(token)


@pytest.mark.parametrize("token", ["x", "e30", "%%%", "e30=", "W10", base64.urlsafe_b64encode(b"[" * 3000).decode()])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(NotAuthenticated, match="This is not a session token"):
        _verify(token)


def test_an_ended_session_is_refused() -> None:
    with pytest.raises(NotAuthenticated, match="The session ended 1 seconds ago"):
        _verify(_token(), now=NOW + 601)


def test_a_session_ends_at_its_second() -> None:
    with pytest.raises(NotAuthenticated, match="The session ended 0 seconds ago"):
        _verify(_token(), now=NOW + 600)


def test_a_session_that_begins_in_the_future_is_refused() -> None:
    with pytest.raises(NotAuthenticated, match="begins in the future"):
        _verify(_token(), now=NOW - 61)


def test_a_session_for_another_service_is_refused() -> None:
    with pytest.raises(NotAuthenticated, match="signed for another service"):
        _verify(_token(), audience=COOLER.address)


def test_a_session_for_another_chain_is_refused() -> None:
    with pytest.raises(NotAuthenticated, match="for chain 7710, and this is chain 1"):
        _verify(_token(), chain_id=1)


def test_another_members_signature_is_refused() -> None:
    with pytest.raises(NotAuthenticated, match="the signature of another account"):
        _verify(_token(key=bytes(COOLER.key)))


def test_a_session_that_claims_another_members_number_is_refused() -> None:
    with pytest.raises(NotAuthenticated, match="says it is member 2, and another account signed it"):
        _verify(_claiming(2))


def test_a_member_that_is_not_admitted_is_refused() -> None:
    with pytest.raises(NotAuthenticated, match="There is no member 9"):
        _verify(_claiming(9))


def _claiming(member: int) -> str:
    session, secret = new_session(
        member=member, account=FARM.address, audience=RELAY, scope="bank", now=NOW, seconds=600, chain_id=7710
    )
    return encode_token(sign_session(session, bytes(FARM.key)), secret)


@pytest.mark.parametrize(
    "changed",
    [{"scope": "bank"}, {"until": NOW + 10**6}, {"member": 2}, {"issued_at": NOW - 1}, {"audience": RELAY.lower()}],
)
def test_a_session_changed_after_signing_is_refused(changed: dict[str, object]) -> None:
    body = _body(_token())
    body["session"] |= changed
    if changed == {"audience": RELAY.lower()}:  # the same address in other letters says the same
        assert _verify(_encoded(body)).member == 1
        return
    with pytest.raises(NotAuthenticated):
        _verify(_encoded(body))


def test_a_token_with_another_secret_is_refused() -> None:
    body = _body(_token())
    body["secret"] = "00" * 32
    with pytest.raises(NotAuthenticated, match="secret is not the one"):
        _verify(_encoded(body))


def test_what_is_stored_beside_a_transaction_is_no_token() -> None:
    stored = authority_of_token(_token()).to_json()
    assert _body(_token())["secret"] not in stored
    with pytest.raises(NotAuthenticated):
        _verify(base64.urlsafe_b64encode(stored.encode()).decode())


@pytest.mark.parametrize(
    "changed",
    [{"member": "1"}, {"member": -1}, {"until": 2**70}, {"account": "0x12"}, {"token_hash": "00"}, {"scope": 5}],
)
def test_a_malformed_session_is_refused(changed: dict[str, object]) -> None:
    body = _body(_token())
    body["session"] |= changed
    with pytest.raises(NotAuthenticated):
        _verify(_encoded(body))


@pytest.mark.parametrize("scope", ["", "everything", "capture everything"])
def test_a_word_that_is_no_scope_is_refused(scope: str) -> None:
    with pytest.raises(BadInput, match="Unknown scope"):
        new_session(member=1, account=FARM.address, audience=RELAY, scope=scope, now=NOW, seconds=600, chain_id=7710)


def test_a_good_token_is_the_members_session() -> None:
    session = _verify(_token())
    assert (session.member, session.account, session.words()) == (1, FARM.address, {"capture", "codes"})


def test_tokens_and_authorities_survive_their_text() -> None:
    authority, secret = decode_token(_token())
    assert decode_token(encode_token(authority, secret)) == (authority, secret)
    assert Authority.from_json(authority.to_json()) == authority


def _body(token: str) -> dict[str, dict[str, object]]:
    body: dict[str, dict[str, object]] = json.loads(base64.urlsafe_b64decode(token + "=="))
    return body


def _encoded(body: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(body).encode()).decode().rstrip("=")
