"""Every example survives the way from file to rows and back; the number of queries is that of the models."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from editions.dump import canonical, canonical_json, digest
from editions.load import load
from editions.reading import read
from editions.yaml_text import write
from foundation.models import Register
from register.models import DataItem, ProcessingActivity, Statement
from tests.conftest import SLUGS, example, example_text

pytestmark = pytest.mark.django_db
STATEMENTS = {"vistory-sesame": 67, "live-session": 109, "sistec": 318, "urbs-imope": 110, "sofacto": 98}


@pytest.fixture(scope="module")
def loaded(kept):
    """The five examples, loaded once; ask for one by its short name."""
    for slug in SLUGS:
        kept(lambda slug=slug: load(example(slug)))
    return lambda slug: Register.objects.get(slug=slug)


@pytest.mark.parametrize("slug", SLUGS)
def test_dumping_what_was_loaded_gives_the_file_back(loaded, slug):
    assert write(canonical(loaded(slug))) == example_text(slug)


@pytest.mark.parametrize("slug", SLUGS)
def test_loading_what_was_dumped_gives_the_register_back(loaded, slug):
    register = loaded(slug)
    before = canonical(register)
    again = load(read(canonical_json(before)), replace=True)
    assert again.pk == register.pk
    assert canonical(again) == before


@pytest.mark.parametrize(("slug", "count"), STATEMENTS.items())
def test_every_statement_of_the_policy_is_held(loaded, slug, count):
    assert Statement.objects.filter(register=loaded(slug)).count() == count


def test_the_number_of_queries_does_not_grow_with_the_register(loaded):
    register = loaded("vistory-sesame")
    canonical(register)  # content types are read once per process
    with CaptureQueriesContext(
        connection,
    ) as before:
        small = canonical(register)
    for number in range(40):
        activity = ProcessingActivity.objects.create(register=register, ref=f"X{number}", name="…", role="controller")
        DataItem.objects.create(register=register, activity=activity, ref=f"X{number}.d", name="…", category="other")
    with CaptureQueriesContext(connection) as after:
        large = canonical(register)
    assert len(large["activities"]) == len(small["activities"]) + 40
    assert len(after) == len(before)


def test_the_same_content_has_the_same_hash(loaded):
    register = loaded("vistory-sesame")
    first = digest(canonical_json(canonical(register)))
    load(read(example_text("vistory-sesame")), replace=True)
    assert digest(canonical_json(canonical(register))) == first
