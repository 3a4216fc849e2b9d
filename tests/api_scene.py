"""Builders: a home with real keys, a real signer and real rows, written by the indexer's own handlers; only the chain
is not run.

What the chain would emit is applied event by event, one block each, so that pages and routes find exactly what the
indexer writes."""

from __future__ import annotations

import atexit
import hashlib
import hmac
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select, update

from api.__main__ import Server, listen
from api.app import create_app, share
from ledger.chain.artifact import CONTRACTS
from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.chain.keystore import Key, checksummed, create_keystore, open_keystore, signer_secret
from ledger.chain.roles import Role
from ledger.chain.session import SCOPES, encode_token, new_session, sign_session
from ledger.chain.signer import SignerServer
from ledger.chain.signer_client import SignerClient
from ledger.chain.signing import Signing
from ledger.chain.typed_data import Grant, grant_message, hash_grant, hash_legs, sign_message
from ledger.config import Home, Settings
from ledger.context import Ledger, open_ledger
from ledger.index import events as chain
from ledger.index.context import Context
from ledger.index.handlers import apply
from ledger.index.rows import Rows
from ledger.index.stored_events import StoredEvents
from ledger.settle import packed_amounts
from ledger.settle.batch_id import BatchTerms, batch_id
from ledger.settle.batch_manifest import BatchManifest, read_batch_manifest, write_batch_manifest
from ledger.settle.order_id import order_id
from ledger.settle.packed_amounts import pack_amounts, width_of
from ledger.settle.split import Leg, LegKind, allocate, pack_legs
from ledger.store.database import write
from ledger.store.documents import Opening
from ledger.store.schema import captured, outbox
from ledger.store.wake import write_and_wake
from ledger.trace.epcis import read_document
from ledger.trace.item_codes import Manifest, load_mac_key, make_serials, write_manifest
from ledger.trace.merkle import root_of

PASSWORD = "open sesame, said the farmer"
CHAIN_ID = 7710
GRANT_UNTIL = int(time.time()) + 86400
START = 1_776_500_000  # 2026-04-18, seconds since 1970
MEMBERS: dict[str, tuple[Role, str]] = {
    "farm": (Role.FARM, "绿谷农场 Green Valley Farm"),
    "cooler": (Role.COOLER, "雪峰预冷 Snow Peak Cooling"),
    "packer": (Role.PACKER, "青禾包装 Qinghe Packing"),
    "distributor": (Role.DISTRIBUTOR, "通达配送 Tongda Distribution"),
    "processor": (Role.PROCESSOR, "鲜切工坊 Fresh Cut Kitchen"),
    "carrier": (Role.CARRIER, "快达物流 Kuaida Logistics"),
    "merchant": (Role.MERCHANT, "一品鲜旗舰店 Yipin Fresh Store"),
    "creator": (Role.CREATOR, "阿禾直播间 Ahe Live"),
    "bank": (Role.BANK, "模拟银行 Stand-in Bank"),
}
LOCATIONS = {
    "0860009999060": ("farm", "绿谷三号田 Green Valley, field 3"),
    "0860009999077": ("cooler", "雪峰预冷站 Snow Peak station"),
    "0860009999992": ("packer", "青禾包装厂 Qinghe packing house"),
    "0860009998001": ("distributor", "通达配送中心 Tongda centre"),
    "0860009998018": ("processor", "鲜切一车间 Fresh Cut Kitchen, line 1"),
}
PRODUCTS = {
    "00860009999923": ("farm", "生菜（散装） Lettuce, loose"),
    "10860009999920": ("packer", "生菜（箱） Lettuce, case"),
    "10860009998039": ("processor", "田园沙拉 Garden salad"),
}
LETTUCE, CASES, SALAD = tuple(PRODUCTS)


@dataclass
class Scene:
    """A ledger and what has happened on it so far."""

    ledger: Ledger
    keys: dict[str, bytes]
    accounts: dict[str, str]
    numbers: dict[str, int]
    block: int = 0
    orders: dict[str, int] = field(default_factory=dict)
    refunded: dict[str, int] = field(default_factory=dict)
    serials: tuple[str, ...] = ()

    # --- members ---

    def token(self, slug: str, scope: str = " ".join(SCOPES), seconds: int = 3600, audience: str | None = None) -> str:
        session, secret = new_session(
            member=self.numbers[slug],
            account=self.accounts[slug],
            audience=audience or self.ledger.relay_account,
            scope=scope,
            now=int(time.time()) - 120,
            seconds=seconds + 120,
            chain_id=CHAIN_ID,
        )
        return encode_token(sign_session(session, self.keys[slug]), secret)

    def bearer(self, slug: str, **how: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(slug, **how)}"}

    def signed_grant(self, slug: str, *, by: str | None = None, until: int | None = None) -> dict[str, Any]:
        grant = Grant(self.numbers[slug], self.ledger.relay_account, 1, until or GRANT_UNTIL, bytes(31) + b"\x07")
        signature = sign_message(grant_message(self.ledger.deployment, grant), self.keys[by or slug])
        return {
            "member": grant.member,
            "delegate": grant.delegate,
            "acts": grant.acts,
            "until": grant.until,
            "salt": "0x" + grant.salt.hex(),
            "signature": "0x" + signature.hex(),
        }

    def grant_hash(self, said: dict[str, Any]) -> bytes:
        grant = Grant(said["member"], said["delegate"], said["acts"], said["until"], bytes.fromhex(said["salt"][2:]))
        return hash_grant(self.ledger.deployment, grant)

    # --- the chain's part ---

    def emit(self, *said: chain.ChainEvent, at: int | None = None, stored: StoredEvents | None = None) -> int:
        """One block with these events; returns its number. `stored` keeps what it read from one block to the next."""
        self.block += 1
        stored = stored or StoredEvents(self.ledger.documents)
        with write_and_wake(self.ledger.engine) as connection:
            rows = Rows(connection)
            for index, event in enumerate(said):
                tx_hash = "0x" + hashlib.sha256(f"{self.block}/{index}".encode()).hexdigest()
                apply(rows, event, Context(self.block, index, tx_hash, at or START + self.block * 60, stored))
            rows.flush()
        return self.block

    def state(self, slug: str, data: bytes) -> list[str]:
        """The member's statements of a document's events stand on the chain; returns the event hashes."""
        number = self.numbers[slug]
        digest = self.ledger.documents.put(data)
        stored = StoredEvents(self.ledger.documents)
        hashes = []
        for event in read_document(data, source="test").events:
            salt = hmac.digest(self.keys[slug], bytes.fromhex(event.hash.hex), "sha256")
            commitment = hashlib.sha256(salt + bytes.fromhex(event.hash.hex)).hexdigest()
            self.ledger.documents.put_opening(
                Opening(commitment, salt.hex(), event.hash.hex, digest, event.position, number)
            )
            self.emit(chain.StatementRecorded(bytes.fromhex(commitment), number, bytes(32)), stored=stored)
            hashes.append(event.hash.hex)
        return hashes

    def record_queued(self) -> int:
        """What waits in the outbox as statements is mined in one block."""
        with write(self.ledger.engine) as connection:
            waiting = connection.execute(
                select(captured.c.commitment, captured.c.member).join(outbox, outbox.c.id == captured.c.outbox)
            ).all()
            connection.execute(update(outbox).values(state="final", block=self.block + 1))
        return self.emit(*(chain.StatementRecorded(bytes.fromhex(one), member, bytes(32)) for one, member in waiting))

    def refuse_queued(self, sentence: str) -> None:
        with write(self.ledger.engine) as connection:
            connection.execute(update(outbox).values(state="reverted", error=sentence))

    def make_codes(self, gtin: str, lot: str, count: int = 5) -> tuple[str, ...]:
        """Serials under one root that stands on the chain."""
        manifest = Manifest(gtin, lot, make_serials(load_mac_key(self.ledger.home), gtin, lot, count))
        digest = self.ledger.documents.put(write_manifest(manifest))
        owner = self.numbers[PRODUCTS[gtin][0]]
        self.emit(chain.ItemsCommitted(root_of(manifest.leaves()), int(gtin), owner, lot, count, bytes.fromhex(digest)))
        return manifest.serials

    def recall(self, gtin: str, lot: str, reason: str) -> None:
        self.emit(chain.RecallOpened(int(gtin), self.numbers[PRODUCTS[gtin][0]], lot, reason))

    # --- money ---

    def a_rule(self) -> tuple[Leg, ...]:
        """Rule 1, version 1, in force: 30 fen fixed to the carrier, 12 % to the creator at most 20 yuan, the rest to
        the merchant."""
        legs = (
            Leg(self.numbers["carrier"], LegKind.FIXED, 30),
            Leg(self.numbers["creator"], LegKind.SHARE, 1200, 2000),
            Leg(self.numbers["merchant"], LegKind.RESIDUAL),
        )
        on_chain = [leg.on_chain for leg in legs]
        payees = tuple(sorted(leg.payee for leg in legs))
        legs_hash = hash_legs(pack_legs(legs))
        self.emit(
            chain.RuleProposed(
                1, 1, self.numbers["merchant"], 0, tuple(chain.Leg(*leg) for leg in on_chain), legs_hash, payees
            ),
            *(chain.RuleSigned(1, 1, payee) for payee in payees),
            chain.RuleAdopted(1, 1, legs_hash),
        )
        return legs

    def order_id(self, number: str) -> bytes:
        return bytes.fromhex(order_id(self.numbers["merchant"], number)[2:])

    def place(self, number: str, amount_fen: int) -> bytes:
        order = self.order_id(number)
        self.orders[number] = amount_fen
        self.emit(chain.OrderPlaced(order, self.numbers["merchant"], number, amount_fen, 1, self.numbers["carrier"]))
        return order

    def pay(self, number: str, legs: tuple[Leg, ...]) -> None:
        order, amount = self.order_id(number), self.orders[number]
        legs_hash = hash_legs(pack_legs(legs))
        self.emit(
            chain.CreditMinted(order, amount, f"REF-{number}"),
            chain.OrderPaid(order, amount, 1, 1, legs_hash, f"REF-{number}"),
        )

    def place_batch(self, *numbers: str, amount_fen: int = 10_000) -> BatchTerms:
        """Of the merchant under rule 1, with its manifest here; order n is of amount_fen + n."""
        manifest = BatchManifest(self.numbers["merchant"], numbers, tuple(amount_fen + n for n in range(len(numbers))))
        width = width_of(manifest.amounts_fen)
        root = packed_amounts.root_of(pack_amounts(manifest.amounts_fen, width), width)
        digest = self.ledger.documents.put(write_batch_manifest(manifest))
        terms = BatchTerms(digest, root.hex(), manifest.total_fen, 1, self.numbers["carrier"], len(numbers), width)
        self.emit(
            chain.BatchPlaced(
                self.batch_id(terms),
                self.numbers["merchant"],
                bytes.fromhex(digest),
                root,
                terms.total_fen,
                1,
                terms.carrier,
                terms.count,
                width,
            )
        )
        return terms

    def pay_batch(self, terms: BatchTerms, legs: tuple[Leg, ...]) -> None:
        amounts = read_batch_manifest(self.ledger.documents.get(terms.manifest)).amounts_fen
        identity, packed = self.batch_id(terms), pack_amounts(amounts, terms.width)
        self.emit(
            chain.CreditMinted(identity, terms.total_fen, "BUYERS"),
            chain.BatchPaid(identity, 1, 1, hash_legs(pack_legs(legs)), "BUYERS", packed),
        )

    def batch_id(self, terms: BatchTerms) -> bytes:
        return bytes.fromhex(batch_id(self.numbers["merchant"], terms)[2:])

    def refund(self, number: str, refund: int, amount_fen: int, *, settled: bool, reason: str = "叶子黄了") -> None:
        order = self.order_id(number)
        self.refunded[number] = so_far = self.refunded.get(number, 0) + amount_fen
        self.emit(chain.OrderRefunded(order, refund, amount_fen, so_far, settled, reason))

    def deliver_and_settle(self, number: str, legs: tuple[Leg, ...]) -> None:
        order, amount = self.order_id(number), self.orders[number] - self.refunded.get(number, 0)
        amounts = allocate(amount, legs)
        self.emit(
            chain.OrderDelivered(order, self.numbers["carrier"], bytes(32)),
            chain.OrderSettled(order, b"".join(part.to_bytes(8, "big") for part in amounts)),
        )


def make_scene(path: Path, *, signer_url: str | None = None, api_url: str | None = None) -> Scene:
    """A home with members, places and products, contracts at made-up addresses, and nothing else yet.

    Founded once and copied: keys and migrations take their time.
    """
    shutil.copytree(_founded(), path)
    home = Home(path)
    settings = Settings(
        chain_id=CHAIN_ID,
        rpc_url=f"http://127.0.0.1:{free_port()}",
        signer_url=signer_url or f"http://127.0.0.1:{free_port()}",
        api_url=api_url or f"http://127.0.0.1:{free_port()}",
        development=True,
    )
    settings.save(home)
    return Scene(
        open_ledger(home),
        {name: key.private_key for name, key in KEYS.items() if name in MEMBERS},
        {name: key.account for name, key in KEYS.items()},
        {name: number for number, name in enumerate(MEMBERS, start=1)},
        block=_FOUNDING_BLOCKS,
    )


KEYS: dict[str, Key] = {}
_FOUNDING_BLOCKS = len(MEMBERS) + len(LOCATIONS) + len(PRODUCTS)


@cache
def _founded() -> Path:
    home = Home(Path(tempfile.mkdtemp(prefix="suyuan-api-tests-")) / "home")
    atexit.register(shutil.rmtree, home.path.parent, ignore_errors=True)
    Settings(chain_id=CHAIN_ID, development=True).save(home)
    for name in ("api", *MEMBERS):
        create_keystore(home, name, PASSWORD, development=True)
        KEYS[name] = open_keystore(home, name, PASSWORD, development=True)
    addresses = {name: checksummed(f"{place:040x}") for place, name in enumerate(CONTRACTS, start=0xC0)}
    Deployment(CHAIN_ID, 1, addresses).save(home)
    signer_secret(home)
    scene = Scene(open_ledger(home), {}, {}, {name: number for number, name in enumerate(MEMBERS, start=1)})
    for slug, (roles, name) in MEMBERS.items():
        scene.emit(chain.MemberAdmitted(scene.numbers[slug], KEYS[slug].account, int(roles), slug, name))
    for gln, (slug, name) in LOCATIONS.items():
        scene.emit(chain.LocationAssigned(int(gln), scene.numbers[slug], name))
    for gtin, (slug, name) in PRODUCTS.items():
        scene.emit(chain.ProductAssigned(int(gtin), scene.numbers[slug], name))
    scene.ledger.engine.dispose()
    return home.path


def start_signer() -> tuple[SignerServer, str]:
    """A signer with all keys, in this process; it serves every scene, for they share keys, contracts and its secret."""
    home = Home(_founded())
    port = free_port()
    signing = Signing(home, Settings.load(home), list(KEYS.values()))
    server = SignerServer(("127.0.0.1", port), signing, signer_secret(home))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server, f"http://127.0.0.1:{port}"


@dataclass
class Served:
    """A scene behind the real server. `client` follows no redirects and keeps no cookies between tests."""

    scene: Scene
    url: str
    app: FastAPI

    def show(self, scene: Scene) -> None:
        """From now on the server serves this ledger."""
        self.scene = scene
        self.app.state.shared = share(scene.ledger)

    def lose_signer(self) -> None:
        """The ledger's signer is where nobody listens."""
        self.show(
            replace(self.scene, ledger=replace(self.scene.ledger, signer=SignerClient("http://127.0.0.1:9", "x")))
        )

    def lose_nodes(self) -> None:
        """No node of the chain answers."""
        nobody = Client("http://127.0.0.1:9", self.scene.ledger.profile)
        nobody.nodes.look()
        self.show(replace(self.scene, ledger=replace(self.scene.ledger, client=nobody)))

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self.ask("GET", path, **how)

    def post(self, path: str, **how: Any) -> httpx.Response:
        return self.ask("POST", path, **how)

    def ask(
        self, method: str, path: str, *, as_: str | None = None, headers: dict[str, str] | None = None, **how: Any
    ) -> httpx.Response:
        """A request, with the member's bearer token when `as_` names one. No cookies are kept."""
        sent = {**(self.scene.bearer(as_) if as_ else {}), **(headers or {})}
        _CLIENT.cookies.clear()
        return _CLIENT.request(method, self.url + path, headers=sent, **how)

    def page(
        self, path: str, lang: str = "en", *, as_: str | None = None, headers: dict[str, str] | None = None, **how: Any
    ) -> httpx.Response:
        """A page as a browser asks for it; `as_` signs in with a cookie."""
        sent = {"Accept": "text/html,application/xhtml+xml", "Accept-Language": lang, **(headers or {})}
        if as_:
            sent["Cookie"] = f"suyuan_session={self.scene.token(as_)}"
        return self.ask(how.pop("method", "GET"), path, headers=sent, **how)


_CLIENT = httpx.Client(trust_env=False, verify=False, timeout=20)  # nothing here is encrypted


@contextmanager
def serving(scene: Scene) -> Iterator[Served]:
    """The server that `python -m api` runs, in a thread."""
    app = create_app(scene.ledger)
    listener = listen(scene.ledger.settings.api_url)
    config = uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
    server = Server(config, app.state.shared.hub)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield Served(scene, scene.ledger.settings.api_url, app)
    finally:
        server.should_exit = True
        thread.join(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


FSMA = (
    ("farm", "harvest-cte.jsonld"),
    ("cooler", "cooling-cte.jsonld"),
    ("packer", "initial-packing-cte.jsonld"),
    ("packer", "shipping-cte.jsonld"),
    ("distributor", "receiving-cte.jsonld"),
    ("processor", "transformation-cte.jsonld"),
)


def tell_lettuce(scene: Scene, corpora: Path) -> None:
    """The real case: each document handed in by the party that would."""
    for slug, name in FSMA:
        scene.state(slug, (corpora / "epcis" / "fsma204" / name).read_bytes())
