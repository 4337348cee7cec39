"""The admin page of an entry: its notes below its fields, its answers in words in the lists."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from foundation.admin_base import ScopedAdmin, ScopedStacked, ScopedTabular
from register.admin.notes import NOTES, EntryForm
from register.notable import parent_field


def sheet(*groups: tuple[Any, dict[str, Any]]) -> Any:
    """Return the fields of a page in groups, the place among siblings last."""
    return (*groups, (_("Order"), {"fields": ("position",), "classes": ("collapse",)}))


class LineInline(ScopedTabular):
    """Entries edited as lines of another; what is noted on them stands on their own pages."""

    form = EntryForm


class BlockInline(ScopedStacked):
    """Entries edited as blocks on the page of another."""

    form = EntryForm


class EntryAdmin(ScopedAdmin):
    """An entry of the register."""

    form: Any = EntryForm
    lines: tuple[Any, ...] = ()
    has_notes = True

    def get_ordering(self, request: HttpRequest) -> Any:
        parent = parent_field(self.model)
        return ("register__name", *([f"{parent}__position", parent] if parent else []), "position", "pk")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return [*self.lines, *(NOTES if self.has_notes else ())]

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        match = request.resolver_match
        return rows.prefetch_related("answers") if match and (match.url_name or "").endswith("_changelist") else rows

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.notes_on_page = self.has_notes
        return form

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> Any:  # noqa: FBT001 - Django's signature
        formsets, inlines = super()._create_formsets(request, obj, change)  # type: ignore[misc]
        for formset in formsets:
            if hasattr(formset, "siblings"):
                formset.siblings = tuple(formsets)
        return formsets, inlines

    def label(self, row: Any) -> str:
        """Return the row's name, after the reference of the row it hangs on or its own."""
        parent = parent_field(self.model)
        ref = getattr(getattr(row, parent), "ref", "") if parent else getattr(row, "ref", "")
        name = str(row)
        return name if not ref or name.startswith(ref) else f"{ref} · {name}"


def said(model: type[models.Model], name: str) -> Callable[[Any], Any]:
    """Return a column: the value of a field, or the answer that stands in its place, in words."""
    field: Any = model._meta.get_field(name)

    @admin.display(ordering=name, description=field.verbose_name)
    def column(entry: Any) -> Any:
        display = getattr(entry, f"get_{name}_display", None)
        value = display() if display else getattr(entry, name)
        if value not in (None, "", []):
            return value
        answer = next((answer for answer in entry.answers.all() if answer.field == name), None)
        if answer is None:
            return "—"
        return format_html('<span class="answer answer--{}">{}</span>', answer.kind, answer.get_kind_display())

    column.__name__ = name
    return column
