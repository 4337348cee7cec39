"""What becomes of a record: the dates of real policies, holds, the law, rules that meet."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clocks.durations import Duration
from clocks.kinds import Kind
from clocks.readings import Combination
from clocks.terms import Term
from retention.assessing import assess
from retention.due import CutOff, Decisions, Moment, Rule, Status, cut_off
from retention.readings import CONTACT, Direction, Event
from retention.records import Document, Hold, Record
from retention.rivals import cut_off_among, prevailing
from tests.retention.registers import rules_in

NOTHING_DECIDED = Decisions()
URBS, SOFACTO, SESAME, LIVE = (
    tuple(rules_in(slug).values()) for slug in ("urbs-imope", "sofacto", "vistory-sesame", "live-session")
)
LATEST = Decisions(combination={"prospect": Combination.LATEST})
EARLIEST = Decisions(combination={"prospect": Combination.EARLIEST})

PROSPECT = Record(
    state="prospect",
    activities=frozenset({"A4.6"}),
    events=(
        Event("data_collection", date(2021, 3, 10)),
        Event(CONTACT, date(2022, 5, 1), Direction.INBOUND),
        Event(CONTACT, date(2024, 1, 15), Direction.OUTBOUND),
        Event(CONTACT, date(2024, 9, 3), Direction.OUTBOUND),
    ),
)


def changed(record, **fields):
    return Record(**{name: getattr(record, name) for name in record.__slots__} | fields)


def only(items):
    [item] = items
    return item


# T-01, T-05


@pytest.mark.parametrize(
    ("decisions", "as_of", "status"),
    [
        pytest.param(NOTHING_DECIDED, date(2025, 5, 2), Status.UNDECIDED, id="nobody has decided, however late"),
        pytest.param(LATEST, date(2025, 5, 1), Status.NOT_YET, id="latest: the last day of keeping"),
        pytest.param(LATEST, date(2025, 5, 2), Status.DUE, id="latest: the next day"),
        pytest.param(EARLIEST, date(2024, 3, 10), Status.NOT_YET, id="earliest: the last day of keeping"),
        pytest.param(EARLIEST, date(2024, 3, 11), Status.DUE, id="earliest: the next day"),
    ],
)
def test_t_01_mailings_do_not_rearm_the_clock_and_the_reading_is_a_decision(decisions, as_of, status):
    found = assess(URBS, PROSPECT, decisions, as_of=as_of)
    assert found.status is status
    assert only(found.data).rules == ("prospect",)


def test_t_01_both_readings_are_dated_while_nobody_has_decided():
    found = assess(URBS, PROSPECT, NOTHING_DECIDED, as_of=date(2023, 1, 1))
    readings = only(found.rules).readings
    assert [(each.due_on, each.goes_on, each.start.event, each.start.reading) for each in readings] == [
        (date(2024, 3, 10), date(2024, 3, 11), "data_collection", Combination.EARLIEST),
        (date(2025, 5, 1), date(2025, 5, 2), "last_inbound_contact", Combination.LATEST),
    ]
    assert only(found.data).due_on is None


@pytest.mark.parametrize(
    ("as_of", "overdue"),
    [
        pytest.param(date(2025, 5, 2), False, id="the day it goes"),
        pytest.param(date(2025, 5, 3), True, id="a day late"),
    ],
)
def test_what_should_have_gone_before_is_overdue(as_of, overdue):
    assert assess(URBS, PROSPECT, LATEST, as_of=as_of).is_overdue is overdue


DISPUTE = Hold(date(2025, 4, 1), date(2025, 9, 15))


@pytest.mark.parametrize(
    ("holds", "as_of", "status", "due_on", "goes_on"),
    [
        pytest.param([DISPUTE], date(2025, 3, 31), Status.NOT_YET, date(2025, 5, 1), date(2025, 5, 2), id="not opened"),
        pytest.param([DISPUTE], date(2025, 4, 1), Status.HELD, None, None, id="opened"),
        pytest.param([DISPUTE], date(2025, 9, 14), Status.HELD, None, None, id="the day before its release"),
        pytest.param(
            [DISPUTE], date(2025, 9, 15), Status.DUE, date(2025, 9, 15), date(2025, 9, 15), id="on the day of release"
        ),
        pytest.param([Hold(date(2025, 4, 1))], date(2031, 1, 1), Status.HELD, None, None, id="not released yet"),
        pytest.param(
            [Hold(date(2024, 1, 1), date(2025, 2, 1))], date(2025, 5, 1), Status.NOT_YET, date(2025, 5, 1),
            date(2025, 5, 2), id="a release before the date changes nothing",
        ),
        pytest.param(
            [Hold(date(2024, 1, 1), date(2025, 5, 1))], date(2025, 5, 1), Status.NOT_YET, date(2025, 5, 1),
            date(2025, 5, 2), id="nor one on the last day of keeping",
        ),
        pytest.param(
            [DISPUTE, Hold(date(2025, 5, 1))], date(2025, 10, 1), Status.HELD, None, None, id="one of two lasts",
        ),
        pytest.param(
            [Hold(date(2025, 4, 1), rules=frozenset({"cookies"}))], date(2025, 5, 2), Status.DUE, date(2025, 5, 1),
            date(2025, 5, 2), id="a hold on another rule",
        ),
        pytest.param(
            [Hold(date(2025, 4, 1), activities=frozenset({"A4.1"}))], date(2025, 5, 2), Status.DUE, date(2025, 5, 1),
            date(2025, 5, 2), id="a hold on another activity",
        ),
        pytest.param(
            [Hold(date(2025, 4, 1), rules=frozenset({"prospect"}))], date(2025, 5, 2), Status.HELD, None, None,
            id="a hold on the rule",
        ),
    ],
)  # fmt: skip
def test_t_05_a_dispute_holds_and_its_end_makes_due_at_once(holds, as_of, status, due_on, goes_on):
    found = assess(URBS, changed(PROSPECT, holds=tuple(holds)), LATEST, as_of=as_of)
    assert found.status is status
    datum = only(found.data)
    assert (datum.due_on, datum.goes_on) == (due_on, goes_on)
    assert bool(datum.holds) is (status is Status.HELD)


def test_under_a_hold_the_dates_of_the_rule_are_still_shown():
    held = changed(PROSPECT, holds=(DISPUTE,))
    assert only(assess(URBS, held, LATEST, as_of=date(2025, 6, 1)).rules).readings[0].due_on == date(2025, 5, 1)


# T-02, T-04


def test_t_02_an_open_contract_has_no_date_and_its_end_selects_other_rules():
    active = Record(state="client-actif", activities=frozenset({"A4.7"}))
    found = assess(URBS, active, NOTHING_DECIDED, as_of=date(2030, 1, 1))
    assert (found.status, only(found.rules).awaits) == (Status.OPEN, ("contract_end",))
    assert only(found.data).due_on is None
    ended = changed(active, events=(Event("contract_end", date(2024, 6, 30)),))
    found = assess(URBS, ended, NOTHING_DECIDED, as_of=date(2024, 7, 1))
    assert (found.status, only(found.data).due_on) == (Status.DUE, date(2024, 6, 30))
    assert only(found.rules).rule.action == "change_state"
    inactive = changed(ended, state="client-inactif")
    assert assess(URBS, inactive, NOTHING_DECIDED, as_of=date(2024, 7, 1)).status is Status.UNCOVERED


def test_t_04_usage_data_of_an_inactive_client_is_uncovered_and_stays():
    record = Record(
        state="client-inactif",
        data={"A4.1.interactions": frozenset({"A4.1"}), "A4.8.contact": frozenset({"A4.8"})},
        events=(Event("unsubscription", date(2020, 1, 1)), Event("contract_end", date(2019, 6, 30))),
    )
    decided = Decisions(combination={"client-inactif": Combination.LATEST})
    found = assess(URBS, record, decided, as_of=date(2026, 1, 1))
    assert {fate.data: fate.status for fate in found.data} == {
        "A4.1.interactions": Status.UNCOVERED,
        "A4.8.contact": Status.DUE,
    }
    assert [fate.data for fate in found.goes] == ["A4.8.contact"]
    beside = {verdict.rule.ref: verdict.status for verdict in found.rules}
    assert beside == {
        "client-inactif": Status.DUE, "principe": Status.NOT_EXECUTABLE, "besoins": Status.NOT_EXECUTABLE,
    }  # fmt: skip


# T-07


FORMER_CLIENT = Record(
    state="ancien-client",
    data={"A5.5.rib": frozenset({"A5.5"}), "A5.5.factures": frozenset({"A5.5"})},
    events=(Event("contract_end", date(2024, 2, 29)),),
    documents=(Document("invoice", date(2023, 11, 30), data="A5.5.factures"),),
)


@pytest.mark.parametrize(
    ("as_of", "bank_details", "invoices"),
    [
        pytest.param(date(2027, 2, 28), Status.NOT_YET, Status.NOT_YET, id="the last day of keeping"),
        pytest.param(date(2027, 3, 1), Status.DUE, Status.KEPT_BY_LAW, id="the law keeps the invoices"),
        pytest.param(date(2033, 12, 31), Status.DUE, Status.KEPT_BY_LAW, id="the last day of the law"),
        pytest.param(date(2034, 1, 1), Status.DUE, Status.DUE, id="nothing keeps them"),
    ],
)
def test_t_07_a_contract_that_ends_on_29_february_and_invoices_that_the_law_keeps(as_of, bank_details, invoices):
    found = assess(SOFACTO, FORMER_CLIENT, NOTHING_DECIDED, as_of=as_of)
    assert [fate.status for fate in found.data] == [bank_details, invoices]
    assert found.data[0].due_on == date(2027, 2, 28)
    [verdict] = [each for each in found.rules if each.rule.ref == "client-apres-contrat"]
    assert verdict.readings[0].due_on == date(2027, 2, 28)
    assert verdict.rule.purposes >= {"A5.11.recontact", "A5.11.offres"}


def test_the_date_of_the_law_and_its_text_are_shown():
    found = assess(SOFACTO, FORMER_CLIENT, NOTHING_DECIDED, as_of=date(2027, 3, 1))
    invoices = found.data[1]
    assert (invoices.due_on, invoices.goes_on) == (date(2033, 12, 31), date(2034, 1, 1))
    assert only(invoices.law).until == date(2033, 12, 31)
    assert "L123-22" in only(invoices.law).reference
    assert found.stays == (invoices,)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(
            changed(FORMER_CLIENT, documents=(Document("invoice", None, data="A5.5.factures"),)), id="undated"
        ),
        pytest.param(changed(FORMER_CLIENT, data={}, activities=frozenset({"A5.5"})), id="data not told apart"),
    ],
)
def test_a_document_that_cannot_be_dated_or_told_apart_stays(record):
    found = assess(SOFACTO, record, NOTHING_DECIDED, as_of=date(2028, 1, 1))
    assert found.data[-1].status is Status.KEPT_BY_LAW


def test_the_fiscal_year_of_the_organisation_dates_the_law():
    found = assess(SOFACTO, FORMER_CLIENT, NOTHING_DECIDED, as_of=date(2030, 1, 1), fiscal_year_ends=(6, 30))
    assert found.data[1].due_on == date(2034, 6, 30)


def test_the_principle_of_the_register_stands_beside_until_it_says_otherwise_of_the_record():
    found = assess(SOFACTO, FORMER_CLIENT, NOTHING_DECIDED, as_of=date(2026, 1, 1))
    assert {each.rule.ref: each.status for each in found.rules}["principe"] is Status.OPEN
    useless = changed(FORMER_CLIENT, events=(*FORMER_CLIENT.events, Event("no_longer_useful", date(2025, 6, 1))))
    assert assess(SOFACTO, useless, NOTHING_DECIDED, as_of=date(2025, 6, 1)).status is Status.NOT_YET
    assert assess(SOFACTO, useless, NOTHING_DECIDED, as_of=date(2025, 6, 2)).status is Status.CONFLICT
    settled = Decisions(prevails=frozenset({("client-apres-contrat", "principe")}))
    found = assess(SOFACTO, useless, settled, as_of=date(2025, 6, 2))
    assert found.status is Status.NOT_YET
    assert {each.rule.ref: each.status for each in found.rules}["principe"] is Status.KEPT_BY_RULE
    assert assess(SOFACTO, useless, NOTHING_DECIDED, as_of=date(2027, 3, 1)).goes


# T-19, S2


def test_t_19_a_subscription_without_end_and_with_one_and_the_invoices_in_conflict():
    subscriber = Record(data={"A1.1.identite": frozenset({"A1.1"}), "A1.2.pieces": frozenset({"A1.2"})})
    found = assess(SESAME, subscriber, NOTHING_DECIDED, as_of=date(2026, 1, 1))
    assert [fate.status for fate in found.data] == [Status.OPEN, Status.OPEN]
    ended = changed(subscriber, events=(Event("subscription_end", date(2025, 6, 30)),))
    found = assess(SESAME, ended, NOTHING_DECIDED, as_of=date(2025, 7, 1))
    assert [(fate.data, fate.status, fate.due_on) for fate in found.data] == [
        ("A1.1.identite", Status.DUE, date(2025, 6, 30)),
        ("A1.2.pieces", Status.CONFLICT, None),
    ]
    verdict = found.rules[0]
    assert (verdict.status, verdict.rivals) == (Status.CONFLICT, ("preuves-de-transaction",))
    assert verdict.readings[0].due_on == date(2025, 6, 30)


TERMINATED = Record(
    activities=frozenset({"A2.1"}),
    events=(Event("termination", date(2024, 1, 31)), Event("services_end", date(2024, 3, 31))),
)


def test_four_rules_in_conflict_are_all_dated_and_execute_nothing():
    found = assess(LIVE, TERMINATED, NOTHING_DECIDED, as_of=date(2040, 1, 1))
    assert found.status is Status.CONFLICT
    assert only(found.data).due_on is None
    assert {each.rule.ref: [reading.due_on for reading in each.readings] for each in found.rules} == {
        "fin-de-relation": [],
        "resiliation-trois-ans": [date(2027, 1, 31), date(2027, 1, 31)],
        "donnees-clients-soixante-jours": [date(2024, 3, 31)],
        "fin-des-prestations-douze-mois": [date(2025, 3, 31)],
    }
    assert {each.rule.ref: each.status for each in found.rules}["fin-de-relation"] is Status.OPEN


def test_within_and_after_are_both_dated_until_a_person_decides():
    found = assess(LIVE, TERMINATED, NOTHING_DECIDED, as_of=date(2026, 1, 1))
    [verdict] = [each for each in found.rules if each.rule.ref == "resiliation-trois-ans"]
    assert [(each.moment, each.goes_on) for each in verdict.readings] == [
        (Moment.WITHIN, date(2027, 1, 31)),
        (Moment.AFTER, date(2027, 2, 1)),
    ]


@pytest.mark.parametrize(
    ("moment", "as_of", "status"),
    [
        pytest.param({}, date(2027, 2, 1), Status.UNDECIDED, id="the reading is still open"),
        pytest.param(Moment.WITHIN, date(2027, 1, 30), Status.NOT_YET, id="within: the day before"),
        pytest.param(Moment.WITHIN, date(2027, 1, 31), Status.DUE, id="within: the last day allowed"),
        pytest.param(Moment.AFTER, date(2027, 1, 31), Status.NOT_YET, id="after: not on the last day"),
        pytest.param(Moment.AFTER, date(2027, 2, 1), Status.DUE, id="after: the day after"),
    ],
)
def test_a_recorded_decision_between_rules_is_carried_out(moment, as_of, status):
    winner = "resiliation-trois-ans"
    others = {"fin-de-relation", "donnees-clients-soixante-jours", "fin-des-prestations-douze-mois"}
    decisions = Decisions(
        moment={winner: moment} if moment else {}, prevails=frozenset((winner, other) for other in others)
    )
    found = assess(LIVE, TERMINATED, decisions, as_of=as_of)
    assert found.status is status
    assert only(found.data).rules == (winner,)
    kept = {each.rule.ref: each.status for each in found.rules}["donnees-clients-soixante-jours"]
    assert kept is Status.KEPT_BY_RULE


# Rules on different activities


def made(ref, years, activities, **fields):
    term = Term(Kind.EXACT, duration=Duration(years=years))
    return Rule(ref, term, starts=("contract_end",), activities=frozenset(activities), **fields)


SALES, SUPPORT = made("sales", 3, {"sales"}), made("support", 5, {"support"})
SHARED = Record(
    data={"email": frozenset({"sales", "support"}), "basket": frozenset({"sales"})},
    events=(Event("contract_end", date(2020, 1, 1)),),
)


def test_what_two_activities_share_stays_until_both_are_over_and_only_the_difference_goes():
    found = assess([SALES, SUPPORT], SHARED, NOTHING_DECIDED, as_of=date(2024, 1, 1))
    assert {fate.data: fate.status for fate in found.data} == {"email": Status.KEPT_BY_RULE, "basket": Status.DUE}
    email = found.data[0]
    assert (email.kept_by, email.due_on) == (("support",), date(2025, 1, 1))
    assert [fate.data for fate in found.goes] == ["basket"]
    found = assess([SALES, SUPPORT], SHARED, NOTHING_DECIDED, as_of=date(2025, 1, 2))
    assert {fate.status for fate in found.data} == {Status.DUE}


@pytest.mark.parametrize(
    ("other", "status"),
    [
        pytest.param(None, Status.UNCOVERED, id="no rule says when the other activity is over"),
        pytest.param(
            Rule("o", Term(Kind.UNTIL_EVENT, event="termination"), activities=frozenset({"support"})),
            Status.KEPT_BY_RULE, id="the other one waits for an event",
        ),
        pytest.param(
            Rule("o", Term(Kind.BY_REFERENCE), activities=frozenset({"support"})), Status.KEPT_BY_RULE,
            id="another document says when the other one is over",
        ),
        pytest.param(
            Rule("o", SUPPORT.term, starts=("contract_end", "data_collection"), activities=frozenset({"support"})),
            Status.UNDECIDED, id="nobody has decided on the other one",
        ),
    ],
)  # fmt: skip
def test_shared_data_stay_while_the_other_activity_is_not_certainly_over(other, status):
    rules = [SALES] if other is None else [SALES, other]
    found = assess(rules, SHARED, NOTHING_DECIDED, as_of=date(2060, 1, 1))
    assert found.data[0].status is status
    assert found.data[0].goes_on is None
    assert found.data[1].status is Status.DUE


def test_a_datum_that_waits_in_two_activities_has_a_date_only_if_both_have():
    found = assess([SALES, SUPPORT], SHARED, NOTHING_DECIDED, as_of=date(2021, 1, 1))
    assert (found.data[0].status, found.data[0].due_on) == (Status.NOT_YET, date(2025, 1, 1))


def test_a_record_of_unknown_activity_waits_for_every_rule():
    found = assess([SALES, SUPPORT], Record(events=SHARED.events), NOTHING_DECIDED, as_of=date(2060, 1, 1))
    assert found.status is Status.CONFLICT


def test_a_record_that_no_rule_covers_is_uncovered():
    found = assess([SALES], Record(activities=frozenset({"hr"})), NOTHING_DECIDED, as_of=date(2060, 1, 1))
    assert (found.status, found.rules) == (Status.UNCOVERED, ())


def test_a_period_set_elsewhere_is_not_executable():
    rule = Rule("clause", Term(Kind.BY_REFERENCE), activities=frozenset({"sales"}))
    found = assess([rule], Record(activities=frozenset({"sales"})), NOTHING_DECIDED, as_of=date(2060, 1, 1))
    assert (found.status, only(found.rules).why_undated) == (Status.NOT_EXECUTABLE, "by_reference")


def test_data_of_which_the_text_only_says_that_they_are_kept_are_uncovered():
    rule = Rule("kept", Term(Kind.UNSPECIFIED), activities=frozenset({"sales"}), data=frozenset({"orders"}))
    record = Record(data={"orders": frozenset({"sales"})})
    assert assess([rule], record, NOTHING_DECIDED, as_of=date(2060, 1, 1)).status is Status.UNCOVERED


# The record in memory and the row elsewhere


EVENTS = ("contract_end", "data_collection", "last_inbound_contact")
EVENT_DAYS = st.dates(date(2019, 12, 25), date(2024, 3, 5)) | st.sampled_from([date(2020, 2, 29), date(2024, 2, 29)])
NAMES = st.frozensets(st.sampled_from("xy"), max_size=1)


@st.composite
def rules_made(draw, ref="r"):
    kind = draw(
        st.sampled_from(
            [Kind.EXACT, Kind.AT_MOST, Kind.AT_LEAST, Kind.STRICTLY_LESS_THAN, Kind.UNTIL_EVENT, Kind.CRITERION]
        )
    )
    duration = Duration(months=draw(st.integers(1, 30))) if kind not in {Kind.UNTIL_EVENT, Kind.CRITERION} else None
    return Rule(
        ref,
        Term(kind, duration=duration, event="contract_end" if kind is Kind.UNTIL_EVENT else None),
        starts=tuple(draw(st.lists(st.sampled_from(EVENTS), max_size=3))),
        combination=draw(st.sampled_from([None, *Combination])),
        is_within_or_after=draw(st.booleans()),
        activities=draw(NAMES),
    )  # fmt: skip


def decided(refs):
    return st.builds(
        Decisions,
        combination=st.dictionaries(st.sampled_from(refs), st.sampled_from([Combination.LATEST, Combination.EARLIEST])),
        moment=st.dictionaries(st.sampled_from(refs), st.sampled_from(Moment)),
        prevails=st.frozensets(st.tuples(st.sampled_from(refs), st.sampled_from(refs)), max_size=2),
    )


HAPPENED = st.dictionaries(st.sampled_from(EVENTS), EVENT_DAYS)
TODAY = st.dates(date(2020, 1, 1), date(2027, 1, 1)) | st.sampled_from([date(2024, 2, 29), date(2023, 2, 28)])


def selects(found, days):
    """Whether a statement that compares event columns with this cut-off would select the row."""
    if not isinstance(found, CutOff) or found.day is None:
        return False
    known = [days[event] <= found.day for event in found.events if event in days]
    return bool(known) and (any(known) if found.combination is Combination.EARLIEST else all(known))


@given(rule=rules_made(), decisions=decided(["r"]), happened=HAPPENED, as_of=TODAY)
def test_a_record_is_due_exactly_when_a_statement_would_select_its_row(rule, decisions, happened, as_of):
    record = Record(activities=rule.activities, events=tuple(Event(name, on) for name, on in happened.items()))
    found = assess([rule], record, decisions, as_of=as_of)
    assert (found.status is Status.DUE) == selects(cut_off(rule, decisions, as_of=as_of), happened)


@given(
    rules=st.tuples(*(rules_made(ref) for ref in "abc")), decisions=decided(["a", "b", "c"]), happened=HAPPENED,
    as_of=TODAY,
)  # fmt: skip
def test_what_is_due_under_several_rules_is_what_their_targets_would_erase(rules, decisions, happened, as_of):
    record = Record(activities=frozenset("x"), events=tuple(Event(name, on) for name, on in happened.items()))
    found = assess(rules, record, decisions, as_of=as_of)
    on_x = [rule for rule in rules if rule.activities <= {"x"}]
    over = {
        rule.ref: selects(cut_off_among(rule, rules, decisions, as_of=as_of, activities=frozenset("x")), happened)
        for rule in on_x
    }
    erased_by = [
        rule for rule in on_x if over[rule.ref] and all(over[above.ref] for above in prevailing(rule, on_x, decisions))
    ]
    assert (found.status is Status.DUE) == bool(erased_by)


@pytest.mark.parametrize(
    ("ended_on", "asked_on", "goes_on"),
    [
        pytest.param(date(2025, 3, 1), None, date(2025, 3, 2), id="the end alone"),
        pytest.param(date(2025, 3, 1), date(2025, 1, 15), date(2025, 1, 16), id="asked before the end"),
        pytest.param(date(2025, 3, 1), date(2025, 4, 15), date(2025, 3, 2), id="asked after the end"),
    ],
)
def test_where_two_rules_both_apply_the_first_to_be_over_counts(ended_on, asked_on, goes_on):
    both = Decisions(
        both=frozenset({frozenset({"fin-de-prestation", "demande-du-responsable"})}),
        fate={"fin-de-prestation": "return"},
    )
    days = {"services_end": ended_on, "controller_request": asked_on}
    events = tuple(Event(name, on) for name, on in days.items() if on)
    record = Record(activities=frozenset({"P3.1"}), events=events)
    rules = tuple(rules_in("sistec").values())
    assert only(assess(rules, record, both, as_of=date(2024, 1, 1)).data).goes_on == goes_on
    assert assess(rules, record, both, as_of=goes_on).status is Status.DUE
