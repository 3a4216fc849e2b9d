"""Signatures are those of Standard Webhooks 1.0.0, and secrets stand in no database."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from ledger.config import Home
from ledger.errors import BadInput
from ledger.notify.signature import headers_of, load_webhook_key, secret_of, shown


def test_signature_is_that_of_the_reference_libraries() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = headers_of([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_two_secrets_sign_side_by_side() -> None:
    both = headers_of([b"a" * 32, b"b" * 32], "msg_1", 1, b"{}")["webhook-signature"].split()
    alone = [headers_of([one], "msg_1", 1, b"{}")["webhook-signature"] for one in (b"a" * 32, b"b" * 32)]
    assert both == alone


def test_each_webhook_and_each_number_has_a_secret_of_its_own() -> None:
    key = bytes(32)
    secrets = {secret_of(key, webhook, number) for webhook in ("wh_1", "wh_2") for number in (1, 2)}
    assert len(secrets) == 4
    assert secret_of(key, "wh_1", 1) in secrets
    assert shown(secret_of(key, "wh_1", 1)).startswith("whsec_")
    assert len(base64.b64decode(shown(secret_of(key, "wh_1", 1)).removeprefix("whsec_"))) == 32


def test_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    key = load_webhook_key(Home(tmp_path))
    assert load_webhook_key(Home(tmp_path)) == key
    assert stat.S_IMODE((tmp_path / "keys" / "webhooks.key").stat().st_mode) == 0o600


def test_key_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    load_webhook_key(Home(tmp_path))
    (tmp_path / "keys" / "webhooks.key").write_bytes(b"short")
    with pytest.raises(BadInput, match="5 bytes"):
        load_webhook_key(Home(tmp_path))
