"""Nothing that a register can hold is lost in print: each field, and what is noted on it, stands in a record."""

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import models

from editions.form import SECTIONS, Section, all_sections
from register.models.duration_field import DurationField
from tests.documents.conftest import page

SPECIAL = {"country": "FR", "text_digest": "d" * 64, "quote_digest": "e" * 64}


class Everything:
    """A register whose every field is filled, with a statement of its own cited for each."""

    def __init__(self) -> None:
        self.tokens: dict[str, tuple[str, str]] = {}
        self.cited: dict[str, tuple[str, str]] = {}
        self.form: dict = {"greffier": 1, "register": {"slug": "x", "name": "X", "language": "fr"}}
        for section in SECTIONS:
            self.form[section.name] = [self.row(section)]
        processor = self.row(next(section for section in SECTIONS if section.name == "activities"), ref="B1")
        processor["role"] = "processor"
        self.form["activities"].append(processor)
        version = self.form["policies"][0]["versions"][0]
        version["statements"] += [{"ref": ref, "kind": "other", "summary": f"Énoncé {ref}."} for ref in self.cited]

    def row(self, section: Section, ref: str = "") -> dict:
        row = {field.name: self.value(section, field) for field in section.fields if field.name != "parent"}
        if ref:
            row["ref"] = ref
        row["cites"] = {}
        for name in section.notable if section.has_notes else ():
            if name == "ref":
                continue  # a name of ours: it rests on no statement
            statement = f"N-{len(self.cited)}"
            self.cited[statement] = (section.name, name)
            row["cites"][name] = [statement]
        for child in section.children:
            row[child.name] = [self.row(child)]
        return {name: value for name, value in row.items() if value is not None}

    def value(self, section: Section, field: models.Field):
        if field.is_relation:
            target = "A1" if field.related_model._meta.model_name == "processingactivity" else self.ref(field)
            return [target] if field.many_to_many else target
        if isinstance(field, ArrayField):
            return [[1, 2]] if field.name == "characters" else [self.value(section, field.base_field)]
        if field.choices:
            return field.flatchoices[0][0]
        if field.name in SPECIAL:
            return SPECIAL[field.name]
        if field.name == "ref":
            return "A1" if section.name == "activities" else f"ref-{section.name}"
        simple = {models.BooleanField: True, models.DateField: "2027-03-01", models.TimeField: "08:30"}
        for kind, value in simple.items():
            if isinstance(field, kind):
                return value
        if isinstance(field, DurationField):
            return "P3Y"
        if isinstance(field, models.CharField | models.TextField):
            token = f"mot-{len(self.tokens)}"
            self.tokens[token] = (section.name, field.name or "item")
            return token
        return 7

    def ref(self, field: models.Field) -> str:
        section = next(section for section in all_sections() if section.model is field.related_model)
        return f"ref-{section.name}"


@pytest.fixture(scope="module")
def printed() -> tuple[Everything, str]:
    everything = Everything()
    return everything, "".join(
        page(everything.form, kind=kind) for kind in ("controller_register", "processor_register")
    )


def test_every_text_that_a_person_can_write_is_printed(printed):
    everything, html = printed
    lost = {place for token, place in everything.tokens.items() if not _stands(token, html)}
    assert sorted(lost) == []


def test_every_citation_is_printed_beside_its_field(printed):
    everything, html = printed
    lost = {place for ref, place in everything.cited.items() if f'href="#{ref}"' not in html}
    assert sorted(lost) == []


def _stands(token: str, html: str) -> bool:
    return any(f"{token}{after}" in html for after in "<,. ;&)\n")
