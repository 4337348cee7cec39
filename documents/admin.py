"""Documents in the admin: asked for from an edition, read and downloaded here, never written."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from documents.models import Print
from foundation.admin_base import ReadOnly, ScopedAdmin
from foundation.admin_history import NoHistory


def download_link(document: Print) -> str:
    """Return a link to the kept bytes of a printed document, else its state in words."""
    if not document.is_printed:
        return document.state_in_words
    try:
        address = reverse("print-download", args=[document.pk])
    except NoReverseMatch:
        return document.state_in_words
    return format_html('<a href="{}">{}</a>', address, _("Download %s") % document.file_name)


@admin.register(Print)
class PrintAdmin(NoHistory, ReadOnly, ScopedAdmin):
    list_display = ("kind", "edition", "language", "asked_at", "pages", "download")
    list_filter = ("kind", "language", "job__state")
    list_select_related = ("edition__register", "edition", "job")
    date_hierarchy = "asked_at"
    ordering = ("-asked_at", "-pk")
    fields = (
        "edition",
        "kind",
        "language",
        "state",
        "download",
        ("asked_at", "who_asked", "finished_at"),
        ("pages", "size_bytes"),
        "sha256",
        ("texts_hash", "template_version", "renderer_version"),
        "error",
    )
    readonly_fields = ("state", "download", "who_asked", "error")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("edition__canonical")

    @admin.display(description=_("state"))
    def state(self, document: Print) -> str:
        return document.state_in_words

    @admin.display(description=_("error"))
    def error(self, document: Print) -> str:
        return document.job.error or "—"

    @admin.display(description=_("asked by"))
    def who_asked(self, document: Print) -> str:
        return str(document.asked_by or "—")

    @admin.display(description=_("download"))
    def download(self, document: Print) -> str:
        return download_link(document)
