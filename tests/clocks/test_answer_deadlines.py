"""The time to answer a request: one month, two more, suspended and rounded (art. 12(3))."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clocks.answers import (
    ANSWER_TO_QUESTION,
    Governing,
    Source,
    Suspension,
    answer_due,
    extension_holds,
    governing,
)
from clocks.errors import SuspensionError
from clocks.outcomes import Bound, DueOn, Open
from clocks.public_holidays import FrenchPublicHolidays
from clocks.rounding import Rounding

quick = settings(max_examples=60, deadline=None, database=None)
FRANCE = FrenchPublicHolidays()
RECEIVED = date(2026, 9, 3)


def due_on(received_on, **options):
    outcome = answer_due(received_on, holidays=FRANCE, **options)
    assert outcome.bound is Bound.LATEST
    return outcome.on


@pytest.mark.parametrize(
    ("received_on", "due", "extended_due"),
    [
        pytest.param(date(2026, 3, 5), date(2026, 4, 7), date(2026, 6, 5), id="Easter Sunday, then Easter Monday"),
        pytest.param(date(2026, 8, 31), date(2026, 9, 30), date(2026, 11, 30), id="no 31 September, no 31 November"),
        pytest.param(date(2026, 1, 31), date(2026, 3, 2), date(2026, 4, 30), id="three months count from receipt"),
        pytest.param(date(2026, 4, 14), date(2026, 5, 15), date(2026, 7, 15), id="Ascension; 14 July"),
        pytest.param(date(2026, 4, 8), date(2026, 5, 11), date(2026, 7, 8), id="8 May before a week-end"),
        pytest.param(date(2026, 11, 30), date(2026, 12, 30), date(2027, 3, 1), id="clamp, then roll"),
        pytest.param(date(2026, 12, 1), date(2027, 1, 4), date(2027, 3, 1), id="New Year before a week-end"),
        pytest.param(date(2028, 1, 31), date(2028, 2, 29), date(2028, 5, 2), id="leap year; 1 May"),
        pytest.param(date(2026, 7, 15), date(2026, 8, 17), date(2026, 10, 15), id="15 August is a Saturday"),
    ],
)
def test_the_answer_is_due_after_one_month_or_three(received_on, due, extended_due):
    assert due_on(received_on) == due
    assert due_on(received_on, extended=True) == extended_due


@pytest.mark.parametrize(
    ("received_on", "due"),
    [
        pytest.param(date(2024, 3, 5), date(2024, 4, 5), id="5 March to 5 April inclusive"),
        pytest.param(date(2026, 8, 31), date(2026, 9, 30), id="31 August to 30 September"),
    ],
)
def test_the_examples_of_the_edpb(received_on, due):
    assert due_on(received_on) == due


def test_the_rounding_is_an_option():
    assert due_on(date(2026, 3, 5), rounding=Rounding.NONE) == date(2026, 4, 5)


@pytest.mark.parametrize(
    ("suspensions", "due"),
    [
        pytest.param([(date(2026, 9, 7), date(2026, 9, 21))], date(2026, 10, 19), id="14 days, then a Saturday"),
        pytest.param([(date(2026, 9, 7), date(2026, 9, 7))], date(2026, 10, 5), id="answered the same day"),
        pytest.param(
            [(date(2026, 9, 14), date(2026, 9, 21)), (date(2026, 9, 7), date(2026, 9, 14))],
            date(2026, 10, 19),
            id="two questions, in any order",
        ),
        pytest.param(
            [(date(2026, 9, 7), date(2026, 9, 21)), (date(2026, 9, 10), date(2026, 9, 15))],
            date(2026, 10, 19),
            id="a day is not counted twice",
        ),
        pytest.param(
            [(date(2026, 9, 7), date(2026, 9, 17)), (date(2026, 9, 14), date(2026, 9, 21))],
            date(2026, 10, 19),
            id="overlapping questions",
        ),
        pytest.param(
            [
                (date(2026, 9, 7), date(2026, 9, 21)),
                (date(2026, 9, 8), date(2026, 9, 10)),
                (date(2026, 9, 15), date(2026, 9, 21)),
            ],
            date(2026, 10, 19),
            id="two questions within a third",
        ),
        pytest.param([(date(2026, 10, 6), date(2026, 10, 20))], date(2026, 10, 5), id="asked too late"),
        pytest.param([(date(2026, 10, 6), None)], date(2026, 10, 5), id="asked too late, and open"),
        pytest.param([(date(2026, 10, 5), date(2026, 10, 7))], date(2026, 10, 7), id="asked on the last day"),
        pytest.param(
            [(date(2026, 9, 7), date(2026, 9, 21)), (date(2026, 10, 10), date(2026, 10, 12))],
            date(2026, 10, 19),
            id="in time because of an earlier question",
        ),
    ],
)
def test_suspended_days_are_added_before_rounding(suspensions, due):
    assert due_on(RECEIVED, suspensions=[Suspension(asked, answered) for asked, answered in suspensions]) == due


def test_an_open_question_leaves_the_deadline_open():
    suspensions = [Suspension(date(2026, 9, 7), None)]
    assert answer_due(RECEIVED, suspensions=suspensions, holidays=FRANCE) == Open(ANSWER_TO_QUESTION)


@pytest.mark.parametrize(
    ("asked_on", "answered_on", "code"),
    [
        pytest.param(date(2026, 9, 2), date(2026, 9, 5), "asked_before_received", id="before the request"),
        pytest.param(date(2026, 9, 5), date(2026, 9, 4), "answered_before_asked", id="answered before asked"),
    ],
)
def test_an_impossible_suspension_is_refused(asked_on, answered_on, code):
    with pytest.raises(SuspensionError) as refusal:
        answer_due(RECEIVED, suspensions=[Suspension(asked_on, answered_on)], holidays=FRANCE)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("told_on", "suspensions", "holds"),
    [
        pytest.param(date(2026, 10, 5), [], True, id="on the last day"),
        pytest.param(date(2026, 10, 6), [], False, id="a day late"),
        pytest.param(date(2026, 10, 19), [Suspension(date(2026, 9, 7), date(2026, 9, 21))], True, id="suspended"),
        pytest.param(date(2026, 12, 1), [Suspension(date(2026, 9, 7), None)], True, id="question still open"),
    ],
)
def test_an_extension_holds_only_if_told_within_the_first_month(told_on, suspensions, holds):
    assert extension_holds(RECEIVED, told_on=told_on, suspensions=suspensions, holidays=FRANCE) is holds


@pytest.mark.parametrize(
    ("legal_on", "promised_on", "expected"),
    [
        pytest.param(
            date(2025, 2, 28),
            date(2025, 3, 2),
            Governing(Source.LAW, on=date(2025, 2, 28), later_on=date(2025, 3, 2)),
            id="the law is earlier",
        ),
        pytest.param(
            date(2025, 4, 1),
            date(2025, 3, 31),
            Governing(Source.POLICY, on=date(2025, 3, 31), later_on=date(2025, 4, 1)),
            id="the promise is earlier",
        ),
        pytest.param(
            date(2025, 4, 1),
            date(2025, 4, 1),
            Governing(Source.LAW, on=date(2025, 4, 1), later_on=date(2025, 4, 1)),
            id="the same day",
        ),
    ],
)
def test_the_earlier_of_law_and_promise_governs(legal_on, promised_on, expected):
    assert governing(legal_on=legal_on, promised_on=promised_on) == expected


@quick
@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.booleans(),
    st.integers(0, 20),
    st.integers(0, 60),
    st.integers(0, 9),
)
def test_the_deadline_is_a_working_day_and_never_earlier_for_a_later_receipt_or_a_longer_wait(
    received_on, extended, asked_after, waited, later
):
    asked_on = received_on + timedelta(days=asked_after)
    suspensions = [Suspension(asked_on, asked_on + timedelta(days=waited))]
    due = due_on(received_on, extended=extended, suspensions=suspensions)
    assert due.weekday() < 5
    assert due not in FRANCE
    assert due >= due_on(received_on, extended=extended)
    assert due_on(received_on + timedelta(days=later), extended=extended) >= due_on(received_on, extended=extended)
    assert due_on(received_on, extended=True) > due_on(received_on)
    assert isinstance(answer_due(received_on), DueOn)
