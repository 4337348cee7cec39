"""The published JSON Schema is the one the loader uses, and every example obeys it."""

import json
from pathlib import Path

import jsonschema
import pytest

from editions.form import all_sections
from editions.schema import schema
from foundation.database.guards import register_models
from register.models import Answer, Citation, Mark, PolicyText
from tests.conftest import SLUGS, example

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


def test_the_published_schema_is_up_to_date():
    published = json.loads((DOCS / "register.schema.json").read_text(encoding="utf-8"))
    assert published == schema(), "run: manage.py write_schema docs/register.schema.json"


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("slug", SLUGS)
def test_an_example_obeys_the_schema(slug):
    jsonschema.validate(example(slug).form, schema())


def test_every_model_of_a_register_has_its_section():
    beside = {Answer, Citation, Mark, PolicyText}  # notes stand in their entry; texts are never part of the form
    assert {section.model for section in all_sections()} == set(register_models()) - beside


def test_every_section_and_every_field_is_filled_by_an_example():
    filled: dict[str, set[str]] = {section.name: set() for section in all_sections()}

    def walk(sections, form):
        for section in sections:
            for row in form.get(section.name, []):
                filled[section.name] |= set(row) | set(row.get("answers", {}))
                walk(section.children, row)

    for slug in SLUGS:
        from editions.form import SECTIONS

        walk(SECTIONS, example(slug).form)
    holes = {
        section.name: missing
        for section in all_sections()
        if (missing := {field.name for field in section.fields} - filled[section.name])
    }
    assert holes == {}
