"""The public page of governance: what stands, what is open and missing, what is stopped, every act as a line."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from api_scene import Scene, Served

from ledger.chain.contracts import encode_call, selector_of
from ledger.chain.keystore import checksummed
from ledger.chain.roles import Role
from ledger.govern.describe_act import SENTENCES
from ledger.index import events as chain
from ledger.index.names import snake_case

CONSTITUTION = (6667, 172_800, 604_800, 604_800, 2, 86_400, 3_600)
VALIDATOR = checksummed("ab" * 20)
DAY = 86_400


def founded(scene: Scene, *seats: str) -> None:
    """A constitution, and seats for these members."""
    scene.emit(chain.ConstitutionChanged(*CONSTITUTION))
    for slug in seats:
        scene.emit(chain.RolesChanged(scene.numbers[slug], int(Role.MERCHANT | Role.COUNCIL)))


def proposed(scene: Scene, number: int, by: str, contract: str, function: str, *args: Any) -> None:
    target = scene.ledger.deployment.address(contract)
    data = bytes.fromhex(encode_call(contract, function, args)[2:])
    member = scene.numbers[by]
    scene.emit(
        chain.ProposalMade(number, member, target, data, int(time.time()) + DAY, "three forged lots"),
        chain.VoteCast(number, member, True),
        at=int(time.time()),
    )


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_before_the_founding_there_is_nothing_to_show(served: Served) -> None:
    assert served.get("/governance").status_code == 404


@pytest.mark.parametrize("before", ["x", "1", "1-", "-1", "1-2-3", "9" * 30 + "-1"])
def test_place_in_the_list_that_is_none_is_refused(served: Served, before: str) -> None:
    founded(served.scene)
    assert served.get(f"/governance?before={before}").status_code == 422


def test_open_proposal_says_what_it_would_do_who_is_silent_and_what_is_missing(served: Served) -> None:
    scene = served.scene
    founded(scene, "farm", "merchant", "bank", "carrier")
    proposed(scene, 1, "farm", "Members", "expel", scene.numbers["creator"], "forgery")
    scene.emit(chain.VoteCast(1, scene.numbers["merchant"], False))

    (told,) = served.get("/governance").json()["proposals"]
    assert told["says"]["en"].startswith("Expel 阿禾直播间 Ahe Live, for ever: forgery")
    assert told["call"] == {
        "contract": "Members",
        "function": "expel",
        "args": {"member": scene.numbers["creator"], "reason": "forgery"},
    }
    assert (told["state"], told["needed"], told["missing"]) == ("voting", 3, 2)
    assert (told["yes"], told["no"], told["silent"]) == (["farm"], ["merchant"], ["carrier", "bank"])

    english, chinese = (text_of(served.page("/governance", lang).text) for lang in ("en", "zh"))
    assert "1 of 3 votes. 2 more are missing" in english
    assert "Members.expel(member = 8, reason = forgery)" in english
    assert "赞成 1 席，须 3 席。 还差 2 席" in chinese
    assert "永久除名 阿禾直播间 Ahe Live：forgery" in chinese


def test_passed_proposal_waits_for_its_delay_and_closed_ones_leave_the_page(served: Served) -> None:
    scene, now = served.scene, int(time.time())
    founded(scene, "farm", "merchant")
    proposed(scene, 1, "farm", "Members", "reinstate", scene.numbers["packer"])
    scene.emit(chain.VoteCast(1, scene.numbers["merchant"], True), chain.ProposalPassed(1, now + DAY, now + 2 * DAY))
    assert served.get("/governance").json()["proposals"][0]["state"] == "delayed"
    assert "until then members may object or leave" in served.page("/governance").text
    scene.emit(chain.ProposalExecuted(1))
    assert served.get("/governance").json()["proposals"] == []
    assert "Nothing is proposed at present" in served.page("/governance").text


def test_running_stop_says_when_it_ends_and_a_single_call_what_it_lacks(served: Served) -> None:
    scene, now = served.scene, int(time.time())
    founded(scene, "farm", "bank")
    escrow, pay = scene.ledger.deployment.address("Escrow"), selector_of("Escrow", "pay")
    scene.emit(chain.FunctionStopped(escrow, pay, now + DAY, "paid twice"), at=now)
    rules, propose = scene.ledger.deployment.address("Rules"), selector_of("Rules", "propose")
    scene.emit(chain.StopCalled(scene.numbers["farm"], rules, propose, 3600, "look first"), at=now)
    told = served.get("/governance").json()
    assert [(one["function"], one["until"], one["reason"]) for one in told["stops"]] == [
        ("Escrow.pay", now + DAY, "paid twice")
    ]
    assert [(one["function"], one["asking"], one["needed"]) for one in told["stop_calls"]] == [
        ("Rules.propose", ["farm"], 2)
    ]
    page = text_of(served.page("/governance").text)
    assert "Escrow.pay is out of use. It goes on by itself at" in page
    assert "asked to stop Rules.propose at once; 2 seats must ask before" in page
    scene.emit(chain.FunctionLifted(escrow, pay), at=now)
    assert served.get("/governance").json()["stops"] == []


def test_members_show_standing_seat_keys_and_validator(served: Served) -> None:
    scene = served.scene
    founded(scene, "farm")
    until = int(time.time()) + DAY
    operator = checksummed("cd" * 20)
    scene.emit(chain.OperatorSet(scene.numbers["farm"], operator, int(Role.FARM), until))
    scene.emit(chain.ValidatorWanted(scene.numbers["farm"], VALIDATOR))
    scene.emit(chain.MemberExpelled(scene.numbers["creator"], "forgery"))
    members = {one["slug"]: one for one in served.get("/governance").json()["members"]}
    farm = members["farm"]
    assert (farm["standing"], farm["seat"], farm["validator"], farm["making_blocks"]) == (
        "active",
        True,
        VALIDATOR,
        None,
    )
    assert [(key["kind"], key["until"]) for key in farm["keys"]] == [("account", None), ("operator", until)]
    assert members["creator"]["standing"] == "expelled"
    page = text_of(served.page("/governance").text)
    assert "Who makes blocks now is unknown" in page
    assert operator in page
    assert "expelled" in page


def every_event(scene: Scene) -> list[chain.ChainEvent]:
    """Each event of governance once, in an order that could be."""
    farm, council, account = scene.numbers["farm"], scene.ledger.deployment.address("Council"), checksummed("ef" * 20)
    escrow, pay = scene.ledger.deployment.address("Escrow"), selector_of("Escrow", "pay")
    before = scene.accounts["farm"]
    return [
        chain.ConstitutionChanged(*CONSTITUTION),
        chain.RegistrarSet(account),
        chain.GovernanceHandedOver(account, council),
        chain.RolesChanged(farm, int(Role.FARM | Role.COUNCIL)),
        chain.MemberSuspended(farm, "audit"),
        chain.MemberReinstated(farm),
        chain.AccountRotated(farm, before, checksummed("01" * 20)),
        chain.AccountReset(farm, checksummed("01" * 20), checksummed("02" * 20)),
        chain.OperatorSet(farm, checksummed("03" * 20), 1, 2**33),
        chain.KeyRevoked(farm, checksummed("03" * 20)),
        chain.ProposalMade(1, farm, council, b"\1\2\3\4", int(time.time()) + DAY, "why"),
        chain.VoteCast(1, farm, True),
        chain.ProposalPassed(1, int(time.time()), int(time.time()) + DAY),
        chain.ProposalFell(1),
        chain.ProposalExecuted(1),
        chain.ProposalMade(2, farm, council, b"", int(time.time()) + DAY, "why"),
        chain.ProposalWithdrawn(2),
        chain.StopCalled(farm, escrow, pay, 60, "why"),
        chain.FunctionStopped(escrow, pay, 2**33, "why"),
        chain.LiftCalled(farm, escrow, pay),
        chain.FunctionLifted(escrow, pay),
        chain.ValidatorWanted(farm, VALIDATOR),
        chain.ValidatorUnwanted(farm, VALIDATOR),
        chain.ContractPointed(b"Escrow".ljust(32, b"\0"), account, escrow),
        chain.EscrowAdmitted(account),
        chain.EscrowRetired(escrow),
        chain.AccountFrozen(farm, 0, "court order"),
        chain.AccountUnfrozen(farm, 0),
        chain.MemberExpelled(scene.numbers["creator"], "forgery"),
        chain.MemberLeft(scene.numbers["cooler"]),
    ]


def test_every_administrative_act_is_a_line_in_both_languages(served: Served) -> None:
    scene = served.scene
    for event in (said := every_event(scene)):
        scene.emit(event)
    told = served.get("/governance").json()
    lines = {one["act"]: one["says"] for one in told["acts"]}
    assert set(lines) >= {snake_case(type(event).__name__) for event in said}
    assert set(SENTENCES) <= set(lines)  # also those of the founding: admitted, assigned
    for says in lines.values():
        assert "{" not in says["en"] + says["zh-CN"]
        assert "None" not in says["en"]
    english, chinese = (text_of(served.page("/governance", lang).text) for lang in ("en", "zh"))
    assert all(text_of(says["en"]) in english for says in lines.values())
    assert all(text_of(says["zh-CN"]) in chinese for says in lines.values())
    assert all(line["tx_hash"].startswith("0x") and line["at"] > 0 for line in told["acts"])


def test_list_of_acts_goes_on_where_it_ended_and_misses_none(served: Served) -> None:
    scene = served.scene
    founded(scene)
    for number in range(130):
        scene.emit(
            chain.RolesChanged(scene.numbers["farm"], 1 + number % 2), chain.MemberSuspended(scene.numbers["bank"], "x")
        )
    found, before = [], None
    while True:
        told = served.get("/governance" + (f"?before={before}" if before else "")).json()
        found += [one["position"] for one in told["acts"]]
        before = told["older"]
        if before is None:
            break
    assert len(found) == len(set(found))
    places = [tuple(int(part) for part in position.split("-")) for position in found]
    assert places == sorted(places, reverse=True)
    assert len(found) >= 261
    second = served.page(f"/governance?before={found[49]}").text
    assert "What was done earlier" in second
    assert "The constitution" not in second


def test_members_words_are_never_run_as_a_page(served: Served) -> None:
    founded(served.scene, "farm")
    proposed(served.scene, 1, "farm", "Members", "suspend", 1, "<script>alert(1)</script>")
    page = served.page("/governance").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_front_page_and_members_lead_there(served: Served) -> None:
    for path in ("/", "/members"):
        assert 'href="/governance"' in served.page(path).text
