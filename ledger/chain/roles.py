"""Roles and acts as the contracts number them (contracts/src/interfaces/IMembers.sol)."""

from __future__ import annotations

from enum import IntFlag


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


class Act(IntFlag):
    """What a member may grant to a delegate."""

    RECORD_STATEMENT = 1 << 0
