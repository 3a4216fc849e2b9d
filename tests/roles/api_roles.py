"""A ledger behind the real server on which every role has a member, and the request with which each route is tried.

They are such that whoever may is served: the farm owns the product, the merchant's orders stand at every step,
everybody has credit.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from api_scene import CASES, LETTUCE, PASSWORD, Scene, Served, free_port, make_scene, serving
from decisions import MEMBERS, NO_ROLE, Actor, operator_of, operator_roles
from eth_account import Account
from fastapi.routing import APIRoute
from sqlalchemy import func, select

from api.app import PAGES, ROUTES
from ledger.chain.keystore import Key, create_keystore, open_keystore, signer_secret
from ledger.chain.roles import Role
from ledger.chain.session import SCOPES
from ledger.chain.signer import SignerServer
from ledger.chain.signing import Signing
from ledger.chain.typed_data import hash_legs, rule_version_message, sign_message
from ledger.index import events as chain
from ledger.settle.order_id import order_id
from ledger.settle.split import Leg, LegKind, pack_legs
from ledger.store.schema import outbox

FIELD = "0860009999060"
NO_MEMBER = 999
FAR = 2**37
NOBODY = Actor("nobody", "")


def routes() -> list[str]:
    """`METHOD /path` of every route and page. What answers GET answers HEAD alike, and OPTIONS tells of a route."""
    named = {
        f"{method} {route.path.replace(':path}', '}')}"
        for part in (*ROUTES, *PAGES)
        for route in part.router.routes
        if isinstance(route, APIRoute)
        for method in route.methods - {"HEAD", "OPTIONS"}
    }
    return sorted(named)


@dataclass
class RolesApi:
    """The server, and who may try."""

    served: Served
    client: httpx.Client
    things: dict[str, Any]
    _tokens: dict[tuple[str, str, int], str] = field(default_factory=dict)

    def actors(self) -> list[Actor]:
        """Everybody who tries everything."""
        at = self.served.scene.accounts
        accounts = [Actor(name, at[name], name, roles | Role.TREASURY) for name, roles in MEMBERS.items()]
        operators = [
            Actor(operator_of(name), at[operator_of(name)], name, operator_roles(name), "operator") for name in OPERATED
        ]
        return [
            NOBODY,
            *accounts,
            *operators,
            Actor("former account", at["former account"], "all-roles", NO_ROLE, "revoked"),
            Actor("revoked operator", at["revoked operator"], "all-roles", NO_ROLE, "revoked"),
            Actor("ended operator", at["ended operator"], "all-roles", NO_ROLE, "ended"),
        ]

    def tried(self, route: str, actor: Actor, scope: str = " ".join(SCOPES), seconds: int = 3600) -> int:
        """The status that the actor hears, under a session of this scope."""
        method, path = route.split(" ")
        request = {"path": path, **REQUESTS.get(route, lambda api, actor: {})(self, actor)}
        headers = {"Origin": self.served.url, "Accept": "application/json"}
        if actor.member:
            headers["Authorization"] = f"Bearer {self._token(actor.name, scope, seconds)}"
        url = self.served.url + request.pop("path")
        with self.client.stream(method, url, headers=headers, **request) as answer:  # a feed has no end
            return answer.status_code

    def _token(self, name: str, scope: str, seconds: int) -> str:
        """Signed once: signing takes longer than most answers."""
        if (name, scope, seconds) not in self._tokens:
            self._tokens[name, scope, seconds] = self.served.scene.token(name, scope=scope, seconds=seconds)
        return self._tokens[name, scope, seconds]

    def queued(self) -> int:
        with self.served.scene.ledger.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(outbox)).scalar_one())


SERVED = {
    "GET /01": 400,
    "GET /readyz": 503,
    "POST /01/{rest}": 405,
    "PUT /01/{rest}": 405,
    "PATCH /01/{rest}": 405,
    "DELETE /01/{rest}": 405,
    "DELETE /webhooks/{webhook}": 204,
}
"""What whoever may hears where it is no usual success: no node runs here, and a code's address is only read."""

#: Whose operators try, too: that an operator has what it was given is tried on the chain for every role.
OPERATED = ("farm", "merchant", "carrier", "bank", "regulator", "no-role", "expelled")

Request = Callable[[RolesApi, Actor], dict[str, Any]]


def _lot(prefix: str, actor: Actor) -> str:
    """A lot of each actor's own: what one has queued another would only repeat."""
    return f"{prefix}-{actor.account[-8:]}"


def _body(value: Any) -> Request:
    return lambda api, actor: {"json": value}


def _path(name: str, below: str = "") -> Request:
    return lambda api, actor: {"path": api.things[name] + below}


def a_harvest(lot: str) -> dict[str, Any]:
    event = {
        "type": "ObjectEvent",
        "action": "ADD",
        "eventTime": "2026-04-17T09:26:42+08:00",
        "eventTimeZoneOffset": "+08:00",
        "bizStep": "creating_class_instance",
        "readPoint": {"id": f"https://id.gs1.org/414/{FIELD}"},
        "quantityList": [{"epcClass": f"https://id.gs1.org/01/{LETTUCE}/10/{lot}", "quantity": 250, "uom": "KGM"}],
    }
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-04-17T10:00:00Z",
        "epcisBody": {"eventList": [event]},
    }


def an_event(lot: str) -> dict[str, Any]:
    document = a_harvest(lot)
    return {"@context": document["@context"], **document["epcisBody"]["eventList"][0]}


RULE = {"legs": [{"payee": "creator", "kind": "share", "value": 500}, {"payee": "merchant", "kind": "residual"}]}
ENTRY = {
    "product": LETTUCE, "lot": "FIELD-3", "quantity": "250", "unit": "KGM", "place": FIELD,
    "at": "2026-04-17T02:59:00.000Z", "zone": "+08:00",
}  # fmt: skip
CHECKPOINT = {
    "orders": [{"merchant": "merchant", "number": "PAID"}],
    "at": "2026-04-20T10:00:00+08:00",
    "place": "Guangzhou",
}

REQUESTS: dict[str, Request] = {
    "POST /epcis/capture": _body(a_harvest("L1")),
    "GET /epcis/capture/{job}": _path("job"),
    "POST /epcis/events": lambda api, actor: {"json": an_event(_lot("ONE", actor))},
    "GET /epcis/events/{event_id}": lambda api, actor: {"path": api.things["queried event"]},
    "GET /epcis/eventTypes/{event_type}": lambda api, actor: {"path": "/epcis/eventTypes/ObjectEvent"},
    "GET /epcis/eventTypes/{event_type}/events": lambda api, actor: {"path": "/epcis/eventTypes/ObjectEvent/events"},
    "GET /epcis/{resource}": lambda api, actor: {"path": "/epcis/bizSteps"},
    "GET /epcis/{resource}/{value}": lambda api, actor: {"path": "/epcis/bizSteps/shipping"},
    "GET /epcis/{resource}/{value}/events": lambda api, actor: {"path": "/epcis/bizSteps/shipping/events"},
    "GET /events/{event_hash}": _path("event"),
    "GET /trace": lambda api, actor: {"params": {"lot": "STATED"}},
    "GET /verify": lambda api, actor: {"params": {"uri": api.things["code"]}},
    "POST /items": lambda api, actor: {
        "json": {"gtin": CASES if actor.member == "suspended" else LETTUCE, "lot": "L1", "count": 2, "batch": "one"}
    },
    "POST /recalls": lambda api, actor: {"json": {"gtin": LETTUCE, "lot": _lot("NEW", actor), "reason": "listeria"}},
    "POST /recalls/close": lambda api, actor: {"json": {"gtin": LETTUCE, "lot": _lot("OPEN", actor)}},
    "GET /recalls/{gtin}/{lot}/affected": lambda api, actor: {"path": f"/recalls/{LETTUCE}/STATED/affected?drill=true"},
    "GET /recalls/{gtin}/{lot}/items": lambda api, actor: {"path": f"/recalls/{LETTUCE}/STATED/items?drill=true"},
    "POST /orders": lambda api, actor: {
        "json": [
            {"number": "NEW", "amount_fen": 1000, "rule": 3 if actor.member == "all-roles" else 1, "carrier": "carrier"}
        ]
    },
    "POST /orders/refunds": lambda api, actor: {
        "json": {
            "reference": actor.name,
            "refunds": [{"number": "PAID", "amount_fen": 1, "reason": "late"}],
        }
    },
    "GET /orders/{number}": lambda api, actor: {"path": "/orders/PLACED"},
    "POST /batches": lambda api, actor: {
        "json": {
            "orders": [
                {
                    "number": "MANY",
                    "amount_fen": 1000,
                    "rule": 3 if actor.member == "all-roles" else 1,
                    "carrier": "carrier",
                }
            ]
        }
    },
    "GET /batches/{batch}": _path("batch"),
    "GET /batches/{batch}/manifest": _path("batch", "/manifest"),
    "GET /batches/{batch}/orders/{number}": _path("batch", "/orders/L-0"),
    "POST /batches/{batch}/payment": lambda api, actor: {
        "path": api.things["unpaid batch"] + "/payment",
        "json": {"total_fen": 10_000, "bank_reference": "REF"},
    },
    "POST /batches/{batch}/refunds": lambda api, actor: {
        "path": api.things["batch"] + "/refunds",
        "json": {"numbers": ["L-0"], "reason": "late"},
    },
    "POST /batches/{batch}/taken-out": lambda api, actor: {
        "path": api.things["batch"] + "/taken-out",
        "json": {"numbers": ["L-1"]},
    },
    "POST /batches/{batch}/checkpoints": lambda api, actor: {
        "path": api.things["batch"] + "/checkpoints",
        "json": {"numbers": ["L-2"], "at": "2026-04-20T10:00:00+08:00", "place": "Guangzhou"},
    },
    "POST /payments": _body(
        [{"merchant": "merchant", "number": "PLACED", "amount_fen": 1000, "bank_reference": "REF"}]
    ),
    "POST /checkpoints": _body(CHECKPOINT),
    "POST /rules": _body(RULE),
    "GET /rules/{rule}/{version}": lambda api, actor: {"path": "/rules/1/1"},
    "POST /rules/{rule}/{version}/signatures": lambda api, actor: {
        "path": "/rules/2/1/signatures",
        "json": {"member": "merchant", "signature": api.things["signature of merchant"]},
    },
    "POST /withdrawals": lambda api, actor: {"json": {"amount_fen": 1, "reference": actor.name}},
    "GET /statements/{party}/{name}": lambda api, actor: {"path": "/statements/merchant/2026-04-20.json"},
    "POST /grants": lambda api, actor: {"json": api.things["grant"]},
    "DELETE /grants/{grant_hash}": lambda api, actor: {"path": "/grants/" + api.things["grant hash"]},
    "POST /webhooks": _body({"url": "https://example.com/suyuan"}),
    "DELETE /webhooks/{webhook}": lambda api, actor: {"path": api.things.get(actor.name, api.things["webhook"])},
    "GET /webhooks/{webhook}/dead": lambda api, actor: {"path": api.things["webhook"] + "/dead"},
    "POST /webhooks/{webhook}/secret": lambda api, actor: {"path": api.things["webhook"] + "/secret"},
    "POST /webhooks/{webhook}/enable": lambda api, actor: {"path": api.things["webhook"] + "/enable"},
    "POST /webhooks/{webhook}/replay": lambda api, actor: {"path": api.things["webhook"] + "/replay", "json": {}},
    "GET /gtin/{rest}": lambda api, actor: {"path": f"/gtin/{LETTUCE}"},
    "GET /01/{rest}": lambda api, actor: {"path": f"/01/{LETTUCE}"},
    "GET /scan/01/{rest}": lambda api, actor: {"path": f"/scan/01/{LETTUCE}"},
    "GET /static/{digest}/{name}": lambda api, actor: {"path": "/static/" + api.things["asset"]},
    "GET /find": lambda api, actor: {"params": {"gtin": LETTUCE}},
    "POST /login": lambda api, actor: {"data": {"token": api.served.scene.token("farm")}},
    "POST /log": lambda api, actor: {"data": ENTRY},
    "POST /log/entries": lambda api, actor: {"data": ENTRY},
    "GET /log/{job}": _path("entry"),
    "POST /my/webhooks/replay": lambda api, actor: {"data": {"webhook": api.things["webhook"].rsplit("/", 1)[1]}},
    "GET /merchant/{slug}": lambda api, actor: {"path": "/merchant/merchant"},
}
"""Path, body, query of the routes that need them."""


@contextmanager
def a_roles_api(folder: Path) -> Iterator[RolesApi]:
    """The server, its signer, and the scene that the requests speak of."""
    scene = make_scene(folder / "home", signer_url=f"http://127.0.0.1:{free_port()}")
    ledger = scene.ledger
    keys = [key for name, roles in MEMBERS.items() for key in _admitted(scene, name, roles)]
    _end_keys(scene)
    port = int(ledger.settings.signer_url.rsplit(":", 1)[1])
    signer = SignerServer(("127.0.0.1", port), Signing(ledger.home, ledger.settings, keys), signer_secret(ledger.home))
    threading.Thread(target=signer.serve_forever, args=(0.05,), daemon=True).start()
    try:
        with serving(scene) as served, httpx.Client(trust_env=False, timeout=20) as client:
            api = RolesApi(served, client, {})
            _set_scene(api)
            yield api
    finally:
        signer.shutdown()
        signer.server_close()


def _admitted(scene: Scene, name: str, roles: Role) -> list[Key]:
    """The keys of a member and of its operator; the member is admitted where the scene lacks it."""
    home = scene.ledger.home
    if name not in scene.numbers:
        account = create_keystore(home, name, PASSWORD, development=True)
        scene.numbers[name] = len(scene.numbers) + 1
        scene.emit(chain.MemberAdmitted(scene.numbers[name], account, int(roles), name, name))
    key = open_keystore(home, name, PASSWORD, development=True)
    scene.keys[name], scene.accounts[name] = key.private_key, key.account
    return [key, _operator(scene, name, operator_of(name), operator_roles(name))]


def _operator(scene: Scene, member: str, name: str, roles: Role, until: int = FAR) -> Key:
    private_key = hashlib.sha256(name.encode()).digest()
    account = str(Account.from_key(private_key).address)
    number = scene.numbers[member]
    scene.numbers[name], scene.keys[name], scene.accounts[name] = number, private_key, account
    scene.emit(chain.OperatorSet(number, account, int(roles), until))
    return Key(f"{member}.operator", account, private_key)


def _end_keys(scene: Scene) -> None:
    """Of the member with all roles: a former account, an operator that was revoked, one whose time is over."""
    _operator(scene, "all-roles", "ended operator", Role.FARM, until=1)
    _operator(scene, "all-roles", "revoked operator", Role.FARM)
    number = scene.numbers["all-roles"]
    scene.emit(chain.KeyRevoked(number, scene.accounts["revoked operator"]))
    private_key = hashlib.sha256(b"former account").digest()
    former = str(Account.from_key(private_key).address)
    scene.numbers["former account"], scene.keys["former account"] = number, private_key
    scene.accounts["former account"] = former
    # It came, and was replaced by the key that the member has.
    now = scene.accounts["all-roles"]
    scene.emit(chain.AccountRotated(number, now, former))
    scene.emit(chain.AccountRotated(number, former, now))


def _set_scene(api: RolesApi) -> None:
    scene, things = api.served.scene, api.things
    scene.emit(chain.ConstitutionChanged(6667, 0, 86_400, 86_400, 2, 3600, 3600))
    things["event"] = "/events/" + scene.state("farm", json.dumps(a_harvest("STATED")).encode())[0]
    stated = things["event"].removeprefix("/events/")
    things["queried event"] = "/epcis/events/" + quote(f"ni:///sha-256;{stated}?ver=CBV2.0", safe="")
    for actor in api.actors():
        scene.recall(LETTUCE, _lot("OPEN", actor), "listeria")
    scene.emit(chain.ProductAssigned(int(CASES), scene.numbers["suspended"], "Lettuce, case"))
    serial = scene.make_codes(LETTUCE, "STATED")[0]
    things["code"] = f"https://example.org/01/{LETTUCE}/10/STATED/21/{serial}"
    legs = scene.a_rule()
    _propose_rules(api)
    for number in ("PLACED", "PAID"):
        scene.place(number, 1000)
    scene.pay("PAID", legs)
    batch, unpaid = scene.place_batch("L-0", "L-1", "L-2"), scene.place_batch("U-0")
    scene.pay_batch(batch, legs)
    things["batch"] = f"/batches/0x{scene.batch_id(batch).hex()}"
    things["unpaid batch"] = f"/batches/0x{scene.batch_id(unpaid).hex()}"
    _place_another(scene)
    for member in sorted({*scene.numbers.values()}):
        scene.emit(chain.CreditTransferred(NO_MEMBER, member, 10, "for a start"))
    scene.emit(chain.MemberSuspended(scene.numbers["suspended"], "audit"))
    scene.emit(chain.MemberExpelled(scene.numbers["expelled"], "fraud"))
    scene.emit(chain.MemberLeft(scene.numbers["left"]))
    served = api.served
    things["job"] = served.post("/epcis/capture", as_="farm", json=a_harvest("L0")).headers["location"]
    things["grant"] = scene.signed_grant("farm")
    revoked = scene.signed_grant("farm", until=things["grant"]["until"] + 1)
    things["grant hash"] = "0x" + scene.grant_hash(revoked).hex()
    for grant in (things["grant"], revoked):
        served.post("/grants", as_="farm", json=grant)
    for name in ("webhook", "farm", operator_of("farm")):  # those of the last two are for them to remove
        made = served.post("/webhooks", as_="farm", json={"url": "https://example.com/suyuan"})
        things[name] = "/webhooks/" + made.json()["id"]
    own = {"Origin": served.url, "Accept": "application/json"}
    logged = served.post("/log/entries", as_="farm", data={**ENTRY, "lot": "FIELD-0"}, headers=own)
    things["entry"] = logged.json()["href"]
    things["asset"] = served.page("/").text.split('href="/static/')[1].split('"')[0]


def _place_another(scene: Scene) -> None:
    """An order PAID of the member with all roles, too."""
    merchant = scene.numbers["all-roles"]
    order = bytes.fromhex(order_id(merchant, "PAID")[2:])
    legs_hash = hash_legs(pack_legs([Leg(merchant, LegKind.RESIDUAL)]))
    scene.emit(
        chain.OrderPlaced(order, merchant, "PAID", 1000, 3, scene.numbers["carrier"]),
        chain.CreditMinted(order, 1000, "REF"),
        chain.OrderPaid(order, 1000, 3, 1, legs_hash, "REF"),
    )


def _propose_rules(api: RolesApi) -> None:
    """Rule 2, version 1: everything to the merchant, whose signature it lacks. Rule 3: of the member with all roles, in
    force."""
    scene = api.served.scene
    for rule, name in ((2, "merchant"), (3, "all-roles")):
        merchant = scene.numbers[name]
        leg = Leg(merchant, LegKind.RESIDUAL)
        legs_hash = hash_legs(pack_legs([leg]))
        scene.emit(chain.RuleProposed(rule, 1, merchant, 0, (chain.Leg(*leg.on_chain),), legs_hash, (merchant,)))
        message = rule_version_message(
            scene.ledger.deployment, merchant=merchant, rule=rule, version=1, base=0, legs_hash=legs_hash
        )
        api.things[f"signature of {name}"] = "0x" + sign_message(message, scene.keys[name]).hex()
    scene.emit(chain.RuleSigned(3, 1, scene.numbers["all-roles"]), chain.RuleAdopted(3, 1, legs_hash))
