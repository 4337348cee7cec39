"""The business databases of the examples: every promise has its place or its reason, and the oracle its edges."""

import re
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from examples.databases.catalogue import DATABASES, mapping_text
from examples.databases.days import PARIS, add_months, edges, limit
from foundation.strict_yaml import BrokenForm
from retention.mapping import ChildFate, Step, Treatment
from retention.mapping_files import read_mapping
from retention.statutory import Domain
from tests.conftest import SLUGS, example
from tests.examples.test_citations import all_cited, statements

AS_OF = date(2026, 11, 21)
MAPPINGS = {slug: read_mapping(mapping_text(slug), f"{slug}.yaml") for slug in SLUGS}
TARGETS = [pytest.param(slug, target, id=target.name) for slug in SLUGS for target in MAPPINGS[slug].targets]


def rules(slug):
    return {rule["ref"]: rule for rule in example(slug).form["retention_rules"]}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_rule_has_a_place_or_the_reason_why_no_job_can_carry_it_out(slug):
    mapping = MAPPINGS[slug]
    bound = {target.rule for target in mapping.targets}
    reasons = {rule.ref for rule in mapping.not_executable}
    assert bound | reasons == set(rules(slug))
    assert not bound & reasons
    assert {decision.rule for decision in mapping.decisions} <= bound
    assert {decision.over for decision in mapping.decisions if decision.over} <= set(rules(slug))


def test_all_34_statements_about_retention_are_reached():
    about, reached = set(), set()
    for slug in SLUGS:
        form, mapping = example(slug).form, MAPPINGS[slug]
        about |= {row["ref"] for row in statements(form) if row["kind"] == "retention"}
        by_rule = {rule["ref"]: set(all_cited(rule)) for rule in form["retention_rules"]}
        for exception in form.get("retention_exceptions", []):  # it goes where its rules go; without rules, everywhere
            for ref in exception.get("rules", by_rule):
                by_rule[ref] |= set(all_cited(exception))
        named = {target.rule for target in mapping.targets} | {rule.ref for rule in mapping.not_executable}
        by_rules = set().union(*(by_rule[ref] for ref in named))
        without = {left_out.ref for left_out in mapping.without_rule}
        assert not by_rules & without, "a statement that a rule cites needs no reason"
        reached |= by_rules | without
    assert len(about) == 34
    assert about <= reached


@pytest.mark.parametrize(("slug", "target"), TARGETS)
def test_a_target_names_what_the_database_has(slug, target):
    tables, mapping = DATABASES[slug].metadata.tables, target.mapping
    table = tables[str(mapping.table)]
    assert set(mapping.key) == {column.name for column in table.primary_key}
    named = [*mapping.events.values(), mapping.state_column, mapping.access_column, mapping.returned_column]
    named += [column.name for column in mapping.columns]
    assert {name for name in named if name} <= set(table.columns.keys())
    for child in mapping.children:
        links = tables[str(child.table)].foreign_key_constraints
        assert list(child.foreign_key) in [link.column_keys for link in links if link.referred_table is table]
        assert {column.name for column in child.columns} <= set(tables[str(child.table)].columns.keys())
    if mapping.archive:
        assert tables[str(mapping.archive)].columns.keys() == table.columns.keys()
    laws = [child.law for child in mapping.children if child.law]
    assert {law.domain for law in laws} <= {domain.value for domain in Domain}


@pytest.mark.parametrize(("slug", "target"), TARGETS)
def test_a_target_dates_every_event_of_its_rule(slug, target):
    rule = rules(slug)[target.rule]
    starts = {start["event"] for start in rule.get("start_events", [])}
    assert set(target.mapping.events) == ({rule["until_event"]} if "until_event" in rule else starts)


@pytest.mark.parametrize(("slug", "target"), TARGETS)
def test_what_stays_names_nobody(slug, target):
    mapping = target.mapping
    if mapping.step in {Step.LIMIT_ACCESS, Step.ARCHIVE}:
        return
    kept = [column.name for column in mapping.columns if column.identity and column.treatment is Treatment.KEEP]
    assert not kept
    if mapping.step is Step.ANONYMISE or any(child.law for child in mapping.children):
        declared = {column.name for column in mapping.columns} | {*mapping.key, *mapping.events.values()}
        table = DATABASES[slug].metadata.tables[str(mapping.table)]
        assert set(table.columns.keys()) - declared <= {mapping.state_column}
    assert all(child.fate is not ChildFate.KEEP for child in mapping.children)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_oracle_names_the_targets_and_each_has_every_fate(slug):
    built = DATABASES[slug].build(scale=200, seed=1, as_of=AS_OF)
    expected = built.expected
    assert set(expected.targets) == {target.name for target in MAPPINGS[slug].targets}
    assert expected.tables == {name: len(rows) for name, rows in built.rows.items()}
    tables = {target.name: str(target.mapping.table) for target in MAPPINGS[slug].targets}
    for name, numbers in expected.targets.items():
        assert numbers.rows == expected.tables[tables[name]]
        assert name.startswith(f"{tables[name]} · ")
        assert numbers.in_state == numbers.due + numbers.held + numbers.open + numbers.not_yet
        assert numbers.due == numbers.erased + numbers.treated
        assert min(numbers.due, numbers.open, numbers.not_yet) > 0


def test_no_run_of_the_demo_touches_half_of_a_table():
    for slug in SLUGS:
        for name, numbers in DATABASES[slug].expected(as_of=AS_OF).targets.items():
            assert numbers.blocked or numbers.due < numbers.rows / 2, name


def test_somewhere_a_law_keeps_a_hold_keeps_and_a_conflict_stops():
    all_of = [DATABASES[slug].expected(as_of=AS_OF) for slug in SLUGS]
    targets = [target for expected in all_of for target in expected.targets.values()]
    assert any(target.kept_by_law and target.treated for target in targets)
    assert any(target.held for target in targets)
    assert sum(target.blocked == "conflict" for target in targets) == 6
    assert {hold.target for expected in all_of for hold in expected.holds} >= {"utilisateurs · prospects"}


def test_the_same_seed_makes_the_same_rows_and_another_one_others():
    for database in DATABASES.values():
        one, again = (database.build(scale=50, seed=7, as_of=AS_OF) for _ in range(2))
        assert one == again
        assert one.rows != database.build(scale=50, seed=8, as_of=AS_OF).rows


def test_nobody_real_is_in_them():
    phone = re.compile(r"(01 99 00|06 39 98) \d\d \d\d")
    for slug, database in DATABASES.items():
        built = database.build(scale=60, seed=3, as_of=AS_OF)
        for name, rows in built.rows.items():
            columns = database.metadata.tables[name].columns.keys()
            for row in rows:
                for column, value in zip(columns, row, strict=True):
                    if isinstance(value, str) and "@" in value:
                        assert value.endswith(".example"), slug
                    if column in {"mobile", "telephone", "telephone_fixe"} and value:
                        assert phone.fullmatch(value)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
        (date(2023, 1, 31), 13, date(2024, 2, 29)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2022, 5, 1), 36, date(2025, 5, 1)),
    ],
)
def test_the_oracle_adds_months_as_calendars_do(day, months, expected):
    assert add_months(day, months) == expected


def test_a_maximum_is_over_on_its_last_day_and_an_exact_period_after_it():
    exact, most = limit(as_of=AS_OF, months=36), limit(as_of=AS_OF, months=36, at_most=True)
    assert (exact.last_over_on, most.last_over_on) == (date(2023, 11, 20), date(2023, 11, 21))
    leap = limit(as_of=date(2027, 3, 1), months=36)
    assert leap.last_over_on == date(2024, 2, 29)
    assert limit(as_of=date(2027, 2, 28), months=36, at_most=True).last_over_on == date(2024, 2, 29)


def test_the_edges_hold_both_sides_of_the_limit_leap_days_ends_of_months_nothing_and_the_future():
    found = limit(as_of=AS_OF, months=36)
    days = edges(found)
    assert {found.last_over_on, found.last_over_on + timedelta(days=1), AS_OF, None} <= set(days)
    assert any(day and day > AS_OF for day in days)
    assert {date(2020, 2, 29), date(2024, 2, 29), date(2023, 4, 30)} <= set(days)


def test_times_lie_at_both_ends_of_the_day_by_the_clock_of_paris():
    rows = DATABASES["urbs-imope"].build(scale=400, seed=1, as_of=AS_OF).rows["depots_cookies"]
    moments = [row[-1] for row in rows if isinstance(row[-1], datetime)]
    assert {moment.tzinfo for moment in moments} == {PARIS}
    assert {(0, 0), (23, 59)} <= {(moment.hour, moment.minute) for moment in moments}


def test_a_generated_database_holds_the_rows_that_the_oracle_counts(tmp_path):
    for slug, database in DATABASES.items():
        engine = sa.create_engine(f"sqlite:///{tmp_path / slug}.sqlite")
        expected = database.generate(engine, as_of=AS_OF, scale=30)
        with engine.connect() as connection:
            for name, table in database.metadata.tables.items():
                found = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                assert found == expected.tables[name]
        engine.dispose()


def test_a_mapping_file_is_refused_with_every_fault_its_line_and_its_remedy():
    text = (
        mapping_text("sofacto").replace("step: archive", "step: archives", 1).replace("rule: navigation", "rul: x", 1)
    )
    with pytest.raises(BrokenForm) as caught:
        read_mapping(text, "sofacto.yaml")
    found = {(fault.line, fault.place) for fault in caught.value.faults}
    step = next(number for number, line in enumerate(text.splitlines(), 1) if "step: archives" in line)
    assert (step, "targets › 2 › step") in found
    assert len(found) == 3  # the step, a field that is missing, one that is unknown
