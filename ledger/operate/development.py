"""The development consortium: thirteen members whose GLNs and GTINs are those of the real FSMA 204 case. Four of them
have a seat on the Council, which governs from the end of the founding.

For trying, testing and the demo only: one signer holds all keys, and their passwords lie beside them. A home outside
development never uses anything of this file.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from sqlalchemy import select

from ledger.chain.keystore import account_of, create_keystore, signer_secret
from ledger.chain.outbox import Intent, await_final, queue, require_final
from ledger.chain.roles import Role
from ledger.config import Home, Settings
from ledger.context import Ledger
from ledger.errors import BadInput
from ledger.index.follow import await_block
from ledger.operate.founding import missing_hand_over
from ledger.operate.founding_validators import missing_validators
from ledger.operate.free_ports import free_url
from ledger.store.account_identity import account_identity
from ledger.store.atomic import write_atomically
from ledger.store.database import write
from ledger.store.schema import bank_account, location, member, product

FUND_WEI = 10**24  # for each account, in the embedded chain's genesis; it has no value beyond that chain


@dataclass(frozen=True)
class DevelopmentMember:
    """What the consortium admits: GLNs and GTINs with the names that pages show; `account_number` at the settlement bank."""

    slug: str
    name: str
    roles: Role
    locations: tuple[tuple[str, str], ...] = ()
    products: tuple[tuple[str, str], ...] = ()
    account_number: str | None = None


MEMBERS: tuple[DevelopmentMember, ...] = (
    DevelopmentMember(
        "farm",
        "绿谷农场 Green Valley Farm",
        Role.FARM | Role.COUNCIL,
        (("0860009999060", "绿谷农场三号田 Green Valley, field 3"),),
        (("00860009999923", "生菜（散装） Lettuce, loose"),),
        "6222000000000000011",
    ),
    DevelopmentMember(
        "cooler",
        "雪峰预冷 Snow Peak Cooling",
        Role.COOLER,
        (("0860009999077", "雪峰预冷站 Snow Peak cooling station"),),
        account_number="6222000000000000029",
    ),
    DevelopmentMember(
        "packer",
        "青禾包装 Qinghe Packing",
        Role.PACKER,
        (("0860009999992", "青禾包装厂 Qinghe packing house"),),
        (("10860009999920", "生菜（箱） Lettuce, case"),),
        "6222000000000000037",
    ),
    DevelopmentMember(
        "distributor",
        "通达配送 Tongda Distribution",
        Role.DISTRIBUTOR,
        (("0860009998001", "通达配送中心 Tongda distribution centre"),),
        account_number="6222000000000000045",
    ),
    DevelopmentMember(
        "processor",
        "鲜切工坊 Fresh Cut Kitchen",
        Role.PROCESSOR,
        (("0860009998018", "鲜切工坊一车间 Fresh Cut Kitchen, line 1"),),
        (("10860009998039", "田园沙拉 Garden salad"),),
        "6222000000000000052",
    ),
    DevelopmentMember(
        "fishery",
        "东港水产 East Harbour Landing",
        Role.FISHERY_RECEIVER,
        (("0860009997004", "东港码头 East Harbour quay"),),
        (("00860009997004", "剑鱼 Swordfish"),),
        "6222000000000000060",
    ),
    DevelopmentMember("carrier", "快达物流 Kuaida Logistics", Role.CARRIER, account_number="6222000000000000078"),
    DevelopmentMember(
        "certifier", "华信认证 Huaxin Certification", Role.CERTIFIER, account_number="6222000000000000086"
    ),
    DevelopmentMember(
        "merchant",
        "一品鲜旗舰店 Yipin Fresh Store",
        Role.MERCHANT | Role.COUNCIL,
        (("0860009996007", "一品鲜仓 Yipin store"),),
        account_number="6222000000000000094",
    ),
    DevelopmentMember("creator", "阿禾直播间 Ahe Live", Role.CREATOR, account_number="6222000000000000102"),
    DevelopmentMember(
        "platform", "溯源平台 Suyuan Platform", Role.PLATFORM | Role.COUNCIL, account_number="6222000000000000110"
    ),
    DevelopmentMember(
        "bank", "模拟结算银行 Stand-in Settlement Bank", Role.BANK | Role.COUNCIL, account_number="6222000000000000128"
    ),
    DevelopmentMember("regulator", "市场监管局 Market Regulator", Role.REGULATOR),
)

OPERATORS = ("consortium", "api")  # accounts that are no members
ACCOUNTS = (*OPERATORS, *(entry.slug for entry in MEMBERS))


def create_home(home: Home, settings: Settings) -> bool:
    """Makes a development home: settings, keystores with random passwords beside them. A repeat changes nothing.

    Returns whether anything was made. Safe to interrupt: each file is whole or absent.
    """
    made = False
    home.path.mkdir(parents=True, exist_ok=True, mode=0o700)  # rows and documents are private to the home as well
    home.keys.mkdir(exist_ok=True, mode=0o700)
    for folder in (home.documents, home.logs, home.run):
        folder.mkdir(parents=True, exist_ok=True)
    for name in ACCOUNTS:
        if not (home.keys / f"{name}.json").exists():
            password_file = home.keys / f"{name}.password"
            if not password_file.exists():
                write_atomically(password_file, secrets.token_urlsafe(18).encode() + b"\n")
            create_keystore(home, name, password_file.read_text(encoding="utf-8").strip(), development=True)
            made = True
    signer_secret(home)  # made on first use
    if not home.config_file.exists():
        settings.save(home)  # last: a home with settings is a whole home
        made = True
    elif not Settings.load(home).development:
        raise BadInput(f"{home.path} is not a development home.", hint="Name another folder with --home.")
    return made


def development_settings(port: int = 8000) -> Settings:
    """Settings of a new development home: the usual ports for chain and signer, or free ones where somebody has those."""
    return Settings(
        rpc_url=free_url(8545), signer_url=free_url(8546), api_url=f"http://127.0.0.1:{port}", development=True
    )


def genesis_funds(home: Home) -> dict[str, int]:
    """Every account's wei in the embedded chain's first block."""
    return {account_of(home, name): FUND_WEI for name in ACCOUNTS}


def found_consortium(ledger: Ledger, *, timeout: float = 120) -> None:
    """Admits the members, assigns GLNs and GTINs, and hands over to the Council, through the outbox; what stands already
    is left alone.

    Needs the sender and the indexer to run. Waits until the rows show it.
    """
    for missing in (_missing_members, _missing_identifiers, missing_validators, missing_hand_over):
        if missing(ledger):
            # Rows that were dropped may still be behind the chain, where all of this stands already.
            await_block(ledger.engine, ledger.client.final_block(), timeout)
            _send(ledger, missing(ledger), timeout)
    with write(ledger.engine) as connection:
        known = set(connection.execute(select(bank_account.c.member)).scalars())
        numbers = {row.slug: row.member for row in connection.execute(select(member.c.slug, member.c.member))}
        for entry in MEMBERS:
            if entry.account_number and numbers[entry.slug] not in known:
                account = (numbers[entry.slug], entry.name, entry.account_number, "102100099996", 0)
                columns = ("member", "holder", "number", "bank_code", "named_at")
                row = dict(zip(columns, account, strict=True)) | {"identity": account_identity(*account)}
                connection.execute(bank_account.insert().values(**row, seen_at=0))


def _missing_members(ledger: Ledger) -> list[Intent]:
    with ledger.engine.connect() as connection:
        known = set(connection.execute(select(member.c.slug)).scalars())
    return [
        _consortium_intent(
            ledger,
            f"admit:{entry.slug}",
            "admit",
            [account_of(ledger.home, entry.slug), int(entry.roles), entry.slug, entry.name],
        )
        for entry in MEMBERS
        if entry.slug not in known
    ]


def _missing_identifiers(ledger: Ledger) -> list[Intent]:
    with ledger.engine.connect() as connection:
        numbers = {row.slug: row.member for row in connection.execute(select(member.c.slug, member.c.member))}
        glns = set(connection.execute(select(location.c.gln)).scalars())
        gtins = set(connection.execute(select(product.c.gtin)).scalars())
    intents = []
    for entry in MEMBERS:
        for gln, name in entry.locations:
            if gln not in glns:
                intents.append(
                    _consortium_intent(
                        ledger, f"location:{gln}", "assignLocation", [int(gln), numbers[entry.slug], name]
                    )
                )
        for gtin, name in entry.products:
            if gtin not in gtins:
                intents.append(
                    _consortium_intent(
                        ledger, f"product:{gtin}", "assignProduct", [int(gtin), numbers[entry.slug], name]
                    )
                )
    return intents


def _consortium_intent(ledger: Ledger, key: str, function: str, args: list[object]) -> Intent:
    account = account_of(ledger.home, "consortium")
    return Intent(
        key=key, account=account, contract="Members", function=function, args=tuple(args), authority=None, gas=400_000
    )


def _send(ledger: Ledger, intents: list[Intent], timeout: float) -> None:
    if not intents:
        return
    with write(ledger.engine) as connection:
        ids = [queue(connection, ledger.deployment, intent, int(time.time())).id for intent in intents]
    rows = require_final(await_final(ledger.engine, ids, timeout))
    await_block(ledger.engine, max(row.block or 0 for row in rows), timeout)
