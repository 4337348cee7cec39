"""The engine against the oracle: on each kind of database, it touches what the generator says that it should."""

from datetime import date

import pytest
import sqlalchemy as sa

from clocks.readings import Combination
from examples.databases.catalogue import DATABASES, mapping_text
from retention.due import Decisions, Moment, cut_off
from retention.ground import Counts, Exclusions, Work
from retention.mapping_files import read_mapping
from retention.statutory import latest_free_day
from tests.conftest import SLUGS
from tests.retention.registers import rules_in

ground = pytest.importorskip("retention.statements.ground")
AN_ORDINARY_DAY, A_LEAP_DAY, A_FIRST_OF_JANUARY = date(2026, 11, 21), date(2024, 2, 29), date(2027, 1, 1)


def work_of(slug, target, decisions, expected):
    found = cut_off(rules_in(slug)[target.rule], decisions, as_of=expected.as_of)
    laws = {domain: latest_free_day(domain, expected.as_of) for domain in ("invoice", "accounting_document")}
    people = frozenset((hold.identity, hold.value) for hold in expected.holds if hold.target == target.name)
    return Work(target.mapping, found, laws, (), Exclusions(people=people), b"s" * 32)


def told(numbers):
    """What engine and oracle both say."""
    return {
        "due": numbers.due,
        "erased": numbers.erased,
        "treated": numbers.treated,
        "children": {table: both for table, both in numbers.children.items() if any(both)},
        "kept_by_law": dict(numbers.kept_by_law),
        "held": numbers.held,
        "open": numbers.without_events if isinstance(numbers, Counts) else numbers.open,
        "oldest_on": numbers.oldest_on,
    }


@pytest.mark.parametrize("slug", SLUGS)
def test_the_engine_does_what_the_rows_were_placed_for(business_database, slug):
    assert_it_agrees(business_database.engine, slug, AN_ORDINARY_DAY)


@pytest.mark.parametrize("as_of", [A_LEAP_DAY, A_FIRST_OF_JANUARY], ids=str)
@pytest.mark.parametrize("slug", ["vistory-sesame", "urbs-imope"])
def test_on_a_day_where_periods_and_fiscal_years_turn_too(business_postgresql, slug, as_of):
    business_postgresql.clean()
    assert_it_agrees(business_postgresql.engine, slug, as_of)


def assert_it_agrees(engine, slug, as_of):
    expected = DATABASES[slug].generate(engine, as_of=as_of, scale=20)
    file = read_mapping(mapping_text(slug), slug)
    decisions = Decisions(
        combination={each.rule: Combination(each.choice) for each in file.decisions if each.kind == "combination"},
        moment={"resiliation-trois-ans": Moment.WITHIN},  # nobody has decided; the oracle says what it would mean
    )
    for target in file.targets:
        work = work_of(slug, target, decisions, expected)
        place = ground.SqlGround(engine, target.mapping)
        place.refuse(work)
        assert told(place.count(work)) == told(expected.targets[target.name]), target.name
    for target in file.targets:
        if expected.targets[target.name].blocked:
            continue
        work = work_of(slug, target, decisions, expected)
        place = ground.SqlGround(engine, target.mapping)
        done = place.carry_out(work, place.next_keys(work, after=None, limit=10_000))
        numbers = expected.targets[target.name]
        assert (len(done.erased), len(done.treated), done.locked) == (numbers.erased, numbers.treated, ())
        assert place.count(work).due == 0
    with engine.connect() as connection:
        for name, table in DATABASES[slug].metadata.tables.items():
            left = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            assert left == expected.after_runs(name), name
