"""Filters of lists that name only what the person may see."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from foundation import permissions
from foundation.admin_scope import person
from foundation.admin_types import OfPage

REGISTER_FILTER = "register__id__exact"  # the query parameter of the filter by register


class RegisterFilter(admin.RelatedFieldListFilter):
    """By register: those in which the person may read this kind of row."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        registers = permissions.registers_readable(person(request), model_admin.model)
        return [(str(register.pk), register.name) for register in registers]


class VisibleFilter(admin.RelatedFieldListFilter):
    """By a related row: the visible ones, of the register filtered by where there is one."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        rows: models.QuerySet[Any] = field.related_model._default_manager.visible_to(person(request))
        register = request.GET.get(REGISTER_FILTER, "")
        if register.isascii() and register.isdigit():
            rows = rows.filter(register=register)
        target: Any = model_admin.admin_site.get_model_admin(field.related_model)
        rows = rows.select_related(*target.list_select_related)
        return [(str(row.pk), target.label(row)) for row in rows]


class OwnLookups(OfPage):
    """A list is filtered by its own columns and declared filters: a relation would count what lies beyond."""

    never_looked_up: frozenset[str] = frozenset()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        declared = {getattr(one, "parameter_name", one) for one in self.get_list_filter(request)}
        own = {field.name for field in self.opts.concrete_fields if not field.is_relation} - self.never_looked_up
        return lookup.partition("__")[0] in declared | own
