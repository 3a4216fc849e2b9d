"""Who sells in the live-stream sale, under which rules, and the shops' order files with amounts of real purchases."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from eth_account import Account
from index_world import KEYS, NUMBERS, Chain

from ledger.chain.roles import Role
from ledger.chain.typed_data import hash_legs, rule_version_message, sign_message
from ledger.settle.split import Leg, LegKind, pack_legs

MERCHANTS, CREATORS = 200, 50
PURCHASES = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "orders" / "cdnow-sample.txt"
CARRIER, PLATFORM, BANK = "carrier", "platform", "bank"


@dataclass(frozen=True)
class Shop:
    """A merchant with its rule, and the campaign under which its batches are placed; None: without."""

    member: int
    slug: str
    rule: int
    campaign: int | None = None


def open_market(chain: Chain) -> list[Shop]:
    """Admits merchants and creators, and puts a rule of each merchant in force that all whom it pays have signed."""
    for number in range(CREATORS):
        _admit(chain, f"creator-{number}", Role.CREATOR)
    for number in range(MERCHANTS):
        _admit(chain, f"shop-{number}", Role.MERCHANT)
    return [_open_shop(chain, number) for number in range(MERCHANTS)]


def legs_of_shop(number: int) -> list[Leg]:
    """A creator's share with a cap, the platform's, and the rest the merchant's own."""
    creator = NUMBERS[f"creator-{number % CREATORS}"]
    return [
        Leg(creator, LegKind.SHARE, 800 + 100 * (number % 17), 2_000),
        Leg(NUMBERS[PLATFORM], LegKind.SHARE, 200),
        Leg(NUMBERS[f"shop-{number}"], LegKind.RESIDUAL),
    ]


def _admit(chain: Chain, slug: str, role: Role) -> None:
    key = KEYS[slug] = Account.from_key(hashlib.sha256(slug.encode()).digest())
    NUMBERS[slug] = len(NUMBERS) + 1
    chain.client.request("anvil_setBalance", key.address, hex(10**24))
    chain.act("consortium", "Members", "admit", key.address, int(role), slug, slug.title())


def _open_shop(chain: Chain, number: int) -> Shop:
    slug, legs, rule = f"shop-{number}", legs_of_shop(number), number + 1
    chain.act(slug, "Rules", "propose", 0, [leg.on_chain for leg in legs], ())
    message = rule_version_message(
        chain.deployment,
        merchant=NUMBERS[slug],
        rule=rule,
        version=1,
        base=0,
        legs_hash=hash_legs(pack_legs(legs)),
    )
    for payee in (slug, f"creator-{number % CREATORS}", PLATFORM):
        chain.act(PLATFORM, "Rules", "sign", rule, 1, NUMBERS[payee], sign_message(message, bytes(KEYS[payee].key)))
    return Shop(NUMBERS[slug], slug, rule)


def amounts_fen() -> Iterator[int]:
    """Of the real purchases, in their order, again and again; a cent is a fen. Those of nothing are no orders."""
    lines = PURCHASES.read_text(encoding="ascii").splitlines()
    amounts = [int(line.split()[-1].replace(".", "")) for line in lines]
    return cycle([amount for amount in amounts if amount])


def write_order_files(folder: Path, shops: list[Shop], orders: int) -> list[Path]:
    """One CSV a shop, as a shop's system exports it; all of about as many orders."""
    amounts, files = amounts_fen(), []
    for number, shop in enumerate(shops):
        count = orders // len(shops) + (number < orders % len(shops))
        if not count:
            break
        file = folder / f"{shop.slug}.csv"
        with file.open("w", encoding="utf-8") as out:
            out.write("number,amount_fen,rule,carrier\n")
            out.writelines(
                f"LIVE-{shop.member}-{at:06d},{fen},{shop.rule},{CARRIER}\n"
                for at, fen in enumerate(islice(amounts, count))
            )
        files.append(file)
    return files
