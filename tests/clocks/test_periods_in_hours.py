"""Hours are elapsed time: a change of clocks, a week-end or a holiday moves nothing."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clocks.durations import Duration
from clocks.errors import MomentError
from clocks.moments import add_hours, in_utc, instant_of

quick = settings(max_examples=60, deadline=None, database=None)
PARIS = ZoneInfo("Europe/Paris")
HOURS_72 = Duration(hours=72)


@pytest.mark.parametrize(
    ("aware_at", "due_at"),
    [
        pytest.param("2026-10-24T18:30+02:00", "2026-10-27T17:30+01:00", id="clocks go back"),
        pytest.param("2027-03-27T10:00+01:00", "2027-03-30T11:00+02:00", id="clocks go forward"),
        pytest.param("2026-12-24T16:05+01:00", "2026-12-27T16:05+01:00", id="a Sunday after Christmas stays"),
    ],
)
def test_72_hours_from_the_minute_of_awareness(aware_at, due_at):
    due = add_hours(datetime.fromisoformat(aware_at).astimezone(PARIS), HOURS_72)
    assert due.isoformat(timespec="minutes") == due_at


def test_a_fixed_offset_is_kept():
    aware_at = datetime(2026, 10, 24, 18, 30, tzinfo=timezone(timedelta(hours=2)))
    assert add_hours(aware_at, HOURS_72).isoformat() == "2026-10-27T18:30:00+02:00"


def test_hours_minutes_and_seconds_are_all_counted():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert add_hours(start, Duration.parse("PT1H2M3S")) == datetime(2026, 1, 1, 1, 2, 3, tzinfo=UTC)


def test_a_duration_in_days_is_refused():
    with pytest.raises(MomentError) as refusal:
        add_hours(datetime(2026, 1, 1, tzinfo=UTC), Duration(days=3))
    assert refusal.value.code == "needs_a_day"


def test_a_moment_without_zone_is_refused():
    with pytest.raises(MomentError) as refusal:
        add_hours(datetime(2026, 1, 1), HOURS_72)  # noqa: DTZ001 -- the missing zone is the subject
    assert refusal.value.code == "no_time_zone"


@pytest.mark.parametrize(
    ("wall_clock", "instant"),
    [
        pytest.param("2026-07-01T12:00", "2026-07-01T10:00+00:00", id="summer"),
        pytest.param("2026-12-01T12:00", "2026-12-01T11:00+00:00", id="winter"),
        pytest.param("2026-10-25T02:30", "2026-10-25T00:30+00:00", id="shown twice: the first time"),
        pytest.param("2026-03-29T02:30", "2026-03-29T01:00+00:00", id="never shown: when the clocks change"),
        pytest.param("2026-03-29T02:00", "2026-03-29T01:00+00:00", id="the hour that is skipped begins"),
        pytest.param("2026-03-29T03:00", "2026-03-29T01:00+00:00", id="the hour that is skipped ends"),
    ],
)
def test_a_wall_clock_names_one_instant(wall_clock, instant):
    found = instant_of(datetime.fromisoformat(wall_clock), zone=PARIS)
    assert found.isoformat(timespec="minutes") == instant


@quick
@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1), timezones=st.just(PARIS)),  # noqa: DTZ001 -- bounds
    st.integers(0, 5000),
)
def test_exactly_the_hours_given_elapse(start, hours):
    assert in_utc(add_hours(start, Duration(hours=hours))) - in_utc(start) == timedelta(hours=hours)
