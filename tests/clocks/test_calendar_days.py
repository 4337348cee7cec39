"""Durations are added to and taken from days with the month-end clamp."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clocks import days
from clocks.durations import Duration
from clocks.errors import DayError

quick = settings(max_examples=80, deadline=None, database=None)
some_days = st.dates(date(1900, 1, 1), date(2200, 12, 31))
whole_durations = st.builds(
    Duration,
    years=st.integers(0, 20),
    months=st.integers(0, 40),
    weeks=st.integers(0, 60),
    days=st.integers(0, 400),
)


@pytest.mark.parametrize(
    ("day", "duration", "later"),
    [
        pytest.param(date(2026, 1, 31), "P1M", date(2026, 2, 28), id="no 31 February"),
        pytest.param(date(2028, 1, 31), "P1M", date(2028, 2, 29), id="leap year"),
        pytest.param(date(2026, 1, 31), "P3M", date(2026, 4, 30), id="three months are not thrice one month"),
        pytest.param(date(2024, 2, 29), "P1Y", date(2025, 2, 28), id="29 February next year"),
        pytest.param(date(2024, 2, 29), "P4Y", date(2028, 2, 29), id="29 February in four years"),
        pytest.param(date(2023, 12, 31), "P1Y2M", date(2025, 2, 28), id="years and months clamp once"),
        pytest.param(date(2023, 2, 28), "P1M", date(2023, 3, 28), id="a month's end is not kept"),
        pytest.param(date(2025, 1, 31), "P1M1D", date(2025, 3, 1), id="months before days"),
        pytest.param(date(2025, 12, 24), "P10D", date(2026, 1, 3), id="ten days"),
        pytest.param(date(2025, 12, 24), "P2W", date(2026, 1, 7), id="two weeks"),
        pytest.param(date(2025, 12, 24), "P0D", date(2025, 12, 24), id="no time"),
    ],
)
def test_a_duration_is_added_to_a_day(day, duration, later):
    assert days.add(day, Duration.parse(duration)) == later


@pytest.mark.parametrize(
    ("event_on", "duration", "latest"),
    [
        pytest.param(date(2026, 3, 31), "P1M", date(2026, 2, 28), id="no 31 February"),
        pytest.param(date(2026, 5, 18), "P1M", date(2026, 4, 18), id="a Saturday stays"),
        pytest.param(date(2024, 2, 29), "P1Y", date(2023, 2, 28), id="29 February last year"),
        pytest.param(date(2026, 5, 1), "P1M30D", date(2026, 3, 1), id="days before months"),
        pytest.param(date(2026, 1, 3), "P10D", date(2025, 12, 24), id="ten days"),
    ],
)
def test_at_least_so_long_before_an_event(event_on, duration, latest):
    assert days.subtract(event_on, Duration.parse(duration)) == latest


def test_months_and_years_are_added_by_number():
    assert days.add_months(date(2026, 8, 31), 1) == date(2026, 9, 30)
    assert days.add_years(date(2024, 2, 29), 3) == date(2027, 2, 28)


@pytest.mark.parametrize("move", [days.add, days.subtract])
@pytest.mark.parametrize(
    ("day", "duration", "code"),
    [
        pytest.param(datetime(2025, 1, 1, tzinfo=UTC), "P1D", "not_a_day", id="a moment is no day"),
        pytest.param(date(2025, 1, 1), "PT24H", "needs_a_moment", id="hours need a moment"),
    ],
)
def test_days_and_moments_are_kept_apart(move, day, duration, code):
    with pytest.raises(DayError) as refusal:
        move(day, Duration.parse(duration))
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("move", "day", "duration"),
    [
        pytest.param(days.add, date(9990, 1, 1), "P10Y", id="years after 9999"),
        pytest.param(days.add, date(9999, 12, 31), "P1D", id="days after 9999"),
        pytest.param(days.subtract, date(5, 1, 1), "P5Y", id="years before 1"),
        pytest.param(days.subtract, date(1, 1, 1), "P1D", id="days before 1"),
    ],
)
def test_a_day_outside_the_calendar_is_refused(move, day, duration):
    with pytest.raises(DayError) as refusal:
        move(day, Duration.parse(duration))
    assert refusal.value.code == "outside_calendar"


@quick
@given(some_days, st.integers(0, 1200))
def test_the_clamp_stays_in_the_month_and_keeps_the_date_where_it_exists(day, months):
    later = days.add_months(day, months)
    months_later = (later.year - day.year) * 12 + later.month - day.month
    assert months_later == months
    assert later.day == min(day.day, monthrange(later.year, later.month)[1])


@quick
@given(some_days, st.integers(0, 40), whole_durations)
def test_a_later_start_never_ends_earlier(day, offset, duration):
    assert days.add(day, duration) <= days.add(day + timedelta(days=offset), duration)


@quick
@given(some_days, whole_durations, st.integers(0, 400))
def test_a_longer_duration_never_ends_earlier(day, duration, extra):
    longer = Duration(years=duration.years, months=duration.months, weeks=duration.weeks, days=duration.days + extra)
    assert days.add(day, longer) == days.add(day, duration) + timedelta(days=extra)


@quick
@given(some_days, whole_durations)
def test_what_is_taken_back_leaves_at_least_the_whole_duration(event_on, duration):
    assert days.add(days.subtract(event_on, duration), duration) <= event_on
