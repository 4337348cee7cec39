"""One value of the form to and from one field of a row."""

from datetime import date, time
from decimal import Decimal
from typing import Any, TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.db import models

Field: TypeAlias = "models.Field[Any, Any]"


def is_reference(field: Field) -> bool:
    return isinstance(field, models.ForeignKey)


def is_reference_list(field: Field) -> bool:
    return isinstance(field, models.ManyToManyField)


def is_empty(value: Any) -> bool:
    """Whether the value says nothing: then its key does not stand in the form."""
    return value is None or value == "" or value == []


def to_form(field: Field, value: Any) -> Any:
    """Return what stands in the form for a stored value: plain JSON types only."""
    if isinstance(value, bool):
        return value if field.null or value != field.get_default() else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(field, models.CharField) and value == field.get_default():
        return None
    return value


def from_form(field: Field, value: Any) -> Any:
    """Return what is stored for a value of the form, which the schema has accepted."""
    if isinstance(field, models.DecimalField):
        return Decimal(str(value))
    if isinstance(field, models.DateField):
        return date.fromisoformat(value)
    if isinstance(field, models.TimeField):
        return time.fromisoformat(value)
    return value


def is_required(field: Field) -> bool:
    """Whether a row without this field cannot be told from another: everything else may be a hole."""
    return not (field.blank or field.null or field.has_default() or is_reference_list(field))


def item_of(field: Field) -> Field:
    """Return the field of one element of a list of values."""
    return field.base_field if isinstance(field, ArrayField) else field
