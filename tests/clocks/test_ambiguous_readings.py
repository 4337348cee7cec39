"""What a text leaves ambiguous is dated in both readings."""

from datetime import date

import pytest

from clocks.durations import Duration
from clocks.outcomes import Bound, DueOn
from clocks.readings import Combination, Start, starts, within_or_after

COLLECTED = date(2021, 3, 10)
LAST_CONTACT = date(2022, 5, 1)
EARLIEST = Start(COLLECTED, "data_collection", Combination.EARLIEST)
LATEST = Start(LAST_CONTACT, "last_inbound_contact", Combination.LATEST)
BOTH_RECORDED = {"last_inbound_contact": LAST_CONTACT, "data_collection": COLLECTED}


def test_a_delay_of_three_years_may_mean_within_or_after():
    readings = within_or_after(date(2024, 2, 29), Duration(years=3))
    assert readings.within == DueOn(date(2027, 2, 28), Bound.LATEST)
    assert readings.after == DueOn(date(2027, 2, 28), Bound.EARLIEST)


@pytest.mark.parametrize(
    ("recorded", "combination", "expected"),
    [
        pytest.param(BOTH_RECORDED, Combination.LATEST, (LATEST,), id="latest"),
        pytest.param(BOTH_RECORDED, Combination.EARLIEST, (EARLIEST,), id="earliest"),
        pytest.param(BOTH_RECORDED, Combination.UNDETERMINED, (EARLIEST, LATEST), id="undetermined gives both"),
        pytest.param(
            {"data_collection": COLLECTED, "last_inbound_contact": None},
            Combination.LATEST,
            (Start(COLLECTED, "data_collection", Combination.LATEST),),
            id="an event not recorded does not count",
        ),
        pytest.param({"data_collection": None}, Combination.LATEST, (), id="nothing recorded"),
        pytest.param({}, Combination.UNDETERMINED, (), id="no start event"),
        pytest.param(
            {"b": COLLECTED, "a": COLLECTED},
            Combination.UNDETERMINED,
            (Start(COLLECTED, "a", Combination.EARLIEST), Start(COLLECTED, "b", Combination.LATEST)),
            id="events of one day are told apart by name",
        ),
    ],
)
def test_several_start_events_combine_by_a_visible_policy(recorded, combination, expected):
    assert starts(recorded, combination=combination) == expected


def test_the_stored_values_of_the_combinations_are_stable():
    assert [c.value for c in Combination] == ["latest", "earliest", "undetermined"]
