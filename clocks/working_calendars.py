"""Named calendars of opening hours, as service levels promise them: weekly hours, holidays, or around the clock."""

import re
from collections.abc import Container, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clocks.errors import CalendarError
from clocks.moments import instant_of

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MINUTES_PER_DAY = 24 * 60

_OPENING = re.compile("([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """One stretch of opening hours within a day, in minutes after midnight; it may close at 24:00, not later."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= MINUTES_PER_DAY:
            raise CalendarError(
                f"{self} is not within one day: open before closing, and write a night as two stretches.",
                code="not_within_a_day",
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the stretch that a text such as "08:30-12:30" says, or raise `CalendarError`."""
        match = _OPENING.fullmatch(text)
        if match is None or int(match[2]) > 59 or int(match[4]) > 59:
            raise CalendarError(
                f"{text[:40]!r} are no opening hours: write for example '08:30-12:30'.", code="not_hours"
            )
        return cls(60 * int(match[1]) + int(match[2]), 60 * int(match[3]) + int(match[4]))

    def __str__(self) -> str:
        return f"{self.opens // 60:02}:{self.opens % 60:02}-{self.closes // 60:02}:{self.closes % 60:02}"


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When a service is open: the stretches of each weekday from Monday, in one zone, closed on the holidays."""

    name: str
    _: KW_ONLY
    zone: ZoneInfo
    week: tuple[tuple[Opening, ...], ...]
    holidays: Container[date] = ()

    def __post_init__(self) -> None:
        if len(self.week) != len(WEEKDAYS) or not any(self.week):
            raise CalendarError(f"{self.name} never opens: give hours for at least one weekday.", code="never_open")
        for weekday, stretches in zip(WEEKDAYS, self.week, strict=True):
            if any(later.opens < earlier.closes for earlier, later in pairwise(stretches)):
                raise CalendarError(
                    f"{self.name}: the hours of {weekday} overlap or are out of order: put them in order.",
                    code="overlapping_hours",
                )

    @classmethod
    def from_hours(cls, name: str, *, zone: str, hours: Mapping[str, str], holidays: Container[date] = ()) -> Self:
        """Return the calendar whose `hours` map lower-case English weekdays to "08:30-12:30 13:30-17:30"."""
        if unknown := set(hours) - set(WEEKDAYS):
            raise CalendarError(f"{min(unknown)!r} is no weekday: write for example 'monday'.", code="no_weekday")
        week = tuple(tuple(Opening.parse(text) for text in hours.get(day, "").split()) for day in WEEKDAYS)
        return cls(name, zone=_zone(zone), week=week, holidays=holidays)

    @classmethod
    def around_the_clock(cls, name: str, *, zone: str) -> Self:
        """Return the calendar that never closes (24/7)."""
        return cls(name, zone=_zone(zone), week=((Opening(0, MINUTES_PER_DAY),),) * len(WEEKDAYS))

    def is_working_day(self, day: date) -> bool:
        """Whether the service opens at all on this day."""
        return bool(self.week[day.weekday()]) and day not in self.holidays

    def sessions(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return the instants in UTC at which the service opens and closes on this day, in order."""
        if not self.is_working_day(day):
            return []
        spans = [
            (self._instant(day, stretch.opens), self._instant(day, stretch.closes))
            for stretch in self.week[day.weekday()]
        ]
        return [(opens, closes) for opens, closes in spans if opens < closes]  # hours that spring skips are no hours

    def _instant(self, day: date, minutes: int) -> datetime:
        midnight = datetime.combine(day, time.min)
        return instant_of(midnight + timedelta(minutes=minutes), zone=self.zone)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CalendarError(f"{name!r} is no time zone: write for example 'Europe/Paris'.", code="no_zone") from error
