"""What hangs on an activity, row by row, with its notes; and the states of the relationship."""

from django.contrib import admin

from foundation.admin_filters import VisibleFilter
from register.admin.base import EntryAdmin, said, sheet
from register.models import (
    CollectionEvent,
    DataItem,
    Participation,
    Purpose,
    Recipient,
    RelationshipState,
    SubjectGroup,
)

OF_ACTIVITY = ("activity", VisibleFilter)


@admin.register(Participation)
class ParticipationAdmin(EntryAdmin):
    list_display = ("organisation", "part", "activity", said(Participation, "data_scope"))
    list_filter = ("part", OF_ACTIVITY)
    list_select_related = ("organisation", "activity")
    search_fields = ("organisation__name", "organisation__designation", "activity__name")


@admin.register(Purpose)
class PurposeAdmin(EntryAdmin):
    list_display = ("description", "ref", "activity", said(Purpose, "phase"), "parent")
    list_filter = ("phase", "is_prohibited", "is_profiling", OF_ACTIVITY)
    list_select_related = ("activity", "parent")
    search_fields = ("ref", "description")
    fieldsets = sheet(
        (None, {"fields": ("activity", "ref", "description", "phase", "parent", "is_prohibited", "is_profiling")}),
    )


@admin.register(CollectionEvent)
class CollectionEventAdmin(EntryAdmin):
    list_display = ("__str__", "event", "activity")
    list_filter = ("event", OF_ACTIVITY)
    list_select_related = ("activity",)
    search_fields = ("description", "activity__name")


@admin.register(SubjectGroup)
class SubjectGroupAdmin(EntryAdmin):
    list_display = ("name", "category", "activity", said(SubjectGroup, "minimum_age_years"))
    list_filter = ("category", OF_ACTIVITY)
    list_select_related = ("activity",)
    search_fields = ("name", "activity__name")


@admin.register(DataItem)
class DataItemAdmin(EntryAdmin):
    list_display = (
        "name",
        "ref",
        "category",
        "activity",
        said(DataItem, "source"),
        said(DataItem, "mandatory"),
    )
    list_filter = ("category", "source", "mandatory", OF_ACTIVITY)
    list_select_related = ("activity",)
    search_fields = ("ref", "name")
    fieldsets = sheet(
        (None, {"fields": ("activity", "ref", "name", "category")}),
        (None, {"fields": ("source", "is_publicly_accessible", "mandatory", "consequence")}),
        (None, {"fields": ("is_free_text", "is_client_defined", "concerns_legal_persons")}),
    )


@admin.register(Recipient)
class RecipientAdmin(EntryAdmin):
    list_display = ("name", "kind", "activity", said(Recipient, "organisation"), said(Recipient, "condition"))
    list_filter = ("kind", OF_ACTIVITY)
    list_select_related = ("activity", "organisation")
    search_fields = ("name", "organisation__name")


@admin.register(RelationshipState)
class RelationshipStateAdmin(EntryAdmin):
    list_display = (
        "name",
        "ref",
        said(RelationshipState, "condition"),
        said(RelationshipState, "entered_by"),
        said(RelationshipState, "contact_rule"),
    )
    search_fields = ("ref", "name")
    fieldsets = sheet(
        (None, {"fields": ("ref", "name", "condition", "entered_by", "contact_rule", "messages_at_most")})
    )
