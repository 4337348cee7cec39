"""What a note on an entry may be about: its fields, its links, the lines that hang on it, or the entry as a whole."""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from foundation.rows import RegisterRow
from register.models.entries import WHOLE_ENTRY

_STRUCTURAL = frozenset({"id", "register", "position"})


def parent_field(model: type[models.Model]) -> str:
    """Return the name of the foreign key to the row that a line cannot be without; empty for a row of its own."""
    for field in model._meta.concrete_fields:
        remote: Any = field.remote_field
        if isinstance(field, models.ForeignKey) and not field.null and remote.on_delete is models.CASCADE:
            target = field.related_model
            if isinstance(target, type) and issubclass(target, RegisterRow):
                return field.name
    return ""


def own_fields(model: type[models.Model]) -> Iterator[Any]:
    """Yield the fields of a row that say something of it, its links to others last."""
    structural = _STRUCTURAL | {parent_field(model)}
    yield from (field for field in model._meta.concrete_fields if field.name not in structural)
    yield from model._meta.local_many_to_many


def lists(model: type[models.Model]) -> Iterator[Any]:
    """Yield the relations by which lines of other tables name a row of this model."""
    for relation in model._meta.related_objects:
        name = relation.related_name
        if name and not name.endswith("+") and issubclass(relation.related_model, RegisterRow):
            yield relation


def notable(model: type[models.Model]) -> dict[str, str]:
    """Return {name: label} of everything on which a note may be made, the entry as a whole first."""
    labels = {WHOLE_ENTRY: _("the entry as a whole")}
    labels |= {field.name: capfirst(str(field.verbose_name)) for field in own_fields(model)}
    for relation in sorted(lists(model), key=lambda relation: str(relation.related_name)):
        plural = capfirst(str(relation.related_model._meta.verbose_name_plural))
        taken = plural in labels.values()
        label = f"{plural} ({relation.field.verbose_name})" if taken else plural
        labels.setdefault(str(relation.related_name), label)
    return labels


def answerable(model: type[models.Model]) -> dict[str, str]:
    """Return {name: label} of what may be left without a value, so that an answer says why."""
    full = {field.name for field in own_fields(model) if not _may_be_empty(field)}
    return {name: label for name, label in notable(model).items() if name not in full}


def _may_be_empty(field: Any) -> bool:
    if isinstance(field, models.ManyToManyField):
        return True
    if isinstance(field, models.BooleanField):
        return bool(field.null)
    return bool(field.blank) and field.get_default() in (None, "", [])
