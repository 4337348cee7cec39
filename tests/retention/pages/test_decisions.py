"""What the policy leaves open: every date beside the others, decided with a reason, withdrawn, never rewritten."""

from datetime import date

import pytest

from register.models import DataItem, ProcessingActivity
from retention.models import Decision, NotExecutable, StartEvent
from tests.conftest import signed_in
from tests.office.conftest import listing, page
from tests.retention.pages.world import act, rule_of

ON = "?data_collection=2020-01-31&termination=2022-03-10"


@pytest.fixture
def undecided(acme):
    """A rule that counts from one of two events, the policy does not say which."""
    rule = rule_of(acme, combination="undetermined")
    StartEvent.objects.create(register=acme, rule=rule, event="data_collection")
    return rule


@pytest.fixture
def rivals(acme):
    """Two rules of one activity and its data, with other dates."""
    activity = ProcessingActivity.objects.create(register=acme, ref="A1", name="Comptes", role="controller")
    item = DataItem.objects.create(register=acme, ref="d", activity=activity, name="adresse", category="contact")
    three, one = rule_of(acme, ref="trois-ans"), rule_of(acme, ref="un-an", duration="P1Y")
    for rule in (three, one):
        rule.activities.add(activity)
        rule.data_items.add(item)
    return three, one


def dates(office, rule, query=ON):
    shown = office.get(act(rule, "decide") + query).context["dates"]
    return [(one.rule.ref, reading.due_on) for one in shown for reading in one.readings]


def test_both_readings_are_dated_for_days_that_one_may_choose(office, undecided):
    assert dates(office, undecided) == [("clients", date(2023, 1, 31)), ("clients", date(2025, 3, 10))]
    assert office.get(act(undecided, "decide")).status_code == 200
    assert office.get(act(undecided, "decide") + "?termination=never").status_code == 200


def test_rivals_are_dated_side_by_side(office, rivals):
    three, one = rivals
    assert dates(office, three) == [("trois-ans", date(2025, 3, 10)), ("un-an", date(2023, 3, 10))]
    assert dates(office, one) == [("un-an", date(2023, 3, 10)), ("trois-ans", date(2025, 3, 10))]


def test_a_decision_is_taken_with_a_reason_and_can_be_withdrawn(office, dpo, undecided):
    address = act(undecided, "decide")
    office.post(address, {"kind": "combination", "choice": "latest", "reason": " "})
    assert not Decision.objects.exists()
    office.post(address, {"kind": "combination", "choice": "latest", "reason": "avis du 3 mars"})
    decision = Decision.objects.get()
    assert (decision.choice, decision.decided_by, decision.reason) == ("latest", dpo, "avis du 3 mars")
    assert dates(office, undecided) == [("clients", date(2025, 3, 10))]
    assert act(undecided, "decide") not in office.get(listing(Decision)).content.decode()
    assert office.get(page(decision, "delete")).status_code == 403
    office.post(act(decision, "withdraw"))
    assert len(dates(office, undecided)) == 2
    assert act(undecided, "decide") in office.get(listing(Decision)).content.decode()


@pytest.mark.parametrize(("choice", "winner"), [("prevails", "trois-ans"), ("yields", "un-an")])
def test_either_rival_may_prevail(office, rivals, choice, winner):
    three, one = rivals
    sent = {"kind": "precedence", "choice": choice, "over": one.pk, "reason": "r"}
    office.post(act(three, "decide"), sent)
    decision = Decision.objects.get()
    assert decision.rule.ref == winner
    assert {decision.rule, decision.over} == {three, one}
    assert list(office.get(act(three, "decide")).context["shown"].questions) == []


def test_an_answer_to_another_question_is_refused_in_words(office, undecided):
    sent = {"kind": "moment", "choice": "latest", "reason": "r"}
    response = office.post(act(undecided, "decide"), sent, follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert not Decision.objects.exists()


def test_strangers_neither_see_nor_decide(stranger, acme, undecided):
    client = signed_in(stranger)
    assert client.get(act(undecided, "decide")).status_code == 404
    assert client.post(act(undecided, "decide"), {"reason": "r"}).status_code == 404
    assert "clients" not in client.get(listing(Decision)).context["waiting"]


def test_a_rule_is_said_to_be_beyond_any_job(office, rule):
    office.post(listing(NotExecutable, "add"), {"rule": rule.pk, "reason": "dossiers papier"})
    assert NotExecutable.objects.get().rule == rule
    assert "dossiers papier" in office.get(act(rule, "decide")).content.decode()


def test_a_policy_that_does_not_say_what_becomes_of_the_data_leaves_it_to_a_person(office, acme):
    rule = rule_of(acme, action="")
    (question,) = office.get(act(rule, "decide")).context["shown"].questions
    assert [choice for choice, _words in question.answers] == ["erase", "anonymise"]
    office.post(act(rule, "decide"), {"kind": "fate", "choice": "erase", "reason": "r"})
    assert office.get(act(rule, "decide")).context["shown"].questions == ()


def test_both_rivals_may_apply(office, rivals):
    three, one = rivals
    sent = {"kind": "precedence", "choice": "both", "over": one.pk, "reason": "r"}
    office.post(act(three, "decide"), sent)
    assert Decision.objects.get().choice == "both"
    assert office.get(act(one, "decide")).context["shown"].questions == ()
