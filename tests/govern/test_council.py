"""The Council at work: proposed, voted, objected to, executed; stopped for a while; and told in words."""

from __future__ import annotations

import time
from typing import Any

import pytest
from govern_world import World, decide

from ledger.chain.contracts import selector_of
from ledger.errors import BadInput, NotAllowed, NotFound
from ledger.govern import decide as council
from ledger.govern.acts import act, change_constitution, point, raw_act, roles_named
from ledger.govern.constitution import constitution_in_force, seats
from ledger.govern.durations import parse_duration
from ledger.govern.moment import chain_now
from ledger.govern.proposals import Proposal, proposal_numbered, proposals
from ledger.govern.stops import running_stops, stop_calls
from ledger.store.database import read, write


def now() -> int:
    return int(time.time())


def proposing(world: World, name: str, *args: Any, reason: str = "because") -> int:
    """The number of a proposal to make a call."""
    ledger = world.ledger
    proposed = act(ledger.deployment, *args)
    with write(ledger.engine) as connection:
        made = council.propose(
            connection, ledger.deployment, world.acting(name, "council"), proposed, reason, now=now()
        )
    (row,) = world.done(made.id)
    assert row.state == "final", row.error
    return int(ledger.client.call(ledger.deployment, "Council", "count"))


def voting(world: World, name: str, number: int, yes: bool) -> None:
    ledger = world.ledger
    with write(ledger.engine) as connection:
        said = council.vote(connection, ledger.deployment, world.acting(name, "council"), number, yes, now=now())
    (row,) = world.done(said.id)
    assert row.state == "final", row.error


def executing(world: World, name: str, number: int) -> str | None:
    """The refusal, None when it was made."""
    ledger = world.ledger
    with write(ledger.engine) as connection:
        queued = council.execute(connection, ledger.deployment, world.acting(name, "council"), number, now=now())
    (row,) = world.done(queued.id)
    return row.error if row.state == "reverted" else None


def shown(world: World, number: int, at: int | None = None) -> Proposal:
    with read(world.ledger.engine) as connection:
        return proposal_numbered(connection, world.ledger.deployment, number, at or chain_now(connection))


# --- refusals --------------------------------------------------------------------------------------------------------


def test_member_without_a_seat_proposes_and_votes_nothing(world: World) -> None:
    ledger, carrier = world.ledger, world.acting("carrier", "council")
    proposed = act(ledger.deployment, "Members", "suspend", 1, "x")
    with write(ledger.engine) as connection:
        with pytest.raises(NotAllowed, match="may not propose"):
            council.propose(connection, ledger.deployment, carrier, proposed, "x", now=now())
        with pytest.raises(NotAllowed, match="may not vote"):
            council.vote(connection, ledger.deployment, carrier, 1, True, now=now())
        with pytest.raises(NotAllowed, match="may not ask for a stop"):
            council.call_stop(connection, ledger.deployment, carrier, "Escrow", "pay", 60, "x", now=now())


def test_proposal_needs_a_reason(world: World) -> None:
    ledger, farm = world.ledger, world.acting("farm", "council")
    proposed = act(ledger.deployment, "Members", "suspend", 1, "x")
    for reason in ("", "  ", "x" * 1_001):
        with write(ledger.engine) as connection, pytest.raises(BadInput, match="needs a reason"):
            council.propose(connection, ledger.deployment, farm, proposed, reason, now=now())


def test_withdrawals_are_never_stopped(world: World) -> None:
    for function in council.NEVER_STOPPED:
        with write(world.ledger.engine) as connection, pytest.raises(BadInput, match="never stopped"):
            council.call_stop(
                connection,
                world.ledger.deployment,
                world.acting("farm", "council"),
                "Credit",
                function,
                60,
                "x",
                now=now(),
            )
        selector = selector_of("Credit", function)
        target = world.ledger.deployment.address("Credit")
        past = world.sends(
            "farm", "Council", "callStop", target, selector, 60, "x", authority=world.session("farm", "council")
        )
        assert "NeverStopped" in str(past.error)


def test_acts_that_make_no_sense_are_refused(world: World) -> None:
    deployment = world.ledger.deployment
    with read(world.ledger.engine) as connection:
        standing = constitution_in_force(connection).numbers()
    with pytest.raises(BadInput, match="Nothing would change"):
        change_constitution(deployment, standing, {"quorum_bps": standing["quorum_bps"]})
    with pytest.raises(BadInput, match="has no mood"):
        change_constitution(deployment, standing, {"mood": 1})
    with pytest.raises(BadInput, match="not hexadecimal"):
        raw_act(deployment, "Members", "hello")
    with pytest.raises(BadInput, match="no account address"):
        point(deployment, "Escrow", "somewhere")
    with pytest.raises(BadInput, match="no role 'king'"):
        roles_named("farm,king")
    with pytest.raises(BadInput, match="no role 'treasury'"):
        roles_named("treasury")
    for text in ("", "5", "1y", "h", "1h 2m", "-1h"):
        with pytest.raises(BadInput, match="is no duration"):
            parse_duration(text)
    assert parse_duration("1d12h") == 129_600
    with pytest.raises(NotFound, match="no proposal 999"):
        shown(world, 999)


# --- a proposal's life -----------------------------------------------------------------------------------------------


def test_proposal_says_what_it_would_do_and_what_is_missing(world: World) -> None:
    carrier = world.member("carrier").member
    number = proposing(world, "farm", "Members", "suspend", carrier, "lost three pallets")
    one = shown(world, number)
    assert one.says.en == "Suspend Carrier: lost three pallets"
    assert one.says.zh_cn == "暂停 Carrier：lost three pallets"
    assert one.call is not None
    assert (one.call.contract, one.call.function) == ("Members", "suspend")
    assert (one.state, one.needed, one.missing) == ("voting", 3, 2)
    assert [row.slug for row in one.yes] == ["farm"]
    assert [row.slug for row in one.silent] == ["merchant", "bank", "platform"]
    assert shown(world, number, at=one.voting_ends + 1).state == "lapsed"


def test_objection_takes_the_quorum_away_and_nothing_is_executed(world: World) -> None:
    number = proposing(world, "farm", "Members", "suspend", world.member("carrier").member, "x")
    assert "QuorumMissing" in str(executing(world, "farm", number))
    voting(world, "merchant", number, True)
    voting(world, "bank", number, True)
    assert shown(world, number).state == "executable"
    voting(world, "bank", number, False)
    one = shown(world, number)
    assert (one.state, one.missing, [row.slug for row in one.no]) == ("voting", 1, ["bank"])
    assert "QuorumMissing" in str(executing(world, "farm", number))
    assert world.member("carrier").active


def test_proposal_with_its_quorum_is_executed_by_anybody_once(world: World) -> None:
    carrier = world.member("carrier").member
    number = proposing(world, "farm", "Members", "setRoles", carrier, int(roles_named("carrier,cooler")))
    for name in ("merchant", "platform"):
        voting(world, name, number, True)
    assert executing(world, "creator", number) is None
    assert shown(world, number).state == "executed"
    assert world.member("carrier").roles == int(roles_named("carrier,cooler"))
    assert "ProposalIsClosed" in str(executing(world, "creator", number))


def test_what_the_target_refuses_is_told_in_its_own_words(world: World) -> None:
    number = proposing(world, "farm", "Members", "suspend", 999, "nobody")
    for name in ("merchant", "bank"):
        voting(world, name, number, True)
    assert "UnknownMember" in str(executing(world, "bank", number))


def test_call_that_is_not_ours_is_shown_as_it_is(world: World) -> None:
    ledger = world.ledger
    with write(ledger.engine) as connection:
        proposed = raw_act(ledger.deployment, "Members", "0xdeadbeef")
        made = council.propose(connection, ledger.deployment, world.acting("farm", "council"), proposed, "x", now=now())
    world.done(made.id)
    with read(ledger.engine) as connection:
        newest = proposals(connection, ledger.deployment, now())[0]
    assert newest.call is None
    assert "0xdeadbeef, which is no function known" in newest.says.en


def test_constitution_changes_by_a_proposal_on_the_council_itself(world: World) -> None:
    with read(world.ledger.engine) as connection:
        standing = constitution_in_force(connection)
        assert [row.slug for row in seats(connection)] == ["farm", "merchant", "bank", "platform"]
    changed = {**standing.numbers(), "emergency_max_seconds": 7_200}
    values = tuple(changed.values())
    done = decide(world, "Council", "changeConstitution", values)
    assert done.state == "final", done.error
    with read(world.ledger.engine) as connection:
        assert constitution_in_force(connection).numbers() == changed


# --- emergencies -----------------------------------------------------------------------------------------------------


def test_function_stops_when_enough_seats_ask_and_may_be_lifted(world: World) -> None:
    ledger, deployment = world.ledger, world.ledger.deployment

    def asking(name: str, *, lift: bool = False) -> None:
        acting = world.acting(name, "council")
        with write(ledger.engine) as connection:
            queued = (
                council.call_lift(connection, deployment, acting, "Rules", "propose", now=now())
                if lift
                else council.call_stop(
                    connection, deployment, acting, "Rules", "propose", 3600, "look first", now=now()
                )
            )
        (row,) = world.done(queued.id)
        assert row.state == "final", row.error

    def told() -> tuple[list[str], list[tuple[str, bool, int]]]:
        with read(ledger.engine) as connection:
            running = running_stops(connection, deployment, chain_now(connection))
            calls = stop_calls(connection, deployment, chain_now(connection))
        return [one.function for one in running], [(one.function, one.lift, len(one.asking)) for one in calls]

    asking("farm")
    assert told() == ([], [("Rules.propose", False, 1)])
    asking("bank")
    assert told() == (["Rules.propose"], [])
    legs = [(world.member("merchant").member, 2, 0, 0, 0)]
    refused = world.sends("merchant", "Rules", "propose", 0, legs, [], authority=world.session("merchant", "rules"))
    assert "FunctionIsStopped" in str(refused.error)
    asking("farm", lift=True)
    assert told() == (["Rules.propose"], [("Rules.propose", True, 1)])
    asking("merchant", lift=True)
    assert told() == ([], [])
    again = world.sends("merchant", "Rules", "propose", 0, legs, [], authority=world.session("merchant", "rules"))
    assert again.state == "final", again.error
