"""Where a period ends that would end on a day off: Regulation (EEC, Euratom) 1182/71, as an option one can see."""

from collections.abc import Container
from datetime import date, timedelta
from enum import StrEnum

from clocks import days
from clocks.durations import Duration
from clocks.errors import CalendarError

SATURDAY = 5
LONGEST_CLOSURE = 366  # days in a row; beyond, the calendar is wrong


class Rounding(StrEnum):
    """What happens to a last day that is a Saturday, a Sunday or a public holiday; stable and stored."""

    NONE = "none"
    REGULATION_1182_71 = "regulation_1182_71"


def end_of_period(event_on: date, duration: Duration, *, rounding: Rounding, holidays: Container[date] = ()) -> date:
    """Return the last day of a period in days, weeks, months or years that an event on `event_on` opens.

    The day of the event is not counted (art. 3(1)), months and years end on the same date or on the month's last day
    (3(2)(c)), days off within the period count (3(3)). A duration in hours raises `DayError`: it is never moved.
    """
    return rounded(days.add(event_on, duration), rounding=rounding, holidays=holidays)


def rounded(last_day: date, *, rounding: Rounding, holidays: Container[date] = ()) -> date:
    """Return the last day itself, or the working day on which the period ends instead (art. 3(4)), never an earlier."""
    if rounding is Rounding.NONE:
        return last_day
    return working_day_from(last_day, holidays=holidays)


def working_day_from(day: date, *, holidays: Container[date] = ()) -> date:
    """Return `day`, or the first day after it that is no Saturday, Sunday or public holiday."""
    for offset in range(LONGEST_CLOSURE):
        candidate = day + timedelta(days=offset)
        if candidate.weekday() < SATURDAY and candidate not in holidays:
            return candidate
    raise CalendarError(f"No working day within a year of {day}: check the holidays given.", code="never_open")
