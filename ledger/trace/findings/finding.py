"""The record of one contradiction or gap in what is recorded about a lot.

It names the events it rests on, who said them, the values, and a sentence in both languages for a shopper.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ledger.trace.stated import Member
from ledger.trace.words import Text


class Kind(StrEnum):
    """What kind of contradiction or gap."""

    SAME_ID_TWO_CONTENTS = "same_id_two_contents"
    RECEIVED_MORE_THAN_SHIPPED = "received_more_than_shipped"
    RECEIVED_BEFORE_HARVESTED = "received_before_harvested"
    TIME_OUT_OF_ORDER = "time_out_of_order"
    NO_ORIGIN = "no_origin"
    USED_MORE_THAN_MADE = "used_more_than_made"


class Severity(StrEnum):
    """conflict: two records cannot both be true. gap: something is not recorded."""

    CONFLICT = "conflict"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Finding:
    """One contradiction or gap."""

    kind: Kind
    severity: Severity
    title: Text
    sentence: Text
    lots: tuple[str, ...]  # lot keys it speaks of
    event_hashes: tuple[str, ...]  # the events it rests on, the one to look at first in front
    members: tuple[Member, ...]  # who said those
    values: dict[str, Any] = field(hash=False)  # JSON-ready; each finder's docstring names its keys
