"""How a consortium decides (contracts/src/interfaces/ICouncil.sol, Constitution): what its Council is deployed with."""

from __future__ import annotations

from dataclasses import dataclass

HOUR, DAY = 3_600, 86_400


@dataclass(frozen=True)
class Constitution:
    """Durations in seconds. The fields stand in the order of the contract's struct."""

    quorum_bps: int  # of the seats, rounded up: 6667 is more than two thirds
    delay_seconds: int  # from the passing, in which members object or leave
    voting_seconds: int  # in which a proposal must find its quorum
    execution_seconds: int  # from the end of the delay, in which it can be executed
    emergency_seats: int  # that stop a function, or lift its stop, together
    emergency_max_seconds: int  # that a stop by them lasts
    emergency_window_seconds: int  # in which they must ask for it


CONSORTIUM = Constitution(6_667, 2 * DAY, 7 * DAY, 7 * DAY, 2, DAY, HOUR)
"""More than two thirds of the seats, then two days in which to object; two seats stop a function for a day at most."""

DEVELOPMENT = Constitution(6_667, 0, 7 * DAY, 7 * DAY, 2, DAY, HOUR)
"""As CONSORTIUM, but what has passed can be executed at once."""
