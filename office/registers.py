"""The page of a register, and the page on which its next edition is published."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from editions import actions
from editions.compare import difference
from editions.dump import canonical
from editions.models import Edition
from foundation import permissions
from foundation.admin import RegisterAdmin
from foundation.admin_scope import person
from foundation.models import Register

HEAD_LINES = 2  # which name two files: here there are none
SHOWN_LINES = 300
NOTE_LENGTH = 300


class WholeRegisterAdmin(RegisterAdmin):
    def get_urls(self) -> list[Any]:
        publish = path(
            "<int:pk>/publish/", self.admin_site.admin_view(self.publish_view), name="foundation_register_publish"
        )
        return [publish, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        register = self.get_object(request, object_id)
        tools = []
        if register and _may_publish(request, register):
            label = _("Publish edition %d") % _next_number(register)
            tools.append((reverse("admin:foundation_register_publish", args=[register.pk]), label))
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tools": tools})

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what would be frozen; freeze it when the form comes back."""
        register = self.get_object(request, str(pk))
        if register is None:
            raise Http404
        if not _may_publish(request, register):
            raise PermissionDenied
        if request.method == "POST":
            return self._publish(request, register)
        latest = actions.latest(register)
        lines = difference(json.loads(latest.canonical), canonical(register))[HEAD_LINES:] if latest else []
        context = {
            **self.admin_site.each_context(request),
            "title": _("Publish edition %d") % _next_number(register),
            "opts": self.opts,
            "register": register,
            "number": _next_number(register),
            "latest": latest,
            "changed": bool(lines),
            "lines": lines[:SHOWN_LINES],
            "more": max(0, len(lines) - SHOWN_LINES),
        }
        return TemplateResponse(request, "admin/foundation/register/publish.html", context)

    def _publish(self, request: HttpRequest, register: Register) -> HttpResponse:
        note = request.POST.get("note", "").replace("\x00", "").strip()[:NOTE_LENGTH]
        edition = actions.publish(register, actor=person(request), at=timezone.now(), note=note)
        messages.success(request, _("Edition %d is published.") % edition.number)
        return HttpResponseRedirect(reverse("admin:editions_edition_change", args=[edition.pk]))


def _may_publish(request: HttpRequest, register: Register) -> bool:
    allowed = permissions.registers_allowing(person(request), permissions.EDITIONS, permissions.ADD)
    return allowed.filter(pk=register.pk).exists()


def _next_number(register: Register) -> int:
    latest = Edition.objects.filter(register=register).order_by("-number").values_list("number", flat=True).first()
    return (latest or 0) + 1
