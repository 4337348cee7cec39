"""Calendar arithmetic on days, with the month-end clamp of Regulation (EEC, Euratom) 1182/71 art. 3(2)(c)."""

from datetime import date, datetime

from dateutil.relativedelta import relativedelta

from clocks.durations import Duration
from clocks.errors import DayError


def add(day: date, duration: Duration) -> date:
    """Return the day that lies `duration` after `day`: years and months first, clamped once, then weeks and days."""
    _check(day, duration)
    return _step(_step(day, _months(duration)), _weeks(duration))


def subtract(day: date, duration: Duration) -> date:
    """Return the last day on which something that must come at least `duration` before `day` is still in time.

    The steps of `add` are taken back in reverse order, so adding the duration again never passes `day`. The result is
    never moved for a week-end or holiday: periods counted backwards are not (Regulation 1182/71 art. 3(4)).
    """
    _check(day, duration)
    return _step(_step(day, -_weeks(duration)), -_months(duration))


def add_months(day: date, months: int) -> date:
    """Return the same date `months` later, or the last day of that month if it has no such date."""
    return add(day, Duration(months=months))


def add_years(day: date, years: int) -> date:
    """Return the same date `years` later; 29 February becomes 28 February in a common year."""
    return add(day, Duration(years=years))


def _months(duration: Duration) -> relativedelta:
    return relativedelta(years=duration.years, months=duration.months)


def _weeks(duration: Duration) -> relativedelta:
    return relativedelta(weeks=duration.weeks, days=duration.days)


def _check(day: date, duration: Duration) -> None:
    if isinstance(day, datetime):
        raise DayError(f"{day} is a moment: give the calendar day, in the zone of the register.", code="not_a_day")
    if duration.counts_hours:
        raise DayError(f"{duration} counts hours: give the moment at which it starts.", code="needs_a_moment")


def _step(day: date, step: relativedelta) -> date:
    try:
        return day + step
    except (ValueError, OverflowError) as error:
        raise DayError(
            f"{step} from {day} leaves the years 1 to 9999: check the starting day.", code="outside_calendar"
        ) from error
