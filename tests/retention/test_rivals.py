"""Which rules of the five policies contradict each other, and what a decision settles."""

from datetime import date

import pytest

from clocks.durations import Duration
from clocks.kinds import Kind
from clocks.readings import Combination
from clocks.terms import Term
from retention.due import CutOff, Decisions, Moment, Rule, Status
from retention.rivals import cut_off_among, prevailing, rivals
from tests.conftest import SLUGS
from tests.retention.registers import rules_in

NOTHING_DECIDED = Decisions()

FOUR_OF_LIVE_SESSION = {
    "fin-de-relation", "resiliation-trois-ans", "donnees-clients-soixante-jours", "fin-des-prestations-douze-mois",
}  # fmt: skip
IN_CONFLICT = {
    "vistory-sesame": {
        "fin-abonnement": {"preuves-de-transaction"},
        "preuves-de-transaction": {"fin-abonnement"},
    },
    "live-session": {
        "fin-de-relation": FOUR_OF_LIVE_SESSION - {"fin-de-relation"},
        "resiliation-trois-ans": FOUR_OF_LIVE_SESSION - {"resiliation-trois-ans"},
        "donnees-clients-soixante-jours": FOUR_OF_LIVE_SESSION - {"donnees-clients-soixante-jours"}
        | {"demande-du-client", "restitution"},
        "fin-des-prestations-douze-mois": FOUR_OF_LIVE_SESSION - {"fin-des-prestations-douze-mois"}
        | {"demande-du-client", "restitution"},
        "demande-du-client": {"donnees-clients-soixante-jours", "fin-des-prestations-douze-mois", "restitution"},
        "restitution": {"donnees-clients-soixante-jours", "fin-des-prestations-douze-mois", "demande-du-client"},
    },
    "sistec": {
        "fin-de-prestation": {"demande-du-responsable"},
        "demande-du-responsable": {"fin-de-prestation"},
    },
    "urbs-imope": {},
    "sofacto": {},
}


def names(rules):
    return {rule.ref for rule in rules}


@pytest.mark.parametrize("slug", SLUGS)
def test_the_rules_of_five_policies_that_contradict_each_other(slug):
    rules = rules_in(slug)
    found = {ref: names(rivals(rule, rules.values(), NOTHING_DECIDED)) for ref, rule in rules.items()}
    assert {ref: against for ref, against in found.items() if against} == IN_CONFLICT[slug]


def test_the_principle_of_a_register_yields_to_its_rules():
    rules = rules_in("sofacto")
    kept_for = names(prevailing(rules["principe"], rules.values(), NOTHING_DECIDED))
    assert kept_for == {"navigation", "client-contrat", "client-apres-contrat"}
    assert prevailing(rules["client-apres-contrat"], rules.values(), NOTHING_DECIDED) == ()


def test_a_rule_that_prevails_over_all_others_has_no_rival_left_where_it_applies():
    rules = rules_in("live-session")
    winner = "fin-des-prestations-douze-mois"
    decisions = Decisions(prevails=frozenset((winner, other) for other in FOUR_OF_LIVE_SESSION - {winner}))
    assert names(rivals(rules[winner], rules.values(), decisions)) == {"demande-du-client", "restitution"}
    assert rivals(rules[winner], rules.values(), decisions, activities=frozenset({"A2.1"})) == ()
    assert rivals(rules["fin-de-relation"], rules.values(), decisions) == ()
    assert names(prevailing(rules["fin-de-relation"], rules.values(), decisions)) == {winner}


def test_a_target_that_leaves_the_disputed_data_alone_has_no_rival():
    rules = rules_in("vistory-sesame")
    elsewhere = {"activities": frozenset({"A1.1", "A1.3"})}
    assert rivals(rules["fin-abonnement"], rules.values(), NOTHING_DECIDED, **elsewhere) == ()
    invoices = {"data": frozenset({"A1.2.pieces"})}
    assert names(rivals(rules["fin-abonnement"], rules.values(), NOTHING_DECIDED, **invoices)) == {
        "preuves-de-transaction"
    }


def made(ref, kind=Kind.EXACT, *, years=3, starts=("termination",), event=None, **fields):
    duration = None if event and kind is Kind.UNTIL_EVENT else Duration(years=years)
    if kind in {Kind.CRITERION, Kind.UNSPECIFIED, Kind.STATUTORY}:
        duration = None
    return Rule(ref, Term(kind, duration=duration, event=event), starts=starts, **fields)


A = made("a", activities=frozenset({"x"}))
B = made("b", years=5, activities=frozenset({"x", "y"}))
C = made("c", years=7, activities=frozenset({"x"}))


@pytest.mark.parametrize(
    ("one", "other", "are_rivals"),
    [
        pytest.param(A, B, True, id="one activity in common, other dates"),
        pytest.param(A, made("o", years=5, activities=frozenset({"y"})), False, id="other activities"),
        pytest.param(A, made("o", activities=frozenset({"x"})), False, id="the same dates"),
        pytest.param(
            A,
            Rule(
                "o", Term(Kind.EXACT, duration=Duration(months=36)), starts=("termination",), activities=frozenset("x")
            ),
            False,
            id="36 months are three years",
        ),
        pytest.param(
            A,
            Rule(
                "o", Term(Kind.UNTIL_EVENT_PLUS, duration=Duration(years=3), event="termination"),
                activities=frozenset("x"),
            ),
            False,
            id="until termination, then three years: said in another way",
        ),
        pytest.param(A, made("o", Kind.AT_MOST, activities=frozenset({"x"})), True, id="a maximum is a day earlier"),
        pytest.param(
            made("s", Kind.AT_MOST, activities=frozenset({"x"})),
            made("o", Kind.STRICTLY_LESS_THAN, activities=frozenset({"x"})),
            True,
            id="less than is earlier than at most",
        ),
        pytest.param(
            A, made("o", Kind.UNTIL_EVENT, event="contract_end", starts=(), activities=frozenset({"x"})), True,
            id="one dated, the other still open",
        ),
        pytest.param(A, made("o", years=5, state="client"), True, id="a state among all"),
        pytest.param(
            made("s", state="prospect", activities=frozenset("x")),
            made("o", years=5, state="client", activities=frozenset("x")),
            False,
            id="two states never meet",
        ),
        pytest.param(
            made("s", activities=frozenset("x"), data=frozenset({"x.1"})),
            made("o", years=5, activities=frozenset("x"), data=frozenset({"x.2"})),
            False,
            id="other data",
        ),
        pytest.param(
            A, made("o", years=5, activities=frozenset("x"), data=frozenset({"x.2"})), True, id="some of the data",
        ),
        pytest.param(A, made("o", years=5), False, id="a principle for the whole register"),
        pytest.param(made("p"), made("o", years=5), True, id="two principles"),
        pytest.param(A, made("o", Kind.CRITERION, activities=frozenset("x")), False, id="a criterion stands beside"),
        pytest.param(A, made("o", starts=(), activities=frozenset("x")), False, id="no start event: beside"),
        pytest.param(
            A, made("o", Kind.UNSPECIFIED, activities=frozenset("x"), data=frozenset({"x.1"})), True,
            id="data set apart without a period",
        ),
        pytest.param(
            made("s", activities=frozenset("x"), data=frozenset({"x.1"})),
            made("o", Kind.UNSPECIFIED, activities=frozenset("x"), data=frozenset({"x.1"})),
            False,
            id="the same data named, one gives the period",
        ),
        pytest.param(
            made("p"), made("o", Kind.UNSPECIFIED, activities=frozenset("x"), data=frozenset({"x.1"})), False,
            id="a principle leaves data that are set apart",
        ),
    ],
)  # fmt: skip
def test_two_rules_are_rivals_where_they_decide_over_the_same_data(one, other, are_rivals):
    assert bool(rivals(one, [one, other], NOTHING_DECIDED)) is are_rivals
    assert bool(rivals(other, [one, other], NOTHING_DECIDED)) is are_rivals


def test_rules_that_a_decision_reads_alike_agree():
    vague = made("v", Kind.AT_MOST, is_within_or_after=True, activities=frozenset("x"))
    assert rivals(A, [A, vague], NOTHING_DECIDED) == (vague,)
    assert rivals(A, [A, vague], Decisions(moment={"v": Moment.WITHIN})) == (vague,)
    after = made("after", Kind.AT_LEAST, activities=frozenset("x"))
    assert rivals(after, [after, vague], Decisions(moment={"v": Moment.AFTER})) == ()
    two = {"starts": ("data_collection", "termination"), "activities": frozenset("x")}
    undecided, latest = made("u", **two), made("l", combination=Combination.LATEST, **two)
    assert rivals(latest, [latest, undecided], NOTHING_DECIDED) == (undecided,)
    assert rivals(latest, [latest, undecided], Decisions(combination={"u": Combination.LATEST})) == ()


def test_a_decision_holds_only_where_both_rules_apply():
    decisions = Decisions(prevails=frozenset({("a", "b")}))
    on_y = made("d", years=9, activities=frozenset({"y"}))
    assert rivals(A, [A, B, on_y], decisions) == ()
    assert prevailing(B, [A, B, on_y], decisions) == (A,)
    assert rivals(B, [A, B, on_y], decisions) == (on_y,)


def test_who_yields_to_the_one_that_prevails_has_no_quarrel_left_there():
    decisions = Decisions(prevails=frozenset({("a", "b"), ("a", "c")}))
    assert rivals(B, [A, B, C], decisions) == ()
    assert prevailing(C, [A, B, C], decisions) == (A,)


@pytest.mark.parametrize(
    "circle",
    [
        pytest.param({("a", "b"), ("b", "a")}, id="each over the other"),
        pytest.param({("a", "b"), ("b", "c"), ("c", "a")}, id="a circle of three"),
    ],
)
def test_decisions_in_a_circle_settle_nothing(circle):
    decisions = Decisions(prevails=frozenset(circle))
    for rule in (A, B, C):
        assert set(rivals(rule, [A, B, C], decisions)) == {A, B, C} - {rule}


def test_a_principle_that_prevails_by_decision_and_a_circle_with_what_it_yields_to_leave_all_undecided():
    principle = made("p", years=1)
    decisions = Decisions(prevails=frozenset({("p", "a"), ("a", "b")}))
    here = [A, made("b", years=5, activities=frozenset({"x"})), principle]
    assert all(rivals(rule, here, decisions) for rule in here)


def test_a_decision_lets_a_principle_prevail():
    principle = made("p", years=1)
    decisions = Decisions(prevails=frozenset({("p", "a")}))
    assert prevailing(A, [A, principle], decisions) == (principle,)
    assert prevailing(principle, [A, principle], decisions) == ()


def test_a_rule_without_dates_yields_to_nobody():
    criterion = made("o", Kind.CRITERION, activities=frozenset("x"))
    assert prevailing(criterion, [A, criterion], NOTHING_DECIDED) == ()


def test_two_principles_contradict_each_other_in_an_activity_that_no_rule_names():
    one, other = made("p"), made("o", years=5)
    assert rivals(one, [one, other, A], NOTHING_DECIDED, activities=frozenset({"z"})) == (other,)
    assert rivals(one, [one, other, A], NOTHING_DECIDED, activities=frozenset({"x"})) == ()


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        pytest.param(NOTHING_DECIDED, Status.CONFLICT, id="rivals"),
        pytest.param(
            Decisions(prevails=frozenset({("a", "b")})),
            CutOff("a", ("termination",), Combination.LATEST, date(2022, 5, 1)),
            id="settled",
        ),
    ],
)
def test_a_target_executes_nothing_while_its_rule_has_rivals(decisions, expected):
    assert cut_off_among(A, [A, B], decisions, as_of=date(2025, 5, 2)) == expected


def test_a_rule_that_cannot_execute_says_so_before_its_rivals():
    criterion = made("o", Kind.CRITERION, activities=frozenset("x"))
    assert cut_off_among(criterion, [A, criterion], NOTHING_DECIDED, as_of=date(2025, 5, 2)) is Status.NOT_EXECUTABLE


def test_data_set_apart_do_not_quarrel_with_the_rule_that_gives_them_a_period():
    named = {"activities": frozenset("x"), "data": frozenset({"x.1"})}
    period, silence = made("period", years=5, **named), made("silence", Kind.UNSPECIFIED, **named)
    decisions = Decisions(prevails=frozenset({("period", "a")}))
    scope = {"activities": frozenset("x"), "data": frozenset({"x.1"})}
    assert rivals(period, [A, period, silence], decisions, **scope) == ()
    assert set(rivals(A, [A, period, silence], NOTHING_DECIDED, **scope)) == {period, silence}


def test_two_rules_that_both_apply_are_no_rivals_and_keep_nothing_from_each_other():
    rules = rules_in("sistec")
    both = Decisions(both=frozenset({frozenset({"fin-de-prestation", "demande-du-responsable"})}))
    for ref in ("fin-de-prestation", "demande-du-responsable"):
        assert rivals(rules[ref], rules.values(), both) == ()
        assert prevailing(rules[ref], rules.values(), both) == ()
