"""Service tokens in the admin: made, shown once, read, revoked; never changed."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation import permissions, tokens
from foundation.accounts.tokens import ServiceToken
from foundation.admin_base import ScopedAdmin
from foundation.admin_forms import ScopedForm
from foundation.admin_history import NoHistory
from foundation.admin_scope import person
from foundation.doors.recent import unconfirmed

A_YEAR = timedelta(days=365)


class ServiceTokenForm(ScopedForm):
    """A token to be made; it works until the end of a day in the register's time zone."""

    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=permissions.SCOPE_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("What the programme may do. Choose no more than it needs."),
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=AdminDateWidget,
        help_text=gettext_lazy("At most a year from now."),
    )

    def clean_expires_on(self) -> Any:
        """Return the last day, if it is one of the coming year."""
        day = self.cleaned_data["expires_on"]
        today = timezone.localdate()
        if not today <= day <= today + A_YEAR:
            raise forms.ValidationError(gettext_lazy("Choose a day of the coming year."))
        zone = ZoneInfo(self.instance.register.time_zone)
        self.instance.expires_at = datetime.combine(day + timedelta(days=1), time(), zone)
        return day


class ServiceTokenAdmin(NoHistory, ScopedAdmin):
    form = ServiceTokenForm
    about = gettext_lazy("What programmes show to read a register through the API. Revoke what is no longer used.")
    list_display = ("name", "shown", "state", "expires_at", "last_used_on")
    ordering = ("-made_at", "-pk")
    search_fields = ("name", "prefix")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.revoke_view)
        return [path("<int:pk>/revoke/", view, name="foundation_servicetoken_revoke"), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        asked = unconfirmed(request) if self.has_add_permission(request) else None
        return asked or super().add_view(request, form_url, extra_context)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("name", "scopes", "expires_on", "networks")
        times = (("made_at", "made_by"), ("expires_at", "revoked_at"), "last_used_on")
        return ("register", "name", "shown", "state", "scopes", "networks", *times)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("shown", "state") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # what a programme may do is decided once

    @admin.display(description=gettext_lazy("token"))
    def shown(self, token: ServiceToken) -> str:
        return f"{token.shown_prefix}_…"

    @admin.display(description=gettext_lazy("state"))
    def state(self, token: ServiceToken) -> str:
        if token.revoked_at:
            return _("revoked")
        return _("works") if token.works_at(timezone.now()) else _("expired")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        obj.shown_once = tokens.make(obj, by=person(request), at=timezone.now())

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """Show the token this once; it is neither in the session nor in an address."""
        return self._page(request, "made.html", obj, title=_("The token is made"), shown_once=obj.shown_once)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        token = self.get_object(request, object_id)
        tools = []
        if token and token.works_at(timezone.now()) and self._may_revoke(request, token):
            tools.append((reverse("admin:foundation_servicetoken_revoke", args=[token.pk]), _("Revoke")))
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tools": tools})

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask whether the token should end; end it when the form comes back."""
        token = self.get_object(request, str(pk))
        if token is None:
            raise Http404
        if not self._may_revoke(request, token):
            raise PermissionDenied
        asked = unconfirmed(request)
        if asked:
            return asked
        if request.method != "POST":
            return self._page(request, "revoke.html", token, title=_("Revoke %s") % token)
        tokens.revoke(token.pk, by=person(request), at=timezone.now())
        messages.success(request, _("The token is revoked: it opens nothing any more."))
        return HttpResponseRedirect(reverse("admin:foundation_servicetoken_change", args=[token.pk]))

    def _may_revoke(self, request: HttpRequest, token: ServiceToken) -> bool:
        return permissions.may(person(request), permissions.CHANGE, ServiceToken, token)

    def _page(self, request: HttpRequest, name: str, token: ServiceToken, **context: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "token": token, **context}
        return TemplateResponse(request, f"admin/foundation/servicetoken/{name}", context)
