"""The query and the rule in Python say the same of every row: dates, month ends, empty events, combinations, zones."""

import random
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Date, DateTime, delete, text

from clocks.durations import Duration
from clocks.kinds import Kind
from clocks.outcomes import DueOn
from clocks.readings import Combination, starts
from clocks.terms import Term
from retention.due import CutOff, Decisions, Rule, cut_off, is_due
from retention.mapping import Step
from retention.statements.ground import SqlGround
from tests.retention.grounds import cut_off as plain_cut_off
from tests.retention.grounds import filled, ground, instant, made, mapping, number, rows, words, work

PARIS = ZoneInfo("Europe/Paris")
AS_OF = date(2024, 3, 31)  # the clocks change, a month ends, a leap day lies behind
EVENTS = {"data_collection": "collected_on", "last_inbound_contact": "contacted_at", "termination": "ended_at"}
DURATIONS = (Duration(months=1), Duration(years=1), Duration(days=60), Duration(months=6), Duration(years=4))
KINDS = (Kind.EXACT, Kind.AT_MOST, Kind.AT_LEAST, Kind.STRICTLY_LESS_THAN)


def table_of(database):
    columns = [Column("collected_on", Date), Column("contacted_at", DateTime), instant("ended_at")]
    return made(database, number(), *columns, words("state"))


ENDS = (date(2024, 2, 29), date(2023, 2, 28), date(2024, 1, 31), date(2020, 2, 29), date(2023, 9, 30))
RULES = st.builds(
    Rule,
    st.just("r"),
    st.builds(Term, st.sampled_from(KINDS), duration=st.sampled_from(DURATIONS)),
    starts=st.permutations(list(EVENTS)).flatmap(lambda names: st.integers(1, 3).map(lambda n: tuple(names[:n]))),
    combination=st.sampled_from([Combination.LATEST, Combination.EARLIEST]),
    state=st.just("gone"),
)


def days_of(rule, chance):
    """Sixty rows: days around the one on which the period ends, month ends, far ones, none."""
    duration = rule.term.duration
    base = AS_OF - timedelta(days=duration.years * 365 + duration.months * 30 + duration.days)

    def day():
        around = base + timedelta(days=chance.randint(-4, 4))
        return chance.choice(
            [None, around, around, around, chance.choice(ENDS), date(chance.randint(1990, 2030), 1, 1)]
        )

    seconds, states = (0, 1, 86_399), ("gone", "gone", "gone", "here", None)
    return [(day(), day(), day(), chance.choice(seconds), chance.choice(states)) for _ in range(60)]


def said_by_the_rule(rule, events):
    chosen = starts({name: events[name] for name in rule.starts}, combination=rule.combination)
    return bool(chosen) and isinstance(due := rule.term.due(chosen[0].on), DueOn) and is_due(due, as_of=AS_OF)


def row_of(number, day, instants_in_utc):
    collected, contacted, ended, second, state = day
    wall = [d and datetime.combine(d, time.min) + timedelta(seconds=second) for d in (contacted, ended)]
    moment = wall[1] and wall[1].replace(tzinfo=PARIS).astimezone(UTC)
    if moment is not None and not instants_in_utc:
        moment = moment.replace(tzinfo=None)
    return {"id": number, "collected_on": collected, "contacted_at": wall[0], "ended_at": moment, "state": state}


def test_the_query_and_the_rule_in_python_agree_on_every_row(business_database):
    table = table_of(business_database)
    of = mapping(events=EVENTS, state_column="state", state_values=("gone", "left"))
    place, is_sqlite = ground(business_database, of), business_database.dialect == "sqlite"

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(RULES, st.integers(0, 2**32))
    def agree(rule, seed):
        days = days_of(rule, random.Random(seed))
        make = in_text if is_sqlite else partial(row_of, instants_in_utc=business_database.dialect == "postgresql")
        with business_database.engine.begin() as connection:
            if business_database.dialect == "mariadb":
                connection.execute(text("SET time_zone = '+00:00'"))
            connection.execute(delete(table))
            connection.execute(table.insert(), [make(number, day) for number, day in enumerate(days)])
        said = cut_off(rule, Decisions(), as_of=AS_OF)
        assert isinstance(said, CutOff)
        expected = [
            (number,)
            for number, (collected, contacted, ended, _second, state) in enumerate(days)
            if state == "gone"
            and said_by_the_rule(
                rule, {"data_collection": collected, "last_inbound_contact": contacted, "termination": ended}
            )
        ]
        assert place.next_keys(work(of, cut_off=said), after=None, limit=1000) == expected

    agree()


def in_text(number, day):
    """SQLite has no instants: its timestamps are wall clocks."""
    row = row_of(number, day, instants_in_utc=True)
    wall = row["ended_at"] and row["ended_at"].astimezone(PARIS).replace(tzinfo=None)
    return {**row, "ended_at": wall}


@pytest.mark.parametrize("business_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("combination", [Combination.LATEST, Combination.EARLIEST, Combination.UNDETERMINED])
def test_an_event_without_a_column_never_makes_a_row_due_early(business_database, combination):
    table = table_of(business_database)
    filled(business_database, table, {"id": 1, "collected_on": date(2000, 1, 1)})
    of = mapping(events={"data_collection": "collected_on"})
    asked = plain_cut_off(date(2020, 1, 1), "data_collection", "last_inbound_contact", combination=combination)
    found = ground(business_database, of).next_keys(work(of, cut_off=asked), after=None, limit=9)
    assert found == ([(1,)] if combination is Combination.EARLIEST else [])


def test_no_day_at_all_makes_no_row_due(business_database):
    table = table_of(business_database)
    filled(business_database, table, {"id": 1, "collected_on": date(1900, 1, 1)})
    of = mapping(events={"data_collection": "collected_on"})
    pass_of = work(of, cut_off=plain_cut_off(None, "data_collection"))
    place = ground(business_database, of)
    assert place.next_keys(pass_of, after=None, limit=9) == []
    assert place.count(pass_of).due == 0
    assert place.carry_out(pass_of, [(1,)]).erased == ()
    assert len(rows(business_database, table)) == 1


def test_values_that_are_no_days_never_make_a_row_due(business_database):
    """A zero date or half of one, minus infinity, a number in a column of SQLite: each sorts before some day."""
    table, of = table_of(business_database), mapping(events={"a": "collected_on", "b": "contacted_at", "c": "ended_at"})
    odd = {
        "postgresql": ("'-infinity'",),
        "mariadb": ("'0000-00-00'", "'2023-00-00'", "'2023-12-00'"),
        "sqlite": ("1234567", "''", "'n/a'", "'2023-00-00'", "'2023-12-00'"),
    }
    with business_database.engine.begin() as connection:
        if business_database.dialect == "mariadb":
            connection.execute(text("SET sql_mode = ''"))
        for number, value in enumerate(odd[business_database.dialect]):
            values = ", ".join([str(number), value, value, value])
            connection.exec_driver_sql(
                f"INSERT INTO client (id, collected_on, contacted_at, ended_at) VALUES ({values})"
            )
    assert len(rows(business_database, table, "id")) > 0
    place = ground(business_database, of)
    for event in "abc":
        for combination in (Combination.LATEST, Combination.EARLIEST):
            asked = work(of, cut_off=plain_cut_off(date(2024, 1, 1), event, combination=combination))
            assert place.next_keys(asked, after=None, limit=9) == []


def test_texts_of_dates_in_sqlite_are_read_whatever_their_form(another_business_database):
    database = another_business_database("sqlite")
    table, of = table_of(database), mapping(events={"a": "collected_on", "b": "contacted_at"})
    forms = [
        "2024-05-01",
        "2024-05-01 23:59:59",
        "2024-05-01T23:59:59.9",
        "2024-05-02",
        "2024-05-02 00:00:00",
        "2024-05-02T00:00",
    ]
    database.run(*[f"INSERT INTO client (id, contacted_at) VALUES ({n}, '{form}')" for n, form in enumerate(forms)])
    asked = work(of, cut_off=plain_cut_off(date(2024, 5, 1), "b"))
    assert ground(database, of).next_keys(asked, after=None, limit=9) == [(0,), (1,), (2,)]
    assert len(rows(database, table, "id")) == len(forms)


def test_texts_in_sqlite_that_name_their_zone_are_instants(another_business_database):
    """The day of the register's zone, Paris, ends at 22:00 in UTC, whatever the text begins with."""
    database = another_business_database("sqlite")
    table, of = table_of(database), mapping(events={"b": "contacted_at"})
    forms = [
        "2024-05-01 21:59:59+00:00",
        "2024-05-01T21:59:59.9Z",
        "2024-05-02 03:59:59+06:00",
        "2024-05-01T22:00:00Z",
        "2024-05-01 23:59:59+00:00",
        "2024-05-01 20:00:00-05:00",
        "2024-05-01 20:00:00 Z?",
    ]
    database.run(*[f"INSERT INTO client (id, contacted_at) VALUES ({n}, '{form}')" for n, form in enumerate(forms)])
    asked = work(of, cut_off=plain_cut_off(date(2024, 5, 1), "b"))
    assert ground(database, of).next_keys(asked, after=None, limit=9) == [(0,), (1,), (2,)]
    assert len(rows(database, table, "id")) == len(forms)


@pytest.mark.parametrize("business_database", ["postgresql", "mariadb"], indirect=True)
@pytest.mark.parametrize(
    ("zone", "first"),
    [
        pytest.param("Europe/Paris", datetime(2024, 3, 30, 23, tzinfo=UTC), id="the day the clocks go forward"),
        pytest.param("America/Havana", datetime(2024, 3, 31, 4, tzinfo=UTC), id="another zone"),
        pytest.param("Pacific/Kiritimati", datetime(2024, 3, 30, 10, tzinfo=UTC), id="far ahead"),
    ],
)
def test_a_day_ends_where_the_register_says(business_database, zone, first):
    """Instants just before and at the first one of the day after the cut-off day, 30 March 2024."""
    table, of = table_of(business_database), mapping(events={"termination": "ended_at"}, zone=zone)
    instants = [first - timedelta(seconds=1), first]
    with business_database.engine.begin() as connection:
        if business_database.dialect == "mariadb":
            connection.execute(text("SET time_zone = '+00:00'"))
            instants = [each.replace(tzinfo=None) for each in instants]
        connection.execute(table.insert(), [{"id": n, "ended_at": each} for n, each in enumerate(instants)])
    place = SqlGround(business_database.engine, of, zone=zone)
    assert place.next_keys(work(of, cut_off=plain_cut_off(date(2024, 3, 30))), after=None, limit=9) == [(0,)]


def test_a_return_that_is_not_confirmed_keeps_the_row(business_database):
    table = made(business_database, number(), Column("ended_on", Date), Column("returned_on", Date))
    old = date(2019, 1, 1)
    filled(business_database, table, {"id": 1, "ended_on": old}, {"id": 2, "ended_on": old, "returned_on": old})
    of = mapping(step=Step.RETURN_THEN_DESTROY, returned_column="returned_on")
    place, pass_of = ground(business_database, of), work(of)
    place.refuse(pass_of)
    assert place.next_keys(pass_of, after=None, limit=9) == [(2,)]
    assert place.carry_out(pass_of, [(1,), (2,)]).erased == ((2,),)
    assert rows(business_database, table, "id") == [(1,)]
