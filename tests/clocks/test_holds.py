"""A hold suspends a due date; its release makes due at once what is past."""

from datetime import date

import pytest

from clocks.holds import HOLD_RELEASED, after_holds
from clocks.outcomes import Bound, DueOn, NotComputable, Open, Reason

BASE = DueOn(date(2025, 5, 1), Bound.ON)


@pytest.mark.parametrize(
    ("base", "released_on", "expected"),
    [
        pytest.param(BASE, [], BASE, id="no hold"),
        pytest.param(BASE, [None], Open(HOLD_RELEASED), id="held"),
        pytest.param(BASE, [date(2025, 9, 15)], DueOn(date(2025, 9, 15), Bound.ON), id="released after the due date"),
        pytest.param(BASE, [date(2025, 4, 15)], BASE, id="released before the due date"),
        pytest.param(
            BASE,
            [date(2025, 9, 15), date(2025, 7, 1)],
            DueOn(date(2025, 9, 15), Bound.ON),
            id="the last release counts",
        ),
        pytest.param(BASE, [date(2025, 9, 15), None], Open(HOLD_RELEASED), id="one of two holds lasts"),
        pytest.param(Open("contract_end"), [None], Open("contract_end"), id="open anyway"),
        pytest.param(
            NotComputable(Reason.CRITERION),
            [date(2025, 9, 15)],
            NotComputable(Reason.CRITERION),
            id="a hold makes no date",
        ),
    ],
)
def test_a_hold_moves_the_due_date_to_its_release(base, released_on, expected):
    assert after_holds(base, released_on=released_on) == expected
