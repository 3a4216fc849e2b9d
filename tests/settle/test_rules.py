"""Rules: what cannot be proposed, and whose signature counts."""

from __future__ import annotations

import pytest
from row_builders import (
    CARRIER,
    CREATOR,
    DEPLOYMENT,
    LEGS,
    MERCHANT,
    NOW,
    OTHER_MERCHANT,
    SUSPENDED,
    a_rule,
    account_of,
    acting,
    arguments,
    key_of,
    queued,
)
from sqlalchemy import Connection, insert, update

from ledger.chain.outbox import QueuedOutcome
from ledger.chain.roles import Role
from ledger.chain.typed_data import sign_message
from ledger.errors import BadInput, Conflict, NotAllowed, NotAuthenticated, NotFound
from ledger.settle.propose_rule import propose_rule
from ledger.settle.sign_rule import message_to_sign, sign_rule
from ledger.settle.split import Leg, LegKind
from ledger.store.schema import member as members
from ledger.store.schema import rule_signature

REST = Leg(MERCHANT, LegKind.RESIDUAL)


def proposed(connection: Connection, *legs: Leg, rule: int = 0, member: int = MERCHANT) -> QueuedOutcome:
    return propose_rule(connection, DEPLOYMENT, acting(connection, member), legs, now=NOW, rule=rule)


def signed(connection: Connection, member: int, by: int, version: int = 2) -> QueuedOutcome:
    signature = sign_message(message_to_sign(connection, DEPLOYMENT, 1, version), key_of(by))
    return sign_rule(
        connection,
        DEPLOYMENT,
        rule=1,
        version=version,
        member=member,
        signature=signature,
        account=account_of(MERCHANT),
        authority=None,
        now=NOW,
    )


def a_proposal(connection: Connection, *required: int, base: int = 1) -> None:
    a_rule(connection, version=2, base=base, adopted_block=None)
    for member in required:
        connection.execute(insert(rule_signature).values(rule=1, version=2, member=member, signed_block=None))


@pytest.mark.parametrize(
    ("legs", "words"),
    [
        ((Leg(CREATOR, LegKind.SHARE, 6_000), Leg(CARRIER, LegKind.SHARE, 4_001), REST), "more than the whole"),
        ((REST, REST), "exactly one residual leg, not 2"),
        ((Leg(CREATOR, LegKind.SHARE, 100),), "exactly one residual leg, not 0"),
        ((), "1 to 16 legs"),
        ((Leg(99, LegKind.SHARE, 100), REST), "no member 99"),
        ((Leg(SUSPENDED, LegKind.SHARE, 100), REST), "suspended and cannot be paid"),
    ],
)
def test_legs_that_are_no_rule_are_refused(connection: Connection, legs: tuple[Leg, ...], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        proposed(connection, *legs)
    assert queued(connection) == []


def test_only_members_with_a_role_in_trade_propose(connection: Connection) -> None:
    connection.execute(update(members).where(members.c.member == CREATOR).values(roles=int(Role.COUNCIL)))
    with pytest.raises(NotAllowed, match="may not propose rules"):
        proposed(connection, REST, member=CREATOR)


def test_a_creator_proposes_a_rule_of_its_own(connection: Connection) -> None:
    assert proposed(connection, Leg(CREATOR, LegKind.RESIDUAL), member=CREATOR).new


def test_a_rule_nests_one_of_the_payees_own_that_can_be(connection: Connection) -> None:
    nested = Leg(CREATOR, LegKind.NESTED, 1)
    with pytest.raises(BadInput, match="Rule 1 is not the payee's own"):
        proposed(connection, Leg(CREATOR, LegKind.SHARE, 100), nested, REST)
    with pytest.raises(BadInput, match="There is no rule 9"):
        proposed(connection, Leg(CREATOR, LegKind.SHARE, 100), Leg(CREATOR, LegKind.NESTED, 9), REST)
    assert proposed(connection, REST, Leg(MERCHANT, LegKind.NESTED, 1)).new


def test_rule_of_another_merchant_cannot_be_changed(connection: Connection) -> None:
    with pytest.raises(NotAllowed, match="another member's"):
        proposed(connection, REST, rule=1, member=OTHER_MERCHANT)


def test_legs_in_force_already_are_refused(connection: Connection) -> None:
    with pytest.raises(BadInput, match="in force already"):
        proposed(connection, *LEGS, rule=1)


def test_first_version_repeats_no_legs_and_a_later_one_those_in_force(connection: Connection) -> None:
    proposed(connection, REST)
    proposed(connection, REST, rule=1)
    first, later = (arguments(row) for row in queued(connection))
    assert (first["rule"], first["baseLegs"]) == (0, [])
    assert later["rule"] == 1
    assert [tuple(leg.values()) for leg in later["baseLegs"]] == [leg.on_chain for leg in LEGS]


def test_same_proposal_again_is_the_same_act(connection: Connection) -> None:
    assert proposed(connection, REST).new
    assert not proposed(connection, REST).new
    assert len(queued(connection)) == 1


def test_signature_of_another_member_is_refused(connection: Connection) -> None:
    a_proposal(connection, CREATOR)
    with pytest.raises(NotAuthenticated, match="not 小溪直播's signature"):
        signed(connection, CREATOR, by=MERCHANT)
    assert queued(connection) == []


def test_signature_under_another_version_is_refused(connection: Connection) -> None:
    a_proposal(connection, CREATOR)
    other = sign_message(message_to_sign(connection, DEPLOYMENT, 1, 1), key_of(CREATOR))
    with pytest.raises(NotAuthenticated):
        sign_rule(
            connection,
            DEPLOYMENT,
            rule=1,
            version=2,
            member=CREATOR,
            signature=other,
            account=account_of(MERCHANT),
            authority=None,
            now=NOW,
        )


def test_signature_that_is_not_asked_for_is_refused(connection: Connection) -> None:
    a_proposal(connection, CREATOR)
    with pytest.raises(NotAllowed, match="does not need Cold Express"):
        signed(connection, CARRIER, by=CARRIER)


def test_version_on_top_of_one_no_longer_in_force_cannot_be_signed(connection: Connection) -> None:
    a_proposal(connection, CREATOR)
    a_rule(connection, version=3, base=1)
    with pytest.raises(Conflict, match="Version 3 of rule 1 came into force"):
        signed(connection, CREATOR, by=CREATOR)


def test_unknown_version_cannot_be_signed(connection: Connection) -> None:
    with pytest.raises(NotFound, match="no version 2 of rule 1"):
        signed(connection, CREATOR, by=CREATOR)


def test_members_own_signature_is_queued_once(connection: Connection) -> None:
    a_proposal(connection, CREATOR)
    assert signed(connection, CREATOR, by=CREATOR).new
    assert not signed(connection, CREATOR, by=CREATOR).new
    (row,) = queued(connection)
    assert (row.function, arguments(row)["member"]) == ("sign", CREATOR)
