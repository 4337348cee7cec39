"""What these pages share: who opens them, and for which register."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from foundation import permissions
from foundation.admin_scope import REGISTER, find_register, person
from foundation.models import Register

LAST_DAY = date(9000, 1, 1)  # far from where the calendar ends: durations are added to it


def readable(request: HttpRequest) -> list[Register]:
    """Return the registers whose retention this person keeps; refuse who keeps none."""
    found = permissions.registers_allowing(person(request), permissions.RETENTION, permissions.VIEW)
    registers = list(found.order_by("name"))
    if not registers:
        raise PermissionDenied
    return registers


def chosen(request: HttpRequest) -> tuple[Register, list[Register]]:
    """Return the register of the page, the first one where none is named, and all that may be chosen."""
    registers = readable(request)
    if REGISTER not in request.GET:
        return registers[0], registers
    allowed = permissions.registers_allowing(person(request), permissions.RETENTION, permissions.VIEW)
    return find_register(allowed, request.GET[REGISTER]), registers


def day_of(request: HttpRequest) -> date:
    """Return the day that the address names, else today; 404 for what is no day."""
    text = request.GET.get("on") or request.POST.get("on") or ""
    if not text:
        return timezone.localdate()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if not date(1900, 1, 1) <= day <= LAST_DAY:
        raise Http404
    return day


def page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    shown = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, f"admin/retention/{name}.html", shown)
