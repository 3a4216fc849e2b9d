"""Roles and acts as the contracts number them (contracts/src/interfaces/IMembers.sol)."""

from __future__ import annotations

from enum import IntEnum, IntFlag


class Role(IntFlag):
    """What a member is admitted to do."""

    FARM = 1 << 0
    COOLER = 1 << 1
    PACKER = 1 << 2
    DISTRIBUTOR = 1 << 3
    PROCESSOR = 1 << 4
    FISHERY_RECEIVER = 1 << 5
    CARRIER = 1 << 6
    CERTIFIER = 1 << 7
    MERCHANT = 1 << 8
    CREATOR = 1 << 9
    PLATFORM = 1 << 10
    BANK = 1 << 11
    REGULATOR = 1 << 12
    #: A seat on the Council: one vote, by the member's account alone.
    COUNCIL = 1 << 13
    #: To transfer and withdraw. No member's role: each account has it, and may give it to an operator's key.
    TREASURY = 1 << 14

    def words(self) -> str:
        """For a sentence: "farm, carrier"."""
        return ", ".join(role.name.lower().replace("_", " ") for role in Role if role in self and role.name)


EVIDENCE = (
    Role.FARM
    | Role.COOLER
    | Role.PACKER
    | Role.DISTRIBUTOR
    | Role.PROCESSOR
    | Role.FISHERY_RECEIVER
    | Role.CARRIER
    | Role.CERTIFIER
    | Role.MERCHANT
)
"""Those who may state what happened to goods."""


ANY = Role(Role.COUNCIL - 1)
"""Any role in the trade of goods: all but COUNCIL and TREASURY."""


class Standing(IntEnum):
    """How a member stands; the last two for ever."""

    NONE = 0
    ACTIVE = 1
    SUSPENDED = 2
    EXPELLED = 3
    LEFT = 4

    def word(self) -> str:
        return "has left" if self is Standing.LEFT else f"is {self.name.lower()}"


class KeyKind(IntEnum):
    """What a key is to a member (IKeys.sol)."""

    NONE = 0
    ACCOUNT = 1
    OPERATOR = 2
    REVOKED = 3


class ProposalState(IntEnum):
    """Where a proposal stands (ICouncil.sol)."""

    NONE = 0
    VOTING = 1
    PASSED = 2
    EXECUTED = 3
    WITHDRAWN = 4
    LAPSED = 5


class Act(IntFlag):
    """What a member may grant to a delegate."""

    RECORD_STATEMENT = 1 << 0
