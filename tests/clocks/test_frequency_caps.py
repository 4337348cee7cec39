"""A frequency cap tells from which day one more is permitted."""

from datetime import date

import pytest

from clocks.durations import Duration
from clocks.errors import TermError
from clocks.frequency import next_permitted_on
from clocks.kinds import Kind
from clocks.terms import Term

ONCE_A_YEAR = Term(Kind.FREQUENCY_CAP, count=1, duration=Duration(months=12))
TWICE_A_YEAR = Term(Kind.FREQUENCY_CAP, count=2, duration=Duration(months=12))


@pytest.mark.parametrize(
    ("past", "cap", "expected"),
    [
        pytest.param([], ONCE_A_YEAR, None, id="none so far"),
        pytest.param([date(2025, 3, 10)], ONCE_A_YEAR, date(2026, 3, 10), id="a year after the last"),
        pytest.param([date(2025, 3, 10), date(2023, 1, 5)], ONCE_A_YEAR, date(2026, 3, 10), id="the last one counts"),
        pytest.param([date(2025, 3, 10)], TWICE_A_YEAR, None, id="one of two used"),
        pytest.param(
            [date(2025, 3, 10), date(2025, 9, 1)],
            TWICE_A_YEAR,
            date(2026, 3, 10),
            id="the older of the last two counts",
        ),
    ],
)
def test_the_cap_counts_in_a_rolling_period(past, cap, expected):
    assert next_permitted_on(past, cap=cap) == expected


def test_only_a_frequency_cap_caps():
    with pytest.raises(TermError, match="no frequency cap"):
        next_permitted_on([], cap=Term(Kind.COUNT, count=1))
