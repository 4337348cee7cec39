"""When one rule lets data go: first day, last day, and the one event day that a statement compares."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clocks.durations import Duration
from clocks.kinds import Kind
from clocks.outcomes import Bound, DueOn
from clocks.readings import Combination
from clocks.terms import Term
from retention.due import (
    CutOff,
    Decisions,
    Moment,
    Rule,
    Status,
    cut_off,
    due,
    first_day_gone,
    is_due,
    latest_due_day,
    start_of_day,
    why_undated,
)

THREE_YEARS = Duration(years=3)
DURATIONS = st.builds(
    Duration,
    years=st.integers(0, 6),
    months=st.integers(0, 30),
    weeks=st.integers(0, 5),
    days=st.integers(0, 400),
)
LIMITED = st.sampled_from([Kind.EXACT, Kind.AT_MOST, Kind.AT_LEAST, Kind.STRICTLY_LESS_THAN])
DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31)) | st.sampled_from(
    [date(2024, 2, 29), date(2024, 2, 28), date(2023, 2, 28), date(2024, 3, 1), date(2023, 1, 31), date(2023, 12, 31)]
)
MOMENTS = st.sampled_from([None, Moment.WITHIN, Moment.AFTER])


@st.composite
def terms(draw):
    kind, duration = draw(LIMITED), draw(DURATIONS)
    if kind is Kind.STRICTLY_LESS_THAN and duration.is_zero:
        duration = Duration(days=1)
    if draw(st.booleans()):
        return Term(kind, duration=duration)
    return draw(
        st.sampled_from(
            [Term(Kind.UNTIL_EVENT, event="end"), Term(Kind.UNTIL_EVENT_PLUS, event="end", duration=duration)]
        )
    )


@pytest.mark.parametrize(
    ("term", "on", "last_kept", "gone"),
    [
        pytest.param(
            Term(Kind.EXACT, duration=THREE_YEARS), date(2022, 5, 1), date(2025, 5, 1), date(2025, 5, 2), id="exact"
        ),
        pytest.param(
            Term(Kind.AT_LEAST, duration=THREE_YEARS),
            date(2022, 5, 1),
            date(2025, 5, 1),
            date(2025, 5, 2),
            id="minimum",
        ),
        pytest.param(
            Term(Kind.AT_MOST, duration=THREE_YEARS), date(2022, 5, 1), date(2025, 5, 1), date(2025, 5, 1), id="maximum"
        ),
        pytest.param(
            Term(Kind.STRICTLY_LESS_THAN, duration=THREE_YEARS),
            date(2022, 5, 1),
            date(2025, 4, 30),
            date(2025, 4, 30),
            id="strictly less",
        ),
        pytest.param(
            Term(Kind.UNTIL_EVENT, event="end"),
            date(2024, 6, 30),
            date(2024, 6, 30),
            date(2024, 7, 1),
            id="until an event",
        ),
        pytest.param(
            Term(Kind.UNTIL_EVENT_PLUS, event="end", duration=THREE_YEARS),
            date(2024, 2, 29),
            date(2027, 2, 28),
            date(2027, 3, 1),
            id="then for a time",
        ),
        pytest.param(
            Term(Kind.EXACT, duration=Duration(months=1)),
            date(2024, 1, 31),
            date(2024, 2, 29),
            date(2024, 3, 1),
            id="no 31 February",
        ),
        pytest.param(
            Term(Kind.EXACT, duration=Duration(days=60)),
            date(2024, 12, 31),
            date(2025, 3, 1),
            date(2025, 3, 2),
            id="sixty days",
        ),
    ],
)
def test_a_period_has_a_last_day_of_keeping_and_a_first_day_gone(term, on, last_kept, gone):
    outcome = due(term, on)
    assert (outcome.on, first_day_gone(outcome)) == (last_kept, gone)
    assert is_due(outcome, as_of=gone)
    assert not is_due(outcome, as_of=gone - timedelta(days=1))


@pytest.mark.parametrize(
    ("moment", "gone"),
    [
        pytest.param(Moment.WITHIN, date(2025, 5, 1), id="within: gone on the last day allowed"),
        pytest.param(Moment.AFTER, date(2025, 5, 2), id="after: not before it is over"),
    ],
)
def test_a_decided_moment_says_which_day_within_three_years_means(moment, gone):
    assert first_day_gone(due(Term(Kind.AT_MOST, duration=THREE_YEARS), date(2022, 5, 1), moment)) == gone


@given(term=terms(), on=DAYS, as_of=DAYS, moment=MOMENTS)
def test_one_event_day_separates_what_is_due_from_what_is_not(term, on, as_of, moment):
    latest = latest_due_day(term, as_of=as_of, moment=moment)
    assert (latest is not None and on <= latest) == is_due(due(term, on, moment), as_of=as_of)


@given(term=terms(), as_of=DAYS, moment=MOMENTS)
def test_around_the_latest_due_day_every_day_agrees_with_the_rule(term, as_of, moment):
    latest = latest_due_day(term, as_of=as_of, moment=moment)
    for offset in range(-3, 5):
        day = latest + timedelta(days=offset)
        assert is_due(due(term, day, moment), as_of=as_of) == (offset <= 0)


@given(term=terms(), one=DAYS, other=DAYS)
def test_due_days_grow_with_event_days(term, one, other):
    earlier, later = sorted([one, other])
    assert due(term, earlier).on <= due(term, later).on


@pytest.mark.parametrize("as_of", [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2027, 2, 28)])
@pytest.mark.parametrize("months", [1, 6, 12, 13, 36])
def test_no_day_of_four_years_disagrees_with_the_latest_due_day(as_of, months):
    term = Term(Kind.EXACT, duration=Duration(months=months))
    latest = latest_due_day(term, as_of=as_of)
    for offset in range(4 * 366):
        day = as_of - timedelta(days=offset)
        assert is_due(due(term, day), as_of=as_of) == (day <= latest)


TWO_EVENTS = ("data_collection", "last_inbound_contact")
PROSPECT = Rule(
    "prospect", Term(Kind.EXACT, duration=THREE_YEARS), starts=TWO_EVENTS, combination=Combination.UNDETERMINED
)
AS_OF = date(2025, 5, 2)


@pytest.mark.parametrize(
    ("rule", "decisions", "expected"),
    [
        pytest.param(PROSPECT, Decisions(), Status.UNDECIDED, id="two events without order"),
        pytest.param(
            PROSPECT,
            Decisions(combination={"prospect": Combination.LATEST}),
            CutOff("prospect", TWO_EVENTS, Combination.LATEST, date(2022, 5, 1)),
            id="decided",
        ),
        pytest.param(
            Rule("silent", PROSPECT.term, starts=TWO_EVENTS),
            Decisions(),
            Status.UNDECIDED,
            id="two events, not a word",
        ),
        pytest.param(
            Rule("said", PROSPECT.term, starts=TWO_EVENTS, combination=Combination.LATEST),
            Decisions(combination={"said": Combination.EARLIEST}),
            CutOff("said", TWO_EVENTS, Combination.LATEST, date(2022, 5, 1)),
            id="a decision does not change what the text says",
        ),
        pytest.param(
            Rule("vague", PROSPECT.term, starts=("termination",), is_within_or_after=True),
            Decisions(),
            Status.UNDECIDED,
            id="within or after",
        ),
        pytest.param(
            Rule("vague", PROSPECT.term, starts=("termination",), is_within_or_after=True),
            Decisions(moment={"vague": Moment.WITHIN}),
            CutOff("vague", ("termination",), Combination.LATEST, date(2022, 5, 2)),
            id="within is a day earlier",
        ),
        pytest.param(
            Rule("clear", PROSPECT.term, starts=("termination",)),
            Decisions(moment={"clear": Moment.WITHIN}),
            CutOff("clear", ("termination",), Combination.LATEST, date(2022, 5, 1)),
            id="a moment decided on a clear text changes nothing",
        ),
        pytest.param(
            Rule("until", Term(Kind.UNTIL_EVENT, event="contract_end"), starts=("data_collection",)),
            Decisions(),
            CutOff("until", ("contract_end",), Combination.LATEST, date(2025, 5, 1)),
            id="until an event: where it starts dates nothing",
        ),
    ],
)
def test_a_rule_says_what_a_statement_compares_or_why_not(rule, decisions, expected):
    assert cut_off(rule, decisions, as_of=AS_OF) == expected


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        pytest.param(Rule("r", Term(Kind.CRITERION), starts=("payment",)), "criterion", id="a criterion"),
        pytest.param(Rule("r", Term(Kind.BY_REFERENCE)), "by_reference", id="another document"),
        pytest.param(Rule("r", Term(Kind.STATUTORY)), "statutory", id="the law"),
        pytest.param(Rule("r", Term(Kind.PER_TYPE)), "per_type", id="varies"),
        pytest.param(Rule("r", Term(Kind.NOT_QUANTIFIED)), "not_quantified", id="no figure"),
        pytest.param(Rule("r", Term(Kind.UNSPECIFIED), starts=("payment",)), "unspecified", id="nothing said"),
        pytest.param(Rule("r", Term(Kind.COUNT, count=7)), "count", id="seven versions"),
        pytest.param(Rule("r", Term(Kind.FREQUENCY_CAP, count=1, duration=THREE_YEARS)), "frequency_cap", id="a cap"),
        pytest.param(Rule("r", Term(Kind.EXACT, duration=THREE_YEARS)), "no_start_event", id="no start event"),
        pytest.param(
            Rule("r", Term(Kind.STRICTLY_LESS_THAN, duration=Duration(hours=24)), starts=("tracker_deposit",)),
            "needs_a_moment",
            id="hours: a day is no start",
        ),
    ],
)
def test_a_text_without_a_date_executes_nothing(rule, why):
    assert why_undated(rule) == why
    assert cut_off(rule, Decisions(), as_of=AS_OF) is Status.NOT_EXECUTABLE


ZONES = [
    "Europe/Paris",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "America/Havana",
    "Pacific/Apia",
    "America/St_Johns",
    "UTC",
]


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        pytest.param(date(2025, 1, 1), "Europe/Paris", datetime(2024, 12, 31, 23, tzinfo=UTC), id="winter"),
        pytest.param(date(2025, 3, 30), "Europe/Paris", datetime(2025, 3, 29, 23, tzinfo=UTC), id="clocks go forward"),
        pytest.param(
            date(2025, 3, 31), "Europe/Paris", datetime(2025, 3, 30, 22, tzinfo=UTC), id="a day of 23 hours later"
        ),
        pytest.param(date(2025, 10, 26), "Europe/Paris", datetime(2025, 10, 25, 22, tzinfo=UTC), id="clocks go back"),
        pytest.param(
            date(2025, 10, 27), "Europe/Paris", datetime(2025, 10, 26, 23, tzinfo=UTC), id="a day of 25 hours later"
        ),
        pytest.param(date(2018, 11, 4), "America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC), id="no midnight"),
        pytest.param(
            date(2024, 11, 3), "America/Havana", datetime(2024, 11, 3, 4, tzinfo=UTC), id="two midnights: the first"
        ),
        pytest.param(
            date(2011, 12, 30), "Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC), id="a day that never was"
        ),
    ],
)
def test_a_day_starts_when_the_clocks_of_the_zone_say_so(day, zone, instant):
    assert start_of_day(day, ZoneInfo(zone)) == instant


@given(day=st.dates(date(1972, 1, 2), date(2037, 12, 1)), zone=st.sampled_from(ZONES))
def test_nothing_before_the_start_of_a_day_happened_on_it(day, zone):
    start = start_of_day(day, ZoneInfo(zone))
    before = start - timedelta(microseconds=1)
    assert start.astimezone(ZoneInfo(zone)).date() >= day > before.astimezone(ZoneInfo(zone)).date()


def test_a_moment_that_is_decided_keeps_the_day():
    assert due(Term(Kind.EXACT, duration=THREE_YEARS), date(2024, 2, 29), Moment.AFTER) == DueOn(
        date(2027, 2, 28), Bound.EARLIEST
    )
