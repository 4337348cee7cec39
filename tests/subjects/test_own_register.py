"""Greffier's own register: it loads, prints, and each of its retention rules bites or says why it cannot."""

import pytest
from django.utils import timezone

from editions.actions import publish
from editions.dump import canonical
from editions.load import load
from editions.reading import read
from editions.yaml_text import write
from foundation.history import Change
from foundation.models import Register
from office import demo
from retention.grounds import opened
from retention.models import NotExecutable, RetentionRule, RetentionSettings, Target
from retention.planning import Blocked, work_of
from tests.conftest import EXAMPLES
from tests.documents.conftest import page
from tests.examples.test_citations import all_cited, statements

FILE = EXAMPLES / "greffier.yaml"


def form():
    return read(FILE.read_text(encoding="utf-8"), FILE.name).form


@pytest.fixture
def greffier(db) -> Register:
    register = load(read(FILE.read_text(encoding="utf-8"), FILE.name), source=FILE.name)
    demo.bind_own_data()
    return register


def test_binding_its_data_again_changes_nothing(greffier):
    before = Change.objects.count()
    demo.bind_own_data()
    assert Change.objects.count() == before


def test_the_file_says_what_the_register_says(greffier):
    assert write(canonical(greffier)) == FILE.read_text(encoding="utf-8")


def test_every_statement_of_its_policy_is_cited():
    assert {row["ref"] for row in statements(form())} == set(all_cited(form()))


def test_it_can_be_published_and_printed(greffier):
    publish(greffier, actor=None, at=timezone.now())
    for kind in ("controller_register", "privacy_notice"):
        assert "Listes de ce qui a été effacé" in page(form(), kind=kind)


def test_each_retention_rule_bites_or_says_why_no_job_can_carry_it_out(greffier):
    bound = set(Target.objects.filter(register=greffier).values_list("rule__ref", flat=True))
    left_out = set(NotExecutable.objects.filter(register=greffier).values_list("rule__ref", flat=True))
    rules = set(RetentionRule.objects.filter(register=greffier).values_list("ref", flat=True))
    assert bound | left_out == rules
    assert not bound & left_out


def test_its_targets_may_run_as_they_are(greffier):
    RetentionSettings.objects.create(register=greffier)
    for target in Target.objects.with_mapping().filter(register=greffier):
        work = work_of(target, as_of=timezone.localdate())
        assert not isinstance(work, Blocked), (target.name, work)
        with opened(target) as ground:
            ground.refuse(work)
            assert ground.count(work).due == 0
