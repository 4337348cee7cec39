"""Which steps keep a promise, and where a person has to choose."""

import pytest

from clocks.durations import Duration
from clocks.kinds import Kind
from clocks.terms import Term
from retention.due import Decisions, Rule
from retention.mapping import Step
from retention.models import Decision, RetentionRule
from retention.steps import may_run, steps

ERASING = {Step.ERASE, Step.SUPPRESSION_LIST}


def ending(action):
    return Rule("r", Term(Kind.EXACT, duration=Duration(years=3)), starts=("payment",), action=action)


@pytest.mark.parametrize(
    ("action", "choice", "allowed", "must_choose"),
    [
        pytest.param("erase", "", ERASING, False, id="erase"),
        pytest.param("destroy", "", ERASING, False, id="destroy"),
        pytest.param("anonymise", "", {Step.ANONYMISE}, False, id="anonymise"),
        pytest.param("erase_or_anonymise", "", ERASING | {Step.ANONYMISE}, True, id="nobody has chosen"),
        pytest.param("erase_or_anonymise", "erase", ERASING, False, id="erasing chosen"),
        pytest.param("erase_or_anonymise", "anonymise", {Step.ANONYMISE}, False, id="anonymising chosen"),
        pytest.param("erase_or_anonymise", "return", ERASING | {Step.ANONYMISE}, True, id="a choice not offered"),
        pytest.param("erase_or_return", "return", {Step.RETURN_THEN_DESTROY}, False, id="returning chosen"),
        pytest.param("erase_or_return", "", ERASING | {Step.RETURN_THEN_DESTROY}, True, id="erase or return"),
        pytest.param("return", "", {Step.RETURN_THEN_DESTROY}, False, id="return"),
        pytest.param("return_then_destroy", "", {Step.RETURN_THEN_DESTROY}, False, id="return, then destroy"),
        pytest.param("change_state", "", {Step.LIMIT_ACCESS, Step.ARCHIVE}, False, id="the state changes"),
        pytest.param("", "", ERASING | {Step.ANONYMISE}, True, id="nothing said"),
        pytest.param("", "erase", ERASING, False, id="nothing said, erasing chosen"),
        pytest.param("erase", "anonymise", ERASING, False, id="a choice does not change what the text says"),
    ],
)
def test_an_action_allows_the_steps_that_keep_it(action, choice, allowed, must_choose):
    found = steps(ending(action), Decisions(fate={"r": choice} if choice else {}))
    assert (found.allowed, found.must_choose) == (allowed, must_choose)


@pytest.mark.parametrize("action", ["", *RetentionRule.Action.values])
def test_every_action_and_every_choice_is_known(action):
    assert steps(ending(action), Decisions()).allowed
    for choice in Decision.CHOICES[Decision.Kind.FATE]:
        assert steps(ending(action), Decisions(fate={"r": choice})).allowed


def test_a_step_runs_once_the_choice_is_made_and_access_may_be_limited_before():
    rule = ending("erase_or_anonymise")
    assert not may_run(Step.ERASE, rule, Decisions())
    assert may_run(Step.ERASE, rule, Decisions(fate={"r": "erase"}))
    assert not may_run(Step.ANONYMISE, rule, Decisions(fate={"r": "erase"}))
    assert may_run(Step.ARCHIVE, rule, Decisions())
    assert not may_run(Step.ERASE, ending("change_state"), Decisions())
