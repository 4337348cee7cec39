"""Cookies and other trackers."""

from django.contrib import admin

from register.admin.base import EntryAdmin, said, sheet
from register.models import Tracker


@admin.register(Tracker)
class TrackerAdmin(EntryAdmin):
    list_display = (
        "__str__",
        "technology",
        "category",
        said(Tracker, "emitter"),
        said(Tracker, "lifetime"),
        said(Tracker, "consent"),
    )
    list_filter = ("category", "technology", "consent", "party")
    list_select_related = ("emitter",)
    search_fields = ("ref", "purpose", "data_collected")
    fieldsets = sheet(
        (None, {"fields": ("ref", "technology", "category", "purpose", ("party", "emitter"), "data_collected")}),
        (None, {"fields": (("lifetime_kind", "lifetime", "lifetime_event"),)}),
        (None, {"fields": ("consent", "control", "refusal_effect", "is_cross_site", "activities")}),
    )
