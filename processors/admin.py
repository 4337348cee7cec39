"""The admin of engagements, their terms, transfers and service levels (art. 28, 32, 44-49)."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from foundation.admin_filters import VisibleFilter
from processors.models import (
    Authorisation,
    Backup,
    Certification,
    ContractTerm,
    DataLocation,
    Engagement,
    OpeningHours,
    ServiceCalendar,
    ServiceLevel,
    Transfer,
)
from register.admin.base import EntryAdmin, LineInline, said, sheet


class CertificationInline(LineInline):
    model = Certification
    fields = ("name", "scope")


class DataLocationInline(LineInline):
    model = DataLocation
    fields = ("place", "country", "function")


class OpeningInline(LineInline):
    model = OpeningHours
    fields = ("weekday", "opens_at", "closes_at")
    show_change_link = False


@admin.register(Engagement)
class EngagementAdmin(EntryAdmin):
    list_display = (
        "provider",
        "principal",
        "ref",
        said(Engagement, "service"),
        "declared",
        said(Engagement, "contract"),
    )
    list_filter = ("declared", ("provider", VisibleFilter))
    list_select_related = ("principal", "provider")
    search_fields = ("ref", "service", "platform", "provider__name", "principal__name")
    search_help_text = _("Reference, service, platform or organisation")
    lines = (DataLocationInline,)
    fieldsets = sheet(
        (None, {"fields": ("ref", "principal", "provider", "parent")}),
        (None, {"fields": ("service", "platform", "role_label", "declared", "contract", "activities")}),
    )


@admin.register(DataLocation)
class DataLocationAdmin(EntryAdmin):
    list_display = ("place", said(DataLocation, "country"), "function", "engagement")
    list_filter = ("function",)
    list_select_related = ("engagement__principal", "engagement__provider")
    search_fields = ("place", "country")


@admin.register(Certification)
class CertificationAdmin(EntryAdmin):
    list_display = ("name", "organisation", said(Certification, "scope"))
    list_select_related = ("organisation",)
    search_fields = ("name", "scope", "organisation__name")


@admin.register(Authorisation)
class AuthorisationAdmin(EntryAdmin):
    list_display = (
        "kind",
        said(Authorisation, "instrument"),
        said(Authorisation, "beneficiaries"),
        said(Authorisation, "limit"),
        said(Authorisation, "objection_within"),
    )
    list_filter = ("kind",)
    search_fields = ("instrument", "beneficiaries", "limit")
    fieldsets = sheet(
        (None, {"fields": ("kind", "instrument", "beneficiaries", "limit", "objection_within")}),
        (None, {"fields": ("engagements", "activities")}),
    )


@admin.register(ContractTerm)
class ContractTermAdmin(EntryAdmin):
    list_display = ("clause", "description")
    list_display_links = ("clause", "description")
    list_filter = ("clause",)
    search_fields = ("description",)
    fieldsets = sheet((None, {"fields": ("clause", "description", "activities")}))


@admin.register(Transfer)
class TransferAdmin(EntryAdmin):
    list_display = (
        "__str__",
        "destination_kind",
        said(Transfer, "recipient"),
        said(Transfer, "safeguard"),
        said(Transfer, "safeguard_valid_until"),
    )
    list_filter = ("destination_kind", "safeguard")
    list_select_related = ("recipient",)
    search_fields = ("destination", "country", "purpose", "recipient__name")
    fieldsets = sheet(
        (None, {"fields": ("destination_kind", ("destination", "country"), "recipient", "purpose", "data")}),
        (
            _("Safeguard"),
            {"fields": ("safeguard", ("safeguard_valid_from", "safeguard_valid_until"), "permission")},
        ),
        (None, {"fields": ("activities",)}),
    )


@admin.register(ServiceCalendar)
class ServiceCalendarAdmin(EntryAdmin):
    list_display = ("name", "ref", "excludes_public_holidays", "is_always_open")
    search_fields = ("ref", "name")
    lines = (OpeningInline,)
    fieldsets = sheet((None, {"fields": ("ref", "name", "excludes_public_holidays", "is_always_open")}))


@admin.register(OpeningHours)
class OpeningHoursAdmin(EntryAdmin):
    has_notes = False
    list_display = ("weekday", "opens_at", "closes_at", "calendar")
    list_filter = (("calendar", VisibleFilter),)
    list_select_related = ("calendar",)
    search_fields = ("calendar__name",)


@admin.register(ServiceLevel)
class ServiceLevelAdmin(EntryAdmin):
    list_display = (
        "indicator",
        said(ServiceLevel, "platform"),
        said(ServiceLevel, "scenario"),
        said(ServiceLevel, "duration"),
        said(ServiceLevel, "unit"),
        said(ServiceLevel, "description"),
    )
    list_filter = ("indicator", "unit")
    search_fields = ("platform", "scenario", "description")
    fieldsets = sheet(
        (None, {"fields": ("indicator", "platform", "scenario", "provided_by")}),
        (
            _("Commitment"),
            {"fields": (("commitment_kind", "duration", "unit"), "calendar", "availability_percent", "description")},
        ),
        (None, {"fields": ("activities",)}),
    )


@admin.register(Backup)
class BackupAdmin(EntryAdmin):
    list_display = (
        "__str__",
        said(Backup, "frequency"),
        said(Backup, "depth"),
        said(Backup, "depth_versions"),
        said(Backup, "location"),
        said(Backup, "is_encrypted"),
    )
    search_fields = ("platform", "method", "location")
    fieldsets = sheet(
        (None, {"fields": ("platform", "frequency", ("depth", "depth_versions"), "depth_in_words", "method")}),
        (None, {"fields": ("location", "is_encrypted", "responsible", "monitoring", "activities")}),
    )
