"""A term states how a text limits a period, refuses what is incoherent, and tells when the period ends."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clocks.durations import Duration
from clocks.errors import TermError
from clocks.kinds import Kind
from clocks.outcomes import Bound, DueAt, DueOn, NotComputable, Open, Reason
from clocks.terms import Term

quick = settings(max_examples=60, deadline=None, database=None)
PARIS = ZoneInfo("Europe/Paris")
THREE_YEARS = Duration(years=3)
A_DAY_IN_HOURS = Duration(hours=24)
WITH_NOTHING = [
    Kind.CRITERION,
    Kind.BY_REFERENCE,
    Kind.STATUTORY,
    Kind.PER_TYPE,
    Kind.NOT_QUANTIFIED,
    Kind.UNSPECIFIED,
]


def test_the_stored_values_of_the_kinds_are_stable():
    assert {kind.value for kind in Kind} == {
        "exact", "at_most", "strictly_less_than", "at_least", "until_event", "until_event_plus", "criterion",
        "by_reference", "count", "statutory", "per_type", "frequency_cap", "not_quantified", "unspecified",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("term", "start", "due"),
    [
        pytest.param(
            Term(Kind.EXACT, duration=THREE_YEARS),
            date(2022, 5, 1),
            DueOn(date(2025, 5, 1), Bound.ON),
            id="exact",
        ),
        pytest.param(
            Term(Kind.AT_MOST, duration=Duration(months=13)),
            date(2025, 1, 31),
            DueOn(date(2026, 2, 28), Bound.LATEST),
            id="at most is the latest permitted day",
        ),
        pytest.param(
            Term(Kind.STRICTLY_LESS_THAN, duration=Duration(months=13)),
            date(2025, 1, 31),
            DueOn(date(2026, 2, 27), Bound.LATEST),
            id="strictly less than ends a day earlier",
        ),
        pytest.param(
            Term(Kind.AT_LEAST, duration=Duration(years=10)),
            date(2024, 12, 31),
            DueOn(date(2034, 12, 31), Bound.EARLIEST),
            id="at least is the earliest permitted day",
        ),
        pytest.param(
            Term(Kind.UNTIL_EVENT, event="contract_end"),
            date(2024, 6, 30),
            DueOn(date(2024, 6, 30), Bound.ON),
            id="until an event ends with the event",
        ),
        pytest.param(
            Term(Kind.UNTIL_EVENT_PLUS, event="contract_end", duration=THREE_YEARS),
            date(2024, 2, 29),
            DueOn(date(2027, 2, 28), Bound.ON),
            id="event and offset",
        ),
        pytest.param(Term(Kind.EXACT, duration=THREE_YEARS), None, Open(None), id="start not recorded"),
        pytest.param(Term(Kind.UNTIL_EVENT, event="contract_end"), None, Open("contract_end"), id="event awaited"),
        pytest.param(
            Term(Kind.UNTIL_EVENT_PLUS, event="contract_end", duration=THREE_YEARS),
            None,
            Open("contract_end"),
            id="event and offset awaited",
        ),
        pytest.param(
            Term(Kind.EXACT, duration=A_DAY_IN_HOURS),
            date(2025, 1, 1),
            NotComputable(Reason.NEEDS_A_MOMENT),
            id="hours need a moment",
        ),
        pytest.param(Term(Kind.COUNT, count=7), date(2025, 1, 1), NotComputable(Reason.COUNT), id="seven versions"),
        pytest.param(
            Term(Kind.FREQUENCY_CAP, count=1, duration=Duration(months=12)),
            date(2025, 1, 1),
            NotComputable(Reason.FREQUENCY_CAP),
            id="once a year",
        ),
        *(
            pytest.param(Term(kind), date(2025, 1, 1), NotComputable(Reason(kind.value)), id=f"{kind} has no date")
            for kind in WITH_NOTHING
        ),
        *(
            pytest.param(Term(kind), None, NotComputable(Reason(kind.value)), id=f"{kind} never")
            for kind in WITH_NOTHING
        ),
    ],
)
def test_a_term_tells_the_day_it_ends_or_why_not(term, start, due):
    assert term.due(start) == due


@pytest.mark.parametrize(
    ("term", "start", "due"),
    [
        pytest.param(
            Term(Kind.AT_MOST, duration=Duration(hours=72)),
            datetime(2026, 12, 24, 16, 5, tzinfo=PARIS),
            DueAt(datetime(2026, 12, 27, 16, 5, tzinfo=PARIS), Bound.LATEST),
            id="at most",
        ),
        pytest.param(
            Term(Kind.STRICTLY_LESS_THAN, duration=Duration(minutes=20)),
            datetime(2025, 9, 4, 16, 50, tzinfo=PARIS),
            DueAt(datetime(2025, 9, 4, 17, 10, tzinfo=PARIS), Bound.BEFORE),
            id="strictly less than is before the moment",
        ),
        pytest.param(
            Term(Kind.UNTIL_EVENT, event="session_end"),
            datetime(2025, 9, 4, 16, 50, tzinfo=PARIS),
            DueAt(datetime(2025, 9, 4, 16, 50, tzinfo=PARIS), Bound.ON),
            id="until an event",
        ),
        pytest.param(
            Term(Kind.EXACT, duration=THREE_YEARS),
            datetime(2025, 9, 4, 16, 50, tzinfo=PARIS),
            NotComputable(Reason.NEEDS_A_DAY),
            id="years need a day",
        ),
        pytest.param(
            Term(Kind.NOT_QUANTIFIED),
            datetime(2025, 9, 4, 16, 50, tzinfo=PARIS),
            NotComputable(Reason.NOT_QUANTIFIED),
            id="vague speed",
        ),
        pytest.param(Term(Kind.AT_MOST, duration=Duration(hours=72)), None, Open(None), id="not aware yet"),
    ],
)
def test_a_term_in_hours_tells_the_moment_it_ends_or_why_not(term, start, due):
    assert term.due_at(start) == due


@pytest.mark.parametrize(
    ("kind", "parts", "code"),
    [
        pytest.param(Kind.EXACT, {}, "missing", id="exact without duration"),
        pytest.param(Kind.EXACT, {"duration": THREE_YEARS, "event": "contract_end"}, "unwanted", id="exact with event"),
        pytest.param(Kind.AT_MOST, {"count": 7}, "missing", id="at most without duration"),
        pytest.param(Kind.UNTIL_EVENT, {}, "missing", id="until nothing"),
        pytest.param(
            Kind.UNTIL_EVENT,
            {"event": "contract_end", "duration": THREE_YEARS},
            "unwanted",
            id="until event with offset",
        ),
        pytest.param(Kind.UNTIL_EVENT_PLUS, {"event": "contract_end"}, "missing", id="offset missing"),
        pytest.param(Kind.UNTIL_EVENT_PLUS, {"duration": THREE_YEARS}, "missing", id="event missing"),
        pytest.param(Kind.COUNT, {"duration": THREE_YEARS}, "missing", id="count without number"),
        pytest.param(Kind.COUNT, {"count": 7, "duration": THREE_YEARS}, "unwanted", id="count with duration"),
        pytest.param(Kind.FREQUENCY_CAP, {"duration": THREE_YEARS}, "missing", id="cap without number"),
        pytest.param(Kind.COUNT, {"count": 0}, "count_below_one", id="count of none"),
        pytest.param(Kind.UNTIL_EVENT, {"event": "  "}, "blank_event", id="blank event"),
        pytest.param(Kind.STRICTLY_LESS_THAN, {"duration": Duration()}, "zero", id="less than nothing"),
        pytest.param(Kind.FREQUENCY_CAP, {"duration": Duration(), "count": 1}, "zero", id="cap over no time"),
        *(
            pytest.param(kind, {"duration": THREE_YEARS}, "unwanted", id=f"{kind} with duration")
            for kind in WITH_NOTHING
        ),
    ],
)
def test_an_incoherent_term_is_refused(kind, parts, code):
    with pytest.raises(TermError) as refusal:
        Term(kind, **parts)
    assert refusal.value.code == code


def test_the_refusal_of_a_term_names_what_is_wrong():
    with pytest.raises(TermError, match=r"^'until_event_plus' needs a duration and an event: give it"):
        Term(Kind.UNTIL_EVENT_PLUS)


@quick
@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(1, 60))
def test_strictly_less_than_is_always_stricter_than_at_most(start, months):
    duration = Duration(months=months)
    strict = Term(Kind.STRICTLY_LESS_THAN, duration=duration).due(start)
    loose = Term(Kind.AT_MOST, duration=duration).due(start)
    assert strict.on < loose.on
