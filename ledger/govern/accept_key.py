"""A new key accepts that it acts for a member (EIP-712 KeyAccepted, contracts/src/interfaces/IKeys.sol)."""

from __future__ import annotations

import time

from ledger.chain.session import Authority, new_session
from ledger.chain.typed_data import key_accepted_message
from ledger.context import Ledger

SESSION_SECONDS = 600


def keys_session(ledger: Ledger, member: int, account: str, password: str) -> Authority:
    """A short session of one key for the member's keys alone. WrongPassword."""
    session, _ = new_session(
        member=member,
        account=account,
        audience=ledger.relay_account,
        scope="keys",
        now=int(time.time()),
        seconds=SESSION_SECONDS,
        chain_id=ledger.settings.chain_id,
    )
    return ledger.signer.open_session(session, password)


def acceptance_of(ledger: Ledger, member: int, key: str, password: str) -> bytes:
    """The key's signature under the member's next nonce, made by the signer that holds it."""
    nonce = int(ledger.client.call(ledger.deployment, "Members", "keyNonce", member))
    message = key_accepted_message(ledger.deployment, member=member, key=key, nonce=nonce)
    return ledger.signer.sign_typed_data(key, message, keys_session(ledger, member, key, password))
