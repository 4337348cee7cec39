"""The JSON Schema of the canonical form, generated from the sections and the models."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import translation

from editions.form import ANSWER_KINDS, MARK_KINDS, REGISTER_FIELDS, SECTIONS, VERSION, Section
from editions.values import Field, is_reference, is_reference_list, is_required
from foundation.models import Register
from register.models.duration_field import DurationField

DRAFT = "https://json-schema.org/draft/2020-12/schema"
DURATION = r"^P(?=[0-9T])([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
TIME = r"^[0-9]{2}:[0-9]{2}$"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that a register in canonical form obeys; descriptions in English."""
    with translation.override("en"):
        return {
            "$schema": DRAFT,
            "title": "Greffier register",
            "description": "A register of processing activities (GDPR art. 30) in Greffier's canonical form.",
            "type": "object",
            "properties": {
                "greffier": {"description": "Version of the form.", "const": VERSION},
                "register": {
                    "type": "object",
                    "properties": {name: _value(_register_field(name)) for name in REGISTER_FIELDS},
                    "required": ["slug", "name"],
                    "additionalProperties": False,
                },
                **{section.name: _section(section) for section in SECTIONS},
            },
            "required": ["greffier", "register"],
            "additionalProperties": False,
        }


def _register_field(name: str) -> Field:
    field = Register._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field


def _section(section: Section) -> dict[str, Any]:
    properties = {field.name: _field(field) for field in section.fields}
    properties |= {child.name: _section(child) for child in section.children}
    if section.has_notes:
        properties |= _notes(section)
    return {
        "type": "array",
        "description": str(section.description or section.model._meta.verbose_name_plural),
        "items": {
            "type": "object",
            "properties": properties,
            "required": [field.name for field in section.fields if is_required(field)],
            "additionalProperties": False,
        },
    }


def _notes(section: Section) -> dict[str, Any]:
    def by_field(value: dict[str, Any], description: str) -> dict[str, Any]:
        return {
            "type": "object",
            "description": description,
            "propertyNames": {"enum": list(section.notable)},
            "additionalProperties": value,
        }

    return {
        "answers": by_field({"enum": list(ANSWER_KINDS)}, "By field or list: what stands where no value does."),
        "marks": by_field(
            {"type": "array", "items": {"enum": list(MARK_KINDS)}, "minItems": 1, "uniqueItems": True},
            "By field or list: how the policy says it.",
        ),
        "cites": by_field(
            {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
            "By field or list: the statements it rests on.",
        ),
    }


def _field(field: Field) -> dict[str, Any]:
    described = {
        "description": " ".join(filter(None, [str(field.verbose_name).capitalize() + ".", str(field.help_text)]))
    }
    if is_reference_list(field):
        return {**described, "type": "array", "items": _reference(field), "minItems": 1, "uniqueItems": True}
    if is_reference(field):
        return {**described, **_reference(field)}
    return {**described, **_value(field)}


def _reference(field: Field) -> dict[str, Any]:
    return {"type": "string", "x-references": field.related_model._meta.model_name}  # type: ignore[union-attr]


def _value(field: Field) -> dict[str, Any]:
    if isinstance(field, ArrayField):
        size = {"minItems": field.size, "maxItems": field.size} if field.size else {"minItems": 1}
        return {"type": "array", "items": _value(field.base_field), **size}
    if field.choices:
        return {"enum": [value for value, _label in field.flatchoices if value != ""]}
    if isinstance(field, DurationField):
        return {"type": "string", "pattern": DURATION}
    if isinstance(field, models.BooleanField):
        return {"type": "boolean"}
    if isinstance(field, models.IntegerField):
        return {"type": "integer", "minimum": 0}
    if isinstance(field, models.DecimalField):
        return {"type": "number", "minimum": 0}
    if isinstance(field, models.DateField):
        return {"type": "string", "pattern": DATE}
    if isinstance(field, models.TimeField):
        return {"type": "string", "pattern": TIME}
    return {"type": "string", "minLength": 1, **({"maxLength": field.max_length} if field.max_length else {})}
