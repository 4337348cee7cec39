"""Business hours and business days pass only while the service is open."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clocks.errors import CalendarError, MomentError
from clocks.moments import in_utc
from clocks.public_holidays import FrenchPublicHolidays
from clocks.working_calendars import WEEKDAYS, WorkingCalendar
from clocks.working_time import add_working_days, add_working_time, is_open, next_opening, working_time_between

quick = settings(max_examples=60, deadline=None, database=None)
PARIS = ZoneInfo("Europe/Paris")
FRANCE = FrenchPublicHolidays()
MINUTE = timedelta(minutes=1)
OFFICE = WorkingCalendar.from_hours(
    "office",
    zone="Europe/Paris",
    hours=dict.fromkeys(WEEKDAYS[:5], "08:30-12:30 13:30-17:30"),
    holidays=FRANCE,
)
ALWAYS = WorkingCalendar.around_the_clock("always", zone="Europe/Paris")
NIGHTS = WorkingCalendar.from_hours(
    "nights", zone="Europe/Paris", hours=dict.fromkeys(WEEKDAYS[4:], "00:00-06:00 22:00-24:00"), holidays=FRANCE
)
ABROAD = WorkingCalendar.from_hours("abroad", zone="America/Guadeloupe", hours={"tuesday": "09:00-09:45"})


class EveryDay:
    def __contains__(self, day):
        return True


calendars = st.sampled_from([OFFICE, ALWAYS, NIGHTS, ABROAD])
moments = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001 -- hypothesis adds the zone
    datetime(2028, 12, 31),  # noqa: DTZ001 -- hypothesis adds the zone
    timezones=st.just(PARIS),
)
amounts = st.integers(0, 3000).map(lambda minutes: minutes * MINUTE)


def paris(text):
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("moment", "hours", "expected"),
    [
        pytest.param("2025-09-04T09:00", 2, "2025-09-04T11:00", id="within the morning"),
        pytest.param("2025-09-04T11:30", 2, "2025-09-04T14:30", id="lunch does not count"),
        pytest.param("2025-09-04T16:30", 1, "2025-09-04T17:30", id="ends at closing"),
        pytest.param("2025-09-04T20:00", 1, "2025-09-05T09:30", id="starts at the next opening"),
        pytest.param("2025-09-05T17:00", 1, "2025-09-08T09:00", id="over the week-end"),
        pytest.param("2025-11-10T17:00", 1, "2025-11-12T09:00", id="over 11 November"),
        pytest.param("2025-09-06T10:00", 0, "2025-09-08T08:30", id="no time, from the next opening"),
        pytest.param("2025-09-04T17:30", 0, "2025-09-04T17:30", id="no time, at closing"),
        pytest.param("2025-09-04T09:00", 80, "2025-09-18T09:00", id="ten office days"),
    ],
)
def test_business_hours_pass_while_the_office_is_open(moment, hours, expected):
    assert add_working_time(paris(moment), timedelta(hours=hours), calendar=OFFICE) == paris(expected)


def test_round_the_clock_hours_are_elapsed_hours_across_a_clock_change():
    end = add_working_time(paris("2026-10-24T18:30"), timedelta(hours=72), calendar=ALWAYS)
    assert end.isoformat(timespec="minutes") == "2026-10-27T17:30+01:00"


def test_a_service_that_closes_at_midnight_ends_its_hours_there():
    sunday_night, midnight = paris("2025-09-07T22:00"), paris("2025-09-08T00:00")
    assert add_working_time(sunday_night, timedelta(hours=2), calendar=NIGHTS) == midnight
    assert add_working_time(midnight, timedelta(0), calendar=NIGHTS) == midnight
    assert next_opening(midnight, calendar=NIGHTS) == paris("2025-09-12T00:00")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param("2025-09-04T09:10", "2025-09-04T09:10", id="open now"),
        pytest.param("2025-09-04T12:30", "2025-09-04T13:30", id="at closing for lunch"),
        pytest.param("2025-12-24T18:00", "2025-12-26T08:30", id="Christmas Eve"),
    ],
)
def test_the_clock_starts_at_the_next_opening(moment, expected):
    assert next_opening(paris(moment), calendar=OFFICE) == paris(expected)


def test_the_answer_is_told_in_the_zone_of_the_calendar():
    opening = next_opening(paris("2025-09-01T12:00"), calendar=ABROAD)
    assert opening.isoformat(timespec="minutes") == "2025-09-02T09:00-04:00"


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        pytest.param("2025-09-04T16:30", "2025-09-05T16:30", 8, id="a day"),
        pytest.param("2025-09-04T12:00", "2025-09-04T14:00", 1, id="around lunch"),
        pytest.param("2025-09-06T10:00", "2025-09-07T10:00", 0, id="a week-end"),
        pytest.param("2025-09-04T10:00", "2025-09-04T10:00", 0, id="no time"),
    ],
)
def test_the_opening_time_between_two_moments(start, end, hours):
    assert working_time_between(paris(start), paris(end), calendar=OFFICE) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("day", "number", "expected"),
    [
        pytest.param(date(2025, 9, 4), 1, date(2025, 9, 5), id="the day of the event is not counted"),
        pytest.param(date(2025, 9, 5), 1, date(2025, 9, 8), id="over the week-end"),
        pytest.param(date(2025, 9, 6), 1, date(2025, 9, 8), id="from a Saturday"),
        pytest.param(date(2025, 11, 10), 2, date(2025, 11, 13), id="over 11 November"),
    ],
)
def test_business_days_are_days_on_which_the_office_opens(day, number, expected):
    assert add_working_days(day, number, calendar=OFFICE) == expected


def test_what_cannot_be_counted_is_refused():
    now = paris("2025-09-04T09:00")
    closed = WorkingCalendar("closed", zone=PARIS, week=OFFICE.week, holidays=EveryDay())
    with pytest.raises(MomentError, match="negative"):
        add_working_time(now, -MINUTE, calendar=OFFICE)
    with pytest.raises(MomentError, match="comes before"):
        working_time_between(now, now - MINUTE, calendar=OFFICE)
    with pytest.raises(MomentError, match="no time zone"):
        next_opening(now.replace(tzinfo=None), calendar=OFFICE)
    with pytest.raises(CalendarError, match="1 or more"):
        add_working_days(date(2025, 9, 4), 0, calendar=OFFICE)
    with pytest.raises(CalendarError, match="closed for a year"):
        next_opening(now, calendar=closed)


@quick
@given(calendars, moments, amounts)
def test_business_time_never_ends_on_closed_hours(calendar, moment, amount):
    end = add_working_time(moment, amount, calendar=calendar)
    local = end.astimezone(calendar.zone)
    minute = local.hour * 60 + local.minute + (local.second > 0 or local.microsecond > 0)
    today = calendar.week[local.weekday()] if local.date() not in calendar.holidays else ()
    ends_at_midnight = minute == 0 and is_open(end - timedelta(microseconds=1), calendar=calendar)
    assert in_utc(end) >= in_utc(moment)
    assert ends_at_midnight or any(stretch.opens <= minute <= stretch.closes for stretch in today)


@quick
@given(calendars, moments, amounts, amounts)
def test_two_steps_of_business_time_are_one(calendar, moment, first, second):
    halfway = add_working_time(moment, first, calendar=calendar)
    assert add_working_time(halfway, second, calendar=calendar) == add_working_time(
        moment, first + second, calendar=calendar
    )


@quick
@given(calendars, moments, amounts)
def test_the_time_between_is_the_time_added(calendar, moment, amount):
    end = add_working_time(moment, amount, calendar=calendar)
    assert working_time_between(moment, end, calendar=calendar) == amount


@quick
@given(calendars, moments, amounts, amounts)
def test_a_later_start_never_ends_earlier(calendar, moment, delay, amount):
    later = (in_utc(moment) + delay).astimezone(PARIS)
    assert in_utc(add_working_time(moment, amount, calendar=calendar)) <= in_utc(
        add_working_time(later, amount, calendar=calendar)
    )


@quick
@given(calendars, st.dates(date(2024, 1, 1), date(2028, 1, 1)), st.integers(1, 30), st.integers(1, 30))
def test_two_steps_of_business_days_are_one(calendar, day, first, second):
    end = add_working_days(day, first + second, calendar=calendar)
    assert calendar.is_working_day(end)
    assert add_working_days(add_working_days(day, first, calendar=calendar), second, calendar=calendar) == end
