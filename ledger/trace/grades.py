"""How well a claim is known. Pure.

measured: a device measured it, and the member that holds the place signed it.
attested: a certifier signed it, or the holder signed and another member signed the very same event hash.
declared: only the member that holds the place said it.
reported: "B says of A": whoever signed does not hold the place, and the one who does has not signed.
"""

from __future__ import annotations

from enum import StrEnum

from ledger.trace.stated import Member, StatedEvent
from ledger.trace.words import Text


class Grade(StrEnum):
    """From best to weakest."""

    MEASURED = "measured"
    ATTESTED = "attested"
    DECLARED = "declared"
    REPORTED = "reported"

    @property
    def name_text(self) -> Text:
        return _NAMES[self]

    @property
    def meaning(self) -> Text:
        return _MEANINGS[self]

    @property
    def rank(self) -> int:
        """0 is the best."""
        return list(Grade).index(self)


_NAMES = {
    Grade.MEASURED: Text("设备测量", "Measured"),
    Grade.ATTESTED: Text("他方证实", "Attested"),
    Grade.DECLARED: Text("自行声明", "Declared"),
    Grade.REPORTED: Text("他人转述", "Reported by another"),
}

_MEANINGS = {
    Grade.MEASURED: Text(
        "由设备测得，并由该场所的持有者签名。", "A device measured it and the member in charge of the place signed it."
    ),
    Grade.ATTESTED: Text(
        "该场所的持有者与另一成员签了同一份记录，或由认证机构签名。",
        "The member in charge of the place and another member signed the same record, or a certifier signed it.",
    ),
    Grade.DECLARED: Text("只有该场所的持有者自己这样说。", "Only the member in charge of the place says so."),
    Grade.REPORTED: Text(
        "说这话的成员并不持有该场所；该场所的持有者没有签名。",
        "Whoever says so is not in charge of the place, and the member in charge has not signed it.",
    ),
}


def grade(event: StatedEvent) -> Grade:
    """The grade of one event hash."""
    signers = {statement.member.member for statement in event.statements}
    own = speaks_for_its_place(event)
    if own and any(value.device_id for value in event.sensors):
        return Grade.MEASURED
    if any(statement.member.certifies for statement in event.statements) or (own and len(signers) > 1):
        return Grade.ATTESTED
    return Grade.DECLARED if own else Grade.REPORTED


def speaks_for_its_place(event: StatedEvent) -> bool:
    """Whether one who signed it holds the place.

    An event without a place, or at one that has no GLN (a geo: position), speaks of its signer's own doing.
    """
    if event.place is None or event.place.gln is None:
        return True
    return said_of(event) is None and event.holder is not None


def said_of(event: StatedEvent) -> Member | None:
    """A of "B says of A": the holder of the place, where the holder did not sign."""
    holder = event.holder
    if holder is None or any(statement.member.member == holder.member for statement in event.statements):
        return None
    return holder
