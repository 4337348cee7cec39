"""The processing activity and its lines (art. 30(1), 30(2)); `office/` adds what higher floors hang on it."""

from django.utils.translation import gettext_lazy as _

from register.admin.base import EntryAdmin, LineInline, said, sheet
from register.models import (
    CollectionEvent,
    DataItem,
    LegalBasis,
    Participation,
    ProcessingActivity,
    Purpose,
    Recipient,
    SubjectGroup,
)


class PartyInline(LineInline):
    model = Participation
    fields = ("part", "organisation", "data_scope")


class PurposeInline(LineInline):
    model = Purpose
    fields = ("ref", "description", "phase", "parent")


class LegalBasisInline(LineInline):
    model = LegalBasis
    fields = ("basis", "purpose", "interest")


class CollectionInline(LineInline):
    model = CollectionEvent
    fields = ("event", "description")


class SubjectGroupInline(LineInline):
    model = SubjectGroup
    fields = ("name", "category", "states")


class DataItemInline(LineInline):
    model = DataItem
    fields = ("ref", "name", "category", "source", "mandatory")


class RecipientInline(LineInline):
    model = Recipient
    fields = ("name", "kind", "organisation", "condition")


class ActivityAdmin(EntryAdmin):
    """One entry of the record."""

    list_display = ("name", "ref", "role", said(ProcessingActivity, "special_categories"))
    list_filter = ("role",)
    search_fields = ("ref", "name", "purposes__description")
    search_help_text = _("Reference, name or purpose")
    lines = (
        PartyInline,
        PurposeInline,
        LegalBasisInline,
        CollectionInline,
        SubjectGroupInline,
        DataItemInline,
        RecipientInline,
    )
    fieldsets = sheet(
        (None, {"fields": ("ref", "name", "role")}),
        (
            _("What the record asks"),
            {"fields": ("processing_categories", "special_categories", "automated_decisions", "joint_arrangement")},
        ),
        (_("Before the GDPR"), {"fields": ("legacy_formality",), "classes": ("collapse",)}),
    )
