"""How the engine acts for a register, on one page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from foundation.admin_base import ScopedAdmin
from foundation.admin_scope import chosen_register
from retention.models import RetentionSettings


@admin.register(RetentionSettings)
class RetentionSettingsAdmin(ScopedAdmin):
    """The settings of the retention; without a row, a register works by the values that the form proposes."""

    about = _("When the engine runs, how long it waits after an arming, and from which size it stops and asks.")
    list_display = ("__str__", "runs_at", "notice_days", "most_rows", "most_percent", "is_public_body")
    fieldsets = (
        (None, {"fields": ("runs_at", "notice_days", "preview_days")}),
        (_("Where a run stops and asks"), {"fields": ("most_rows", "most_percent")}),
        (_("What the law orders to keep"), {"fields": ("fiscal_year_ends_month", "is_public_body")}),
    )

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        register = chosen_register(request, self.model) if self.has_add_permission(request) else None
        existing = RetentionSettings.objects.filter(register=register).first() if register else None
        if existing:  # one row per register: whoever adds wants to change it
            return HttpResponseRedirect(reverse("admin:retention_retentionsettings_change", args=[existing.pk]))
        return super().add_view(request, form_url, extra_context)
