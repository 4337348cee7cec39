"""Business hours and business days, counted on a named calendar ("8 heures ouvrées", "2 jours ouvrés")."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import takewhile

from clocks.errors import CalendarError, MomentError
from clocks.moments import in_utc
from clocks.rounding import LONGEST_CLOSURE
from clocks.working_calendars import WorkingCalendar

ONE_DAY = timedelta(days=1)


def is_open(moment: datetime, *, calendar: WorkingCalendar) -> bool:
    """Whether the service is open at this moment; at the moment of closing it is closed."""
    return in_utc(next_opening(moment, calendar=calendar)) == in_utc(moment)  # in UTC: no hour is shown twice


def next_opening(moment: datetime, *, calendar: WorkingCalendar) -> datetime:
    """Return the moment itself while the service is open, otherwise its next opening, in the calendar's zone."""
    now_in_utc = in_utc(moment)
    opens = next(opens for opens, closes in _sessions_from(now_in_utc, calendar) if closes > now_in_utc)
    return max(opens, now_in_utc).astimezone(calendar.zone)


def add_working_time(moment: datetime, amount: timedelta, *, calendar: WorkingCalendar) -> datetime:
    """Return when `amount` of opening time has passed since `moment`, in the calendar's zone.

    The clock starts at the next opening and may end at a closing time. Precision is that of the moment; opening hours
    are in whole minutes. A negative amount raises `MomentError`.
    """
    if amount < timedelta(0):
        raise MomentError(f"{amount} of working time is negative: give 0 or more.", code="negative_amount")
    start, left = in_utc(moment), amount
    sessions = _sessions_from(start, calendar)
    while True:
        opens, closes = next(sessions)
        begins = max(opens, start)
        if left <= closes - begins:
            return (begins + left).astimezone(calendar.zone)
        left -= closes - begins


def working_time_between(start: datetime, end: datetime, *, calendar: WorkingCalendar) -> timedelta:
    """Return the opening time that lies between two moments; an end before the start raises `MomentError`."""
    since, until = in_utc(start), in_utc(end)
    if until < since:
        raise MomentError(f"{end} comes before {start}: give the earlier moment first.", code="end_before_start")
    sessions = takewhile(lambda session: session[0] < until, _sessions_from(since, calendar))
    return sum((min(closes, until) - max(opens, since) for opens, closes in sessions), timedelta(0))


def add_working_days(day: date, number: int, *, calendar: WorkingCalendar) -> date:
    """Return the `number`-th day after `day` on which the service opens; the day of the event is not counted."""
    if number < 1:
        raise CalendarError(f"{number} working days lead nowhere: give 1 or more.", code="count_below_one")
    for _ in range(number):
        day = _next_working_day(day + ONE_DAY, calendar)
    return day


def _sessions_from(start: datetime, calendar: WorkingCalendar) -> Iterator[tuple[datetime, datetime]]:
    """Yield the opening and closing instants from the session that closes at or after `start`, without end."""
    day = start.astimezone(calendar.zone).date() - ONE_DAY  # yesterday may close at midnight, which is `start`
    while True:
        day = _next_working_day(day, calendar)
        yield from ((opens, closes) for opens, closes in calendar.sessions(day) if closes >= start)
        day += ONE_DAY


def _next_working_day(day: date, calendar: WorkingCalendar) -> date:
    for offset in range(LONGEST_CLOSURE):
        if calendar.is_working_day(day + timedelta(days=offset)):
            return day + timedelta(days=offset)
    raise CalendarError(f"{calendar.name} stays closed for a year from {day}: check its holidays.", code="never_open")
