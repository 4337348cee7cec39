"""A working calendar says when a service is open; hours that make no sense are refused."""

from datetime import UTC, date, datetime

import pytest

from clocks.errors import CalendarError
from clocks.public_holidays import FrenchPublicHolidays
from clocks.working_calendars import WEEKDAYS, Opening, WorkingCalendar
from clocks.working_time import is_open

OFFICE = WorkingCalendar.from_hours(
    "office",
    zone="Europe/Paris",
    hours=dict.fromkeys(WEEKDAYS[:5], "08:30-12:30 13:30-17:30"),
    holidays=FrenchPublicHolidays(),
)
ALWAYS = WorkingCalendar.around_the_clock("always", zone="Europe/Paris")
NIGHTS = WorkingCalendar.from_hours(
    "nights", zone="Europe/Paris", hours=dict.fromkeys(WEEKDAYS, "00:00-02:00 02:00-04:00 22:00-24:00")
)


@pytest.mark.parametrize(
    ("moment", "calendar", "expected"),
    [
        pytest.param("2025-09-04T16:30+02:00", OFFICE, True, id="Thursday afternoon"),
        pytest.param("2025-09-04T08:30+02:00", OFFICE, True, id="at opening"),
        pytest.param("2025-09-04T12:30+02:00", OFFICE, False, id="at closing"),
        pytest.param("2025-09-04T13:00+02:00", OFFICE, False, id="lunch"),
        pytest.param("2025-09-06T10:00+02:00", OFFICE, False, id="Saturday"),
        pytest.param("2025-11-11T10:00+01:00", OFFICE, False, id="holiday"),
        pytest.param("2025-09-04T07:00+00:00", OFFICE, True, id="told in UTC"),
        pytest.param("2025-12-25T03:00+01:00", ALWAYS, True, id="never closed"),
        pytest.param("2026-10-25T02:30+02:00", ALWAYS, True, id="the hour shown twice, first"),
        pytest.param("2026-10-25T02:30+01:00", ALWAYS, True, id="the hour shown twice, second"),
        pytest.param("2025-09-04T00:00+02:00", NIGHTS, True, id="midnight joins two days"),
        pytest.param("2025-09-04T04:00+02:00", NIGHTS, False, id="the night ends"),
    ],
)
def test_a_calendar_knows_when_it_is_open(moment, calendar, expected):
    assert is_open(datetime.fromisoformat(moment), calendar=calendar) is expected


@pytest.mark.parametrize(
    ("day", "calendar", "hours"),
    [
        pytest.param(date(2026, 3, 28), ALWAYS, 24, id="an ordinary day"),
        pytest.param(date(2026, 3, 29), ALWAYS, 23, id="clocks go forward"),
        pytest.param(date(2026, 10, 25), ALWAYS, 25, id="clocks go back"),
        pytest.param(date(2026, 3, 29), NIGHTS, 5, id="an opening hour is skipped"),
        pytest.param(date(2026, 10, 25), NIGHTS, 7, id="an opening hour comes twice"),
        pytest.param(date(2026, 3, 30), OFFICE, 8, id="office"),
        pytest.param(date(2026, 3, 29), OFFICE, 0, id="office on Sunday"),
    ],
)
def test_the_sessions_of_a_day_have_their_real_length(day, calendar, hours):
    assert sum((closes - opens).total_seconds() for opens, closes in calendar.sessions(day)) == hours * 3600


def test_hours_that_spring_skips_are_no_session():
    skipped = WorkingCalendar.from_hours("skipped", zone="Europe/Paris", hours={"sunday": "02:00-03:00"})
    assert skipped.sessions(date(2026, 3, 29)) == []
    assert skipped.sessions(date(2026, 3, 22)) == [
        (datetime(2026, 3, 22, 1, 0, tzinfo=UTC), datetime(2026, 3, 22, 2, 0, tzinfo=UTC))
    ]


def test_opening_hours_are_read_and_written_back():
    assert Opening.parse("08:30-12:30") == Opening(510, 750)
    assert str(Opening(0, 1440)) == "00:00-24:00"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("8h30-12h30", "not_hours", id="French notation"),
        pytest.param("08:60-12:30", "not_hours", id="sixty minutes"),
        pytest.param("08:30-12:99", "not_hours", id="ninety-nine minutes"),
        pytest.param("08:30", "not_hours", id="no end"),
        pytest.param("12:30-08:30", "not_within_a_day", id="backwards"),
        pytest.param("08:30-08:30", "not_within_a_day", id="no time at all"),
        pytest.param("22:00-24:30", "not_within_a_day", id="past midnight"),
    ],
)
def test_hours_that_make_no_sense_are_refused(text, code):
    with pytest.raises(CalendarError) as refusal:
        Opening.parse(text)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("zone", "hours", "code"),
    [
        pytest.param("Europe/Paris", {}, "never_open", id="no hours"),
        pytest.param("Europe/Paris", {"monday": ""}, "never_open", id="blank hours"),
        pytest.param("Europe/Paris", {"lundi": "08:30-12:30"}, "no_weekday", id="French weekday"),
        pytest.param("Europe/Paris", {"monday": "08:30-12:30 12:00-17:00"}, "overlapping_hours", id="overlap"),
        pytest.param("Europe/Paris", {"monday": "13:30-17:30 08:30-12:30"}, "overlapping_hours", id="out of order"),
        pytest.param("Europe/Lutece", {"monday": "08:30-12:30"}, "no_zone", id="unknown zone"),
        pytest.param("../Paris", {"monday": "08:30-12:30"}, "no_zone", id="zone that is a path"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(zone, hours, code):
    with pytest.raises(CalendarError) as refusal:
        WorkingCalendar.from_hours("odd", zone=zone, hours=hours)
    assert refusal.value.code == code
