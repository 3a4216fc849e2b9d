"""A new key needs something to send with where gas has a price: nothing on a network of validators, wei on the others."""

from __future__ import annotations

import time

from ledger.chain.keystore import account_of
from ledger.chain.policy import CONSORTIUM_NAME
from ledger.context import Ledger
from ledger.errors import Unavailable

WEI = 10**21
PATIENCE_SECONDS = 60.0
_GAS = 21_000


def fund_key(ledger: Ledger, account: str) -> None:
    """Sees that the account can pay for its transactions; in a development home the founding account gives it some.

    Unavailable where gas has a price and nobody here can pay: the chain's operator must.
    """
    if ledger.profile.fee.offer_wei == 0 or ledger.client.balance(account) > 0:
        return
    if not ledger.settings.development:
        raise Unavailable(
            f"{account} has nothing to pay for gas with, and this chain asks for it.",
            hint="Have the chain's operator send it some, then try again: nothing is lost.",
        )
    giver = account_of(ledger.home, CONSORTIUM_NAME)
    transaction = {
        "to": account,
        "data": "0x",
        "value": WEI,
        "gas": _GAS,
        "nonce": ledger.client.nonce(giver),
        "chainId": ledger.settings.chain_id,
        **ledger.profile.fee.fields(),
    }
    ledger.client.send_raw(ledger.signer.sign_transaction(transaction, giver, None))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while ledger.client.balance(account) == 0:
        if time.monotonic() > deadline:
            raise Unavailable(f"The funds for {account} do not arrive.", hint="See that the chain makes blocks.")
        time.sleep(0.1)
