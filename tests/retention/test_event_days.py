"""Which events of a record start a clock: the last of each kind, and contacts only if the person made them."""

from datetime import date

import pytest

from retention.readings import CONTACT, Direction, Event, event_days

EARLY, LATE = date(2022, 5, 1), date(2024, 9, 3)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([Event(CONTACT, EARLY, Direction.INBOUND)], {"last_inbound_contact": EARLY}, id="from the person"),
        pytest.param([Event(CONTACT, LATE, Direction.OUTBOUND)], {}, id="to the person"),
        pytest.param([Event(CONTACT, LATE)], {}, id="nobody knows from whom"),
        pytest.param(
            [Event("last_inbound_contact", EARLY)], {"last_inbound_contact": EARLY}, id="a column of inbound contacts"
        ),
        pytest.param([Event("last_inbound_contact", LATE, Direction.OUTBOUND)], {}, id="a mailing under that name"),
        pytest.param(
            [Event(CONTACT, LATE, Direction.INBOUND), Event("last_inbound_contact", EARLY)],
            {"last_inbound_contact": LATE},
            id="the last of both",
        ),
        pytest.param([Event("payment", LATE), Event("payment", EARLY)], {"payment": LATE}, id="the last of its kind"),
    ],
)
def test_the_last_day_of_each_kind_of_event_counts(events, expected):
    assert event_days(events) == expected
