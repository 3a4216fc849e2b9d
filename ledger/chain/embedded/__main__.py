"""`python -m ledger.chain.embedded --file F --port P --chain-id N --fund 0xaddress:wei ... [--instant]`"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ledger.chain.embedded.parameters import address
from ledger.chain.embedded.refusals import Refusal
from ledger.chain.embedded.serve import serve
from ledger.errors import BadInput, SuyuanError


def funding(texts: list[str]) -> dict[str, int]:
    """`0xaddress:wei` each. BadInput: not that, or an account twice."""
    accounts: dict[str, int] = {}
    for text in texts:
        account, _, wei = text.partition(":")
        try:
            account = "0x" + address(account).hex()
        except Refusal:
            raise BadInput(
                f"--fund {text}: there is no address before the colon.", hint="Write --fund 0xaddress:wei."
            ) from None
        if not wei.isdecimal() or int(wei) >= 2**256:
            raise BadInput(
                f"--fund {text}: there is no amount of wei after the colon.", hint="Write --fund 0xaddress:wei."
            )
        if account in accounts:
            raise BadInput(f"--fund names {account} twice.", hint="Name each account once.")
        accounts[account] = int(wei)
    return accounts


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m ledger.chain.embedded", description="The embedded chain: one node in one SQLite file."
    )
    parser.add_argument("--file", type=Path, required=True, help="the SQLite file; made if missing")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=8545, help="0 takes any free one")
    parser.add_argument("--chain-id", type=int, default=7710)
    parser.add_argument(
        "--fund",
        action="append",
        default=[],
        metavar="0xADDRESS:WEI",
        help="money in the genesis of a new file; repeatable",
    )
    parser.add_argument(
        "--instant", action="store_true", help="for tests: mine at once, the chain's clock being its own"
    )
    given = parser.parse_args()
    try:
        serve(
            given.file,
            host=given.host,
            port=given.port,
            chain_id=given.chain_id,
            accounts=funding(given.fund),
            instant=given.instant,
        )
    except SuyuanError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
