"""When something happened: the moment in UTC, in the event's own zone, and how exact it was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from ledger.trace.stated import StatedEvent
from ledger.trace.words import Text

_DAY = timedelta(days=1, milliseconds=-1)  # its last moment is still that day


@dataclass(frozen=True, slots=True)
class When:
    """A moment. `local` is ISO 8601 in the event's own zone to the second. `whole_day`: it was said as local midnight,
    as who knows the date only does."""

    utc: str  # ISO 8601 with milliseconds and Z
    local: str  # 2026-04-17T09:26:42-04:00
    offset: str  # -04:00
    whole_day: bool

    @property
    def words(self) -> str:
        """2026-04-17 09:26 (UTC-04:00), or 2026-04-18 (UTC-04:00) for a whole day."""
        stamp = self.local[:10] if self.whole_day else f"{self.local[:10]} {self.local[11:16]}"
        return f"{stamp} (UTC{self.offset})"


def when(event: StatedEvent) -> When:
    """The moment of an event, local by its eventTimeZoneOffset (EPCIS 2.0 section 7.4.1)."""
    moment = _utc(event.event_time)
    local = moment.astimezone(_zone(event.time_zone_offset))
    return When(
        utc=event.event_time,
        local=local.isoformat(timespec="seconds"),
        offset=event.time_zone_offset,
        whole_day=_midnight(local),
    )


def span(event: StatedEvent) -> tuple[datetime, datetime]:
    """The earliest and the latest moment that the event's time can mean.

    Local midnight mostly stands for "that day": whoever knows the date only writes it so.
    """
    moment = _utc(event.event_time)
    if _midnight(moment.astimezone(_zone(event.time_zone_offset))):
        return moment, moment + _DAY
    return moment, moment


def gap_words(gap: timedelta) -> Text:
    """A length of time, rounded: "1 day", "3 hours", "5 minutes"."""
    minutes = max(1, round(gap.total_seconds() / 60))
    if minutes < 120:
        return Text(f"{minutes} 分钟", f"{minutes} minute{'s' if minutes != 1 else ''}")
    hours = round(minutes / 60)
    if hours < 24:
        return Text(f"{hours} 小时", f"{hours} hours")
    days = round(hours / 24)
    return Text(f"{days} 天", f"{days} day{'s' if days != 1 else ''}")


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _zone(offset: str) -> timezone:
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    size = timedelta(hours=hours, minutes=minutes)
    return timezone(-size if offset[0] == "-" else size)


def _midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)
