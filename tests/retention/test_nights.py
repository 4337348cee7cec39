"""Which night it is: none is skipped and none comes twice, whatever the clocks and the machine do."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.jobs.models import Job
from retention import actions, work
from retention.models import RetentionSettings
from retention.nights import latest_night, starts_at

PARIS = ZoneInfo("Europe/Paris")
A_MINUTE = timedelta(minutes=1)
# zones that change by an hour, by half an hour, at midnight, and not at all
ZONES = [ZoneInfo(name) for name in ("Europe/Paris", "Australia/Lord_Howe", "America/Asuncion", "Asia/Tokyo", "UTC")]
CHANGES = [date(2026, 3, 29), date(2026, 10, 25), date(2026, 4, 5), date(2026, 10, 4), date(2024, 10, 6)]


@pytest.mark.parametrize(
    ("now", "night"),
    [
        (datetime(2026, 6, 10, 0, 59, tzinfo=UTC), date(2026, 6, 9)),
        (datetime(2026, 6, 10, 1, 0, tzinfo=UTC), date(2026, 6, 10)),  # 03:00 in Paris
        (datetime(2026, 6, 10, 21, 0, tzinfo=UTC), date(2026, 6, 10)),  # the machine was down: made good
        (datetime(2026, 6, 10, 22, 30, tzinfo=UTC), date(2026, 6, 10)),  # after midnight in Paris
    ],
)
def test_a_night_begins_at_its_hour(now, night):
    assert latest_night(now, time(3), PARIS) == night


@pytest.mark.parametrize(
    ("night", "starts"),
    [
        (date(2026, 3, 29), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # 02:30 does not exist: 03:30
        (date(2026, 10, 25), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # 02:30 comes twice: the first
    ],
)
def test_an_hour_that_comes_twice_or_never_is_one_moment(night, starts):
    assert starts_at(night, time(2, 30), PARIS) == starts


@given(st.sampled_from(ZONES), st.sampled_from(CHANGES), st.times(), st.integers(1, 47))
def test_no_night_is_skipped_and_none_comes_twice(zone, change, at, step):
    """Whatever the hour and however far apart the ticks are: each day's night comes once, in order, at its moment."""
    now = datetime.combine(change - timedelta(days=2), time(0), tzinfo=UTC)
    nights = [latest_night(now + n * step * 30 * A_MINUTE, at, zone) for n in range(5 * 48 // step + 2)]
    assert nights == sorted(nights)
    if step < 46:  # ticks closer than the shortest day
        assert set(nights) == {nights[0] + timedelta(days=n) for n in range((nights[-1] - nights[0]).days + 1)}
    moments = [starts_at(change + timedelta(days=n), at, zone) for n in range(-2, 3)]
    assert all(timedelta(hours=22) < later - earlier < timedelta(hours=26) for earlier, later in pairwise(moments))


@given(st.sampled_from(ZONES), st.sampled_from(CHANGES), st.times())
def test_a_night_is_its_own_from_its_moment_on(zone, change, at):
    moment = starts_at(change, at, zone)
    assert latest_night(moment, at, zone) == change
    assert latest_night(moment - timedelta(microseconds=1), at, zone) == change - timedelta(days=1)


# -- the sweep --------------------------------------------------------------------------------------------------------


@pytest.fixture
def armed(shop, dpo):
    """A target armed since noon of the ninth of June, by the clock of Paris."""
    shop.fill(old=1, young=1)
    preview = actions.ask_preview(shop.target, as_of=date(2026, 6, 9), by=dpo, at=at(9, 12))
    actions.arm(actions.count(preview), reason="Looks right.", by=dpo, at=at(9, 12))
    return shop


def at(day, hour, minute=0):
    return datetime(2026, 6, day, hour, minute, tzinfo=PARIS)


def slots():
    return sorted(Job.objects.filter(kind="retention.run").values_list("slot", flat=True))


@pytest.mark.django_db
def test_the_first_night_is_the_one_after_the_notice(armed):
    work.ask_for_runs(at(9, 23))
    assert slots() == []
    work.ask_for_runs(at(10, 2, 59))
    assert slots() == []
    work.ask_for_runs(at(10, 3))
    work.ask_for_runs(at(10, 3, 1))
    assert slots() == [f"retention-run-{armed.target.pk}-2026-06-10"]


@pytest.mark.django_db
def test_nights_missed_while_the_machine_was_down_are_made_good_once(armed):
    work.ask_for_runs(at(14, 17))
    work.ask_for_runs(at(14, 18))
    assert slots() == [f"retention-run-{armed.target.pk}-2026-06-14"]
    work.ask_for_runs(at(15, 3))
    assert len(slots()) == 2


@pytest.mark.django_db
def test_the_hour_is_the_registers_own(armed):
    RetentionSettings.objects.update(runs_at=time(22, 15))
    work.ask_for_runs(at(9, 22, 14))
    assert slots() == []
    work.ask_for_runs(at(9, 22, 15))
    assert slots() == [f"retention-run-{armed.target.pk}-2026-06-09"]


@pytest.mark.django_db
def test_a_target_that_is_not_armed_is_not_asked_for(shop):
    work.ask_for_runs(at(10, 12))
    assert slots() == []
