"""Security measures (art. 32)."""

from django.contrib import admin

from register.admin.base import EntryAdmin, said, sheet
from register.models import Measure


@admin.register(Measure)
class MeasureAdmin(EntryAdmin):
    list_display = (
        "description",
        "kind",
        said(Measure, "applied_by"),
        said(Measure, "platform"),
        said(Measure, "standard"),
    )
    list_filter = ("kind",)
    list_select_related = ("applied_by",)
    search_fields = ("description", "platform", "threats")
    fieldsets = sheet(
        (None, {"fields": ("description", "kind", "applied_by", "platform", "threats")}),
        (None, {"fields": ("standard", "evidence_url", "activities")}),
    )
