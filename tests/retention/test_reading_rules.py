"""The rules and decisions of a register, read from its rows."""

import pytest
from django.utils import timezone

from clocks.durations import Duration
from clocks.kinds import Kind
from clocks.readings import Combination
from clocks.terms import Term
from foundation.models import Register
from retention.due import Decisions, Moment, why_undated
from retention.models import Decision, RetentionRule
from retention.reading import decisions_of, rule_of, rules_of
from tests.retention.registers import rules_in


def test_the_rows_of_an_example_say_what_its_file_says(loaded, django_assert_max_num_queries):
    slug = "urbs-imope"
    register = loaded(slug)
    with django_assert_max_num_queries(5):
        found = rules_of(register)
    assert {rule.ref: rule for rule in found} == rules_in(slug)
    assert [rule.ref for rule in found] == sorted(rules_in(slug))


def row(register, ref="r", **fields):
    return RetentionRule.objects.create(register=register, ref=ref, description="données", **fields)


@pytest.mark.parametrize(
    ("fields", "term"),
    [
        pytest.param({"kind": "exact"}, Term(Kind.UNSPECIFIED), id="exactly, but how long?"),
        pytest.param({"kind": "until_event"}, Term(Kind.UNSPECIFIED), id="until an event, but which?"),
        pytest.param(
            {"kind": "exact", "duration": "P3Y", "until_event": "contract_end"}, Term(Kind.UNSPECIFIED),
            id="an end that a fixed duration does not have",
        ),
        pytest.param({"kind": "criterion", "duration": "P3Y"}, Term(Kind.CRITERION), id="a criterion stays one"),
        pytest.param({"kind": "frequency_cap", "duration": "P1Y"}, None, id="a cap"),
        pytest.param({"kind": "count"}, None, id="a count"),
        pytest.param(
            {"kind": "until_event_plus", "duration": "P3Y", "until_event": "contract_end"},
            Term(Kind.UNTIL_EVENT_PLUS, duration=Duration(years=3), event="contract_end"), id="whole",
        ),
    ],
)  # fmt: skip
def test_a_row_with_holes_gives_no_date_and_breaks_nothing(acme, fields, term):
    found = rule_of(row(acme, **fields))
    assert term is None or found.term == term
    assert (why_undated(found) == "") is (term is not None and term.kind is Kind.UNTIL_EVENT_PLUS)


def test_every_kind_of_duration_of_the_register_is_read(acme):
    for kind in RetentionRule._meta.get_field("kind").choices:
        rule_of(row(acme, ref=kind[0], kind=kind[0]))


def test_the_decisions_that_stand_are_read_and_those_withdrawn_or_of_another_register_are_not(acme, elsewhere):
    one, other = row(acme, "one", kind="criterion"), row(acme, "other", kind="criterion")

    def decide(rule, kind, choice, **fields):
        return Decision.objects.create(
            register=rule.register, rule=rule, kind=kind, choice=choice, reason="vu", **fields
        )

    decide(one, "combination", "latest")
    decide(one, "moment", "after")
    decide(one, "fate", "anonymise")
    decide(one, "precedence", "prevails", over=other)
    decide(other, "combination", "earliest", withdrawn_at=timezone.now())
    decide(other, "precedence", "prevails", over=one, withdrawn_at=timezone.now())
    decide(row(elsewhere, "one", kind="criterion"), "fate", "erase")
    assert decisions_of(acme) == Decisions(
        combination={"one": Combination.LATEST},
        moment={"one": Moment.AFTER},
        prevails=frozenset({("one", "other")}),
        fate={"one": "anonymise"},
    )
    assert decisions_of(Register.objects.create(slug="new", name="Nouveau")) == Decisions()
