"""The dates that five real privacy policies promise; the numbers are those of the vectors in docs/rules/time.md."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clocks import days
from clocks.answers import Source, answer_due, governing
from clocks.durations import Duration
from clocks.holds import HOLD_RELEASED, after_holds
from clocks.kinds import Kind
from clocks.outcomes import Bound, DueOn, NotComputable, Open, Reason
from clocks.public_holidays import FrenchPublicHolidays
from clocks.readings import Combination, starts
from clocks.rounding import Rounding
from clocks.terms import Term
from clocks.working_calendars import WEEKDAYS, WorkingCalendar
from clocks.working_time import add_working_days, add_working_time

PARIS = ZoneInfo("Europe/Paris")
FRANCE = FrenchPublicHolidays()
MONDAY_TO_THURSDAY = WEEKDAYS[:4]
SERVICE = WorkingCalendar.from_hours(
    "service",
    zone="Europe/Paris",
    hours=dict.fromkeys(WEEKDAYS[:5], "08:30-12:30 13:30-17:30"),
    holidays=FRANCE,
)
SUPPORT = WorkingCalendar.from_hours(
    "support",
    zone="Europe/Paris",
    hours={**dict.fromkeys(MONDAY_TO_THURSDAY, "08:30-12:30 13:30-17:30"), "friday": "08:30-12:30 14:00-17:00"},
    holidays=FRANCE,
)
THREE_YEARS = Term(Kind.EXACT, duration=Duration(years=3))


@pytest.mark.parametrize(
    ("combination", "due"),
    [
        pytest.param(Combination.LATEST, [date(2025, 5, 1)], id="latest"),
        pytest.param(Combination.EARLIEST, [date(2024, 3, 10)], id="collection"),
        pytest.param(Combination.UNDETERMINED, [date(2024, 3, 10), date(2025, 5, 1)], id="both readings"),
    ],
)
def test_t_01_three_years_from_collection_or_last_inbound_contact(combination, due):
    recorded = {"data_collection": date(2021, 3, 10), "last_inbound_contact": date(2022, 5, 1)}
    found = [THREE_YEARS.due(start.on) for start in starts(recorded, combination=combination)]
    assert found == [DueOn(on, Bound.ON) for on in due]


def test_t_02_an_open_contract_has_no_due_date():
    contract = Term(Kind.UNTIL_EVENT, event="contract_end")
    assert contract.due(None) == Open("contract_end")
    assert contract.due(date(2024, 6, 30)) == DueOn(date(2024, 6, 30), Bound.ON)


def test_t_05_a_dispute_holds_and_its_end_makes_due_at_once():
    base = DueOn(date(2025, 5, 1), Bound.ON)
    assert after_holds(base, released_on=[None]) == Open(HOLD_RELEASED)
    assert after_holds(base, released_on=[date(2025, 9, 15)]) == DueOn(date(2025, 9, 15), Bound.ON)


def test_t_07_a_contract_that_ends_on_29_february():
    contract_then_three_years = Term(Kind.UNTIL_EVENT_PLUS, event="contract_end", duration=Duration(years=3))
    assert contract_then_three_years.due(date(2024, 2, 29)) == DueOn(date(2027, 2, 28), Bound.ON)


@pytest.mark.parametrize(
    ("received_on", "thirty_days", "one_month", "source"),
    [
        pytest.param(date(2025, 1, 31), date(2025, 3, 2), date(2025, 2, 28), Source.LAW, id="law earlier"),
        pytest.param(date(2025, 3, 1), date(2025, 3, 31), date(2025, 4, 1), Source.POLICY, id="policy earlier"),
    ],
)
def test_t_10_thirty_days_promised_and_one_month_of_law(received_on, thirty_days, one_month, source):
    promised = Term(Kind.AT_MOST, duration=Duration(days=30)).due(received_on)
    legal = answer_due(received_on, rounding=Rounding.NONE)
    assert promised == DueOn(thirty_days, Bound.LATEST)
    assert legal == DueOn(one_month, Bound.LATEST)
    assert governing(legal_on=legal.on, promised_on=promised.on).source is source


def test_t_11_ten_days_to_object_in_calendar_days_and_in_business_days():
    notice_on, objection_on = date(2025, 12, 24), date(2026, 1, 5)
    calendar_reading = days.add(notice_on, Duration(days=10))
    business_reading = add_working_days(notice_on, 10, calendar=SERVICE)
    assert (calendar_reading, business_reading) == (date(2026, 1, 3), date(2026, 1, 9))
    assert calendar_reading < objection_on <= business_reading


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        pytest.param(SERVICE, datetime(2025, 9, 5, 16, 30, tzinfo=PARIS), id="service calendar"),
        pytest.param(SUPPORT, datetime(2025, 9, 5, 17, 0, tzinfo=PARIS), id="support calendar"),
    ],
)
def test_t_14_eight_business_hours_after_an_incident(calendar, expected):
    incident_at = datetime(2025, 9, 4, 16, 30, tzinfo=PARIS)
    assert add_working_time(incident_at, timedelta(hours=8), calendar=calendar) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [pytest.param(2, date(2025, 11, 4), id="two days"), pytest.param(3, date(2025, 11, 5), id="three days")],
)
def test_t_15_business_days_after_all_servers_fail(number, expected):
    assert add_working_days(date(2025, 10, 31), number, calendar=SERVICE) == expected


@pytest.mark.parametrize(
    ("term", "residual"),
    [
        pytest.param(Term(Kind.EXACT, duration=Duration(days=7)), DueOn(date(2025, 6, 8), Bound.ON), id="7 days"),
        pytest.param(Term(Kind.EXACT, duration=Duration(days=14)), DueOn(date(2025, 6, 15), Bound.ON), id="14 days"),
        pytest.param(Term(Kind.COUNT, count=7), NotComputable(Reason.COUNT), id="7 versions give no date"),
    ],
)
def test_t_18_what_backups_keep_after_an_erasure(term, residual):
    assert term.due(date(2025, 6, 1)) == residual


def test_t_19_a_subscription_without_end_and_with_one():
    subscription = Term(Kind.UNTIL_EVENT, event="subscription_end")
    assert subscription.due(None) == Open("subscription_end")
    assert subscription.due(date(2025, 6, 30)) == DueOn(date(2025, 6, 30), Bound.ON)
