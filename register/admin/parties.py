"""Organisations, their addresses and contacts."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from register.admin.base import EntryAdmin, LineInline, said, sheet
from register.models import Address, Contact, Organisation


class AddressInline(LineInline):
    model = Address
    fields = ("function", "street", "postcode", "locality", "country")


class ContactInline(LineInline):
    model = Contact
    fk_name = "organisation"
    fields = ("function", "channel", "value", "held_by")


class OrganisationAdmin(EntryAdmin):
    """A party; `office/` adds the certifications and registers it."""

    list_display = (
        "__str__",
        "ref",
        said(Organisation, "nature"),
        said(Organisation, "registration_number"),
        said(Organisation, "website"),
    )
    list_filter = ("nature",)
    search_fields = ("ref", "name", "designation", "former_name", "registration_number")
    lines: tuple[Any, ...] = (AddressInline, ContactInline)
    fieldsets = sheet(
        (None, {"fields": ("ref", "name", "designation", "nature")}),
        (
            _("Who it is: art. 30(1)(a), 30(2)(a)"),
            {"fields": ("legal_representative", "union_representative", "data_protection_officer", "website")},
        ),
        (
            _("Company"),
            {
                "fields": (
                    ("legal_form", "capital_euros"),
                    ("registration_number", "registration_place"),
                    ("activity_code", "founded_in"),
                    "former_name",
                    ("parent", "parent_share_percent"),
                )
            },
        ),
    )


@admin.register(Address)
class AddressAdmin(EntryAdmin):
    list_display = ("__str__", "organisation", "function", said(Address, "country"))
    list_filter = ("function",)
    list_select_related = ("organisation",)
    search_fields = ("street", "locality", "organisation__name")


@admin.register(Contact)
class ContactAdmin(EntryAdmin):
    list_display = ("__str__", "organisation", "function", "channel", "held_by")
    list_filter = ("function", "channel")
    list_select_related = ("organisation", "held_by")
    search_fields = ("value", "organisation__name")
