"""A last day off moves to the next working day under Regulation 1182/71, and only when asked to."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clocks.durations import Duration
from clocks.errors import CalendarError, DayError
from clocks.public_holidays import FrenchPublicHolidays
from clocks.rounding import Rounding, end_of_period, rounded, working_day_from

quick = settings(max_examples=80, deadline=None, database=None)
FRANCE = FrenchPublicHolidays()
LAW = Rounding.REGULATION_1182_71
some_days = st.dates(date(1950, 1, 1), date(2100, 12, 31))


class EveryDay:
    def __contains__(self, day):
        return True


@pytest.mark.parametrize(
    ("event_on", "duration", "plain", "moved"),
    [
        pytest.param(date(2025, 12, 24), "P10D", date(2026, 1, 3), date(2026, 1, 5), id="Saturday becomes Monday"),
        pytest.param(date(2026, 4, 29), "P10D", date(2026, 5, 9), date(2026, 5, 11), id="10 days end on a Saturday"),
        pytest.param(date(2026, 3, 5), "P1M", date(2026, 4, 5), date(2026, 4, 7), id="Easter Sunday, then Monday"),
        pytest.param(date(2025, 12, 22), "P3D", date(2025, 12, 25), date(2025, 12, 26), id="Christmas"),
        pytest.param(date(2026, 1, 31), "P1M", date(2026, 2, 28), date(2026, 3, 2), id="clamp, then roll"),
        pytest.param(date(2026, 5, 1), "P1W", date(2026, 5, 8), date(2026, 5, 11), id="8 May is a Friday"),
        pytest.param(date(2026, 3, 2), "P1D", date(2026, 3, 3), date(2026, 3, 3), id="a working day stays"),
        pytest.param(date(2023, 1, 1), "P1Y", date(2024, 1, 1), date(2024, 1, 2), id="New Year"),
    ],
)
def test_the_end_moves_only_under_the_regulation(event_on, duration, plain, moved):
    period = Duration.parse(duration)
    assert end_of_period(event_on, period, rounding=Rounding.NONE, holidays=FRANCE) == plain
    assert end_of_period(event_on, period, rounding=LAW, holidays=FRANCE) == moved


def test_without_holidays_only_weekends_move():
    assert rounded(date(2026, 4, 5), rounding=LAW) == date(2026, 4, 6)


def test_a_period_in_hours_is_never_moved():
    with pytest.raises(DayError) as refusal:
        end_of_period(date(2026, 12, 24), Duration(hours=72), rounding=LAW, holidays=FRANCE)
    assert refusal.value.code == "needs_a_moment"


def test_a_calendar_without_working_days_is_refused():
    with pytest.raises(CalendarError) as refusal:
        working_day_from(date(2026, 1, 1), holidays=EveryDay())
    assert refusal.value.code == "never_open"


@quick
@given(some_days)
def test_a_rounded_end_is_the_first_working_day_and_never_earlier(day):
    due = rounded(day, rounding=LAW, holidays=FRANCE)
    assert due >= day
    assert due.weekday() < 5
    assert due not in FRANCE
    skipped = [day + timedelta(days=n) for n in range((due - day).days)]
    assert all(day.weekday() >= 5 or day in FRANCE for day in skipped)


@quick
@given(some_days, st.integers(0, 10))
def test_rounding_keeps_the_order_of_days(day, offset):
    assert rounded(day, rounding=LAW, holidays=FRANCE) <= rounded(
        day + timedelta(days=offset), rounding=LAW, holidays=FRANCE
    )
