"""Editions in the admin: read, never written; `office/` adds what is printed from them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from editions.models import Edition
from foundation.admin_base import ReadOnly, ScopedAdmin
from foundation.admin_history import NoHistory


class EditionAdmin(NoHistory, ReadOnly, ScopedAdmin):
    list_display = ("number_in_words", "published_at", "publisher", "note", "short_hash")
    list_select_related = ("published_by",)
    date_hierarchy = "published_at"
    search_fields = ("note", "hash")
    ordering = ("-published_at",)
    fields = ("register", "number", "published_at", "publisher", "note", "hash", "form_version")
    readonly_fields = ("publisher",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).without_content()

    @admin.display(description=_("edition"), ordering="number")
    def number_in_words(self, edition: Edition) -> str:
        return _("Edition %d") % edition.number

    @admin.display(description=_("published by"), ordering="published_by__email")
    def publisher(self, edition: Edition) -> str:
        return str(edition.published_by or "—")

    @admin.display(description=_("hash"))
    def short_hash(self, edition: Edition) -> str:
        return edition.hash[:12]
