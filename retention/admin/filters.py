"""Filters of the lists of the engine: by arming, by last run, by what a hold waits for."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from retention.models import Run


class ArmingFilter(admin.SimpleListFilter):
    title = _("arming")
    parameter_name = "arming"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("armed", _("armed")), ("unarmed", _("not armed")), ("void", _("no longer armed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "armed":
            return queryset.exclude(armed_from=None)
        if self.value() == "unarmed":
            return queryset.filter(armed_from=None)
        if self.value() == "void":
            return queryset.filter(armed_from=None).exclude(void_code="")
        return queryset


class LastRunFilter(admin.SimpleListFilter):
    title = _("last run")
    parameter_name = "last_run"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [*Run.State.choices, ("none", _("none yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "none":
            return queryset.filter(run_state=None)
        return queryset.filter(run_state=self.value()) if self.value() else queryset


class HoldFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("open", _("held")), ("review", _("review overdue")), ("released", _("released"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "open":
            return queryset.filter(released_on=None)
        if self.value() == "review":
            return queryset.filter(released_on=None, review_on__lt=timezone.localdate())
        return queryset.exclude(released_on=None) if self.value() == "released" else queryset


class StandingFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", _("stands")), ("no", _("withdrawn"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "yes":
            return queryset.filter(withdrawn_at=None)
        return queryset.exclude(withdrawn_at=None) if self.value() == "no" else queryset
