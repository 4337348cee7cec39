"""The admin of retention rules and their exceptions (art. 5(1)(e), 30(1)(f))."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.admin_filters import VisibleFilter
from foundation.admin_forms import ScopedFormSet
from register.admin.base import EntryAdmin, LineInline, said, sheet
from retention.admin.decisions import DecidingPage
from retention.models import RetentionException, RetentionRule, StartEvent


class StartEventsFormSet(ScopedFormSet):
    once_by = ("event",)


class StartEventInline(LineInline):
    model = StartEvent
    formset = StartEventsFormSet
    fields = ("event",)


@admin.register(RetentionRule)
class RetentionRuleAdmin(DecidingPage, EntryAdmin):
    list_display = (
        "description",
        "ref",
        "kind",
        said(RetentionRule, "duration"),
        said(RetentionRule, "state"),
        said(RetentionRule, "action"),
    )
    list_filter = ("kind", "action", "phase", ("state", VisibleFilter))
    list_select_related = ("state",)
    search_fields = ("ref", "description", "criterion", "reference")
    lines = (StartEventInline,)
    fieldsets = sheet(
        (None, {"fields": ("ref", "description", "activities", "data_items", "purposes")}),
        (
            _("How long"),
            {"fields": (("kind", "duration"), "until_event", "criterion", "reference", "is_within_or_after")},
        ),
        (_("From when"), {"fields": ("combination", "phase", "state")}),
        (_("What happens then"), {"fields": ("action", "claimed_authority")}),
    )

    def get_urls(self) -> list[Any]:
        return [self.own("decide", self.decide_view), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        rule = self.get_object(request, object_id)
        tools = [(self.page_of(rule, "decide"), gettext("Readings and rivals"))] if rule else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tools": tools})


@admin.register(StartEvent)
class StartEventAdmin(EntryAdmin):
    list_display = ("event", "rule")
    list_filter = ("event",)
    list_select_related = ("rule",)
    search_fields = ("event", "rule__description")


@admin.register(RetentionException)
class RetentionExceptionAdmin(EntryAdmin):
    list_display = (
        "description",
        "ground",
        said(RetentionException, "ends_with"),
        said(RetentionException, "reference"),
    )
    list_filter = ("ground",)
    search_fields = ("description", "reference")
    fieldsets = sheet((None, {"fields": ("ground", "description", "ends_with", "reference", "rules")}))
