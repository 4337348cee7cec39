"""Where to place events around a rule's limit; an arithmetic of its own, so that it can judge the engine."""

import calendar
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
ONE_DAY = timedelta(days=1)
OLDEST_DAYS = 11 * 366  # before a limit
MOMENTS = (time(0, 0), time(0, 0, 0, 1), time(8, 30), time(12, 0), time(17, 45, 12), time(23, 59, 59, 999_999))


def add_months(day: date, months: int) -> date:
    """Return the same day of another month, or its last day where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def fiscal_year_is_over(document_on: date, *, as_of: date, years: int = 10) -> bool:
    """Whether an accounting document may go: ten years after the end of its (calendar) year."""
    return document_on.year + years < as_of.year


@dataclass(frozen=True, slots=True)
class Limit:
    """The last event day whose period is over on `as_of`."""

    last_over_on: date
    as_of: date

    def is_over(self, day: date | None) -> bool:
        return day is not None and day <= self.last_over_on


def limit(*, as_of: date, months: int = 0, days: int = 0, at_most: bool = False) -> Limit:
    """Return the limit of a period: an exact one is over the day after its last day, a maximum on its last day."""
    day = as_of
    while True:
        end = add_months(day, months) + timedelta(days=days)
        if end < as_of or (at_most and end == as_of):
            return Limit(day, as_of)
        day -= ONE_DAY


def edges(of: Limit) -> list[date | None]:
    """Return the days where mistakes live: around the limit and today, ends of months, leap days, none, the future."""
    last, as_of = of.last_over_on, of.as_of
    days: list[date | None] = [None, as_of + ONE_DAY, as_of + timedelta(days=400), as_of, as_of - ONE_DAY]
    days += [last + timedelta(days=offset) for offset in (-366, -2, -1, 0, 1, 2)]
    for year in range(last.year - 4, last.year + 2):
        if calendar.isleap(year):
            days += [date(year, 2, 28), date(year, 2, 29), date(year, 3, 1)]
    ends = [date(last.year, month, calendar.monthrange(last.year, month)[1]) for month in range(1, 13)]
    return days + list(ends)


class Placing:
    """Draws event days: first every edge once, then at random, about a tenth of them over."""

    def __init__(self, of: Limit, chance: random.Random) -> None:
        self._limit = of
        self._chance = chance
        self._edges: Iterator[date | None] = iter(edges(of))
        self._days = (self._over, *[self._not_yet] * 9)  # few enough for a run that stops when much of a table would go

    @property
    def edge_count(self) -> int:
        return len(edges(self._limit))

    def day(self) -> date | None:
        """Return the next event day; None: the event has not happened."""
        for edge in self._edges:
            return edge
        if self._chance.random() < 0.15:
            return None
        draw: Callable[[], date] = self._chance.choice(self._days)
        return draw()

    def _over(self) -> date:
        last = self._limit.last_over_on
        return self.between(last - timedelta(days=OLDEST_DAYS), last)

    def _not_yet(self) -> date:
        return self.between(self._limit.last_over_on + ONE_DAY, self._limit.as_of)

    def between(self, first: date, last: date) -> date:
        return date.fromordinal(self._chance.randint(first.toordinal(), max(first, last).toordinal()))


def moment(day: date, chance: random.Random) -> datetime:
    """Return a moment of this day by the clock of Paris, its first and last instant among them."""
    return datetime.combine(day, chance.choice(MOMENTS), PARIS)
