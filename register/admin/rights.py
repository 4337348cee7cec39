"""Rights, the channels by which they are exercised, and how requests are handled."""

from django.contrib import admin

from register.admin.base import EntryAdmin, said, sheet
from register.models import RequestProcedure, Right, RightsChannel


@admin.register(Right)
class RightAdmin(EntryAdmin):
    list_display = ("kind", "ref", said(Right, "condition"), said(Right, "effect"))
    list_filter = ("kind",)
    search_fields = ("ref", "kind", "condition", "effect")
    fieldsets = sheet((None, {"fields": ("ref", "kind", "condition", "effect", "activities")}))


@admin.register(RightsChannel)
class RightsChannelAdmin(EntryAdmin):
    list_display = ("channel", said(RightsChannel, "value"), said(RightsChannel, "required_content"))
    list_filter = ("channel",)
    search_fields = ("value", "required_content")
    fieldsets = sheet((None, {"fields": ("channel", "value", "rights", "required_content")}))


@admin.register(RequestProcedure)
class RequestProcedureAdmin(EntryAdmin):
    list_display = (
        "__str__",
        said(RequestProcedure, "answer_within"),
        said(RequestProcedure, "clock_start"),
        said(RequestProcedure, "identity_proof"),
        said(RequestProcedure, "refusal"),
    )
    search_fields = ("clock_start", "identity_proof", "refusal")
    fieldsets = sheet(
        (None, {"fields": ("answer_within", "clock_start", "identification_fields", "identity_proof")}),
        (None, {"fields": ("refusal", "exercise_period", "activities")}),
    )
