"""The history of one row: every change of it, of its links, of its lines and of the notes on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.fields import GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.admin_scope import person
from foundation.admin_types import OfPage
from foundation.history import Change, ChangeQuerySet

PER_PAGE = 50
NOTED_FIELD = "field"  # the column in which a note names what it is about
HIDDEN = frozenset({"position", "entry_type_id", "entry_id"})


@dataclass(frozen=True)
class Value:
    """One field of a change, in words."""

    name: str
    before: str
    after: str
    kept: bool = True


@dataclass(frozen=True)
class Act:
    """One change, in words."""

    at: datetime
    who: str
    why: str
    what: str
    row: str
    values: list[Value]


def changes_of(row: Any) -> ChangeQuerySet:
    """Return every recorded change of a row, of its links to other rows, of its lines and of the notes on it."""
    about = Q(table_name=row._meta.db_table, row_id=row.pk)
    for column, model in _hanging_on(row):
        table = model._meta.db_table
        born = Change.objects.filter(register=row.register_id, table_name=table)
        born = born.filter(**{f"changes__{column}__contains": row.pk})
        if isinstance(column, str) and column == "entry_id":
            kind = ContentType.objects.get_for_model(type(row)).pk
            born = born.filter(changes__entry_type_id__contains=kind)
        about |= Q(table_name=table, row_id__in=born.values("row_id"))
    return Change.objects.filter(about, register=row.register_id)


def _hanging_on(row: models.Model) -> Iterator[tuple[str, type[models.Model]]]:
    """Yield (column, model) of the rows that belong to a row: its links, its lines, the notes on it."""
    meta = row._meta
    field: Any
    for field in meta.local_many_to_many:
        yield field.m2m_column_name(), field.remote_field.through
    for field in meta.private_fields:
        if isinstance(field, GenericRelation):
            yield field.object_id_field_name, field.related_model
    relation: Any
    for relation in meta.related_objects:
        if relation.one_to_many and relation.on_delete is models.CASCADE and not relation.field.null:
            yield relation.field.column, relation.related_model


class Wording:
    """Changes in words: field names as on the page, choices by label, rows by name where they still exist."""

    def __init__(self, changes: list[Change], about: type[models.Model] | None = None) -> None:
        self.about = about
        self.models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
        self.people = User.objects.in_bulk({change.actor_id for change in changes if change.actor_id})
        self.rows = self._read_rows(changes)

    def act(self, change: Change) -> Act:
        model = self.models.get(change.table_name)
        name = model._meta.verbose_name if model and not model._meta.auto_created else _("link")
        actor = self.people.get(change.actor_id or 0)
        return Act(
            at=change.changed_at,
            who=str(actor or (_("person no. %d") % change.actor_id if change.actor_id else _("the system"))),
            why=change.reason,
            what=change.get_operation_display(),
            row=str(name),
            values=[self._value(model, column, pair) for column, pair in self._told(change)],
        )

    def _told(self, change: Change) -> Iterator[tuple[str, Any]]:
        for column, pair in change.changes.items():
            empty = isinstance(pair, list) and all(value in (None, "", []) for value in pair)
            if column not in HIDDEN and not empty:
                yield column, pair

    def _value(self, model: Any, column: str, pair: Any) -> Value:
        field = _field(model, column)
        name = str(field.verbose_name) if field is not None and hasattr(field, "verbose_name") else column
        if not isinstance(pair, list):
            return Value(name, "", "", kept=False)
        say = self._name_on_page if column == NOTED_FIELD else self._say
        before, after = (say(field, value) for value in pair)
        return Value(name, before, after)

    def _name_on_page(self, field: Any, value: Any) -> str:
        """Return the name that a field or list of the row bears on its page: notes keep its name in the code."""
        named: Any = _field(self.about, value) if self.about and value else None
        if named is None:
            return self._say(field, value)
        return str(getattr(named, "verbose_name", "") or named.related_model._meta.verbose_name_plural)

    def _say(self, field: Any, value: Any) -> str:
        if value is None or value == "" or value == []:
            return "—"
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if field is not None and field.is_relation:
            return self.rows.get((field.related_model, value)) or _("no. %s") % value
        if field is not None and getattr(field, "choices", None):
            return str(dict(field.flatchoices).get(value, value))
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    def _read_rows(self, changes: list[Change]) -> dict[tuple[Any, Any], str]:
        """Return the names of the rows that the changes point at, by one query per model; never of another register."""
        keys: dict[Any, set[int]] = {}
        registers = {change.register_id for change in changes}
        for change in changes:
            for column, pair in self._told(change):
                field = _field(self.models.get(change.table_name), column)
                if field is not None and field.is_relation and isinstance(pair, list):
                    keys.setdefault(field.related_model, set()).update(value for value in pair if value)
        return {
            (model, row.pk): str(row)
            for model, wanted in keys.items()
            if any(field.name == "register" for field in model._meta.concrete_fields)
            for row in model._default_manager.filter(pk__in=wanted, register__in=registers)
        }


def _field(model: Any, column: str) -> Any:
    if model is None:
        return None
    try:
        return model._meta.get_field(column)
    except FieldDoesNotExist:
        return next((field for field in model._meta.concrete_fields if field.column == column), None)


class Unlogged(OfPage):
    """Django's own log repeats the names of rows in a table that no register owns: nothing is written there."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any: ...


class NoHistory(Unlogged):
    """For what is never changed, or has no history of its own."""

    has_history = False

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        raise Http404

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404


class HistoryPage(Unlogged):
    """The “History” page of the admin, told from the table that the database writes."""

    has_history = True

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        page: Any = self
        row = page.get_object(request, object_id)
        if row is None:
            raise Http404
        if not page.has_view_permission(request, row):
            raise PermissionDenied
        changes = changes_of(row).visible_to(person(request))
        shown = Paginator(changes, PER_PAGE).get_page(request.GET.get("p"))
        words = Wording(list(shown), type(row))
        context = {
            **page.admin_site.each_context(request),
            "title": _("History: %s") % row,
            "subtitle": None,
            "acts": [words.act(change) for change in shown],
            "shown": shown,
            "module_name": str(page.opts.verbose_name_plural),
            "object": row,
            "opts": page.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/object_history.html", context)
