"""What a button of a page does: it acts, says so or says why not, and shows the page again."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from foundation import permissions
from foundation.admin_forms import ScopedForm
from foundation.admin_scope import person
from foundation.admin_types import OfPage
from foundation.errors import RuleViolation


class ActingPage(OfPage):
    """Pages and buttons of one row, each under an address of its own below the row's."""

    def own(self, name: str, view: Callable[..., HttpResponse], *, is_button: bool = False) -> Any:
        """Return the address `<pk>/<name>/`, called `<app>_<model>_<name>`; a button is answered to POST only."""
        guarded = self.admin_site.admin_view(view)
        called = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(f"<int:pk>/{name}/", require_POST(guarded) if is_button else guarded, name=called)

    def page_of(self, row: Any, name: str = "change") -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=[row.pk])

    def reached(self, request: HttpRequest, pk: int, verb: str = permissions.CHANGE) -> Any:
        """Return the row, or 404 where the person may not know of it; 403 where they may not do this to it."""
        row = self.get_object(request, str(pk))
        if row is None:
            raise Http404
        if not permissions.may(person(request), verb, self.model, row):
            raise PermissionDenied
        return row

    def may_change(self, request: HttpRequest, row: Any) -> bool:
        return permissions.may(person(request), permissions.CHANGE, self.model, row)

    def shown(self, request: HttpRequest, template: str, row: Any, **context: Any) -> HttpResponse:
        """Return a page about one row."""
        page = {**self.admin_site.each_context(request), "opts": self.opts, "original": row, **context}
        return TemplateResponse(request, f"admin/{self.opts.app_label}/{self.opts.model_name}/{template}", page)


def answered(request: HttpRequest, act: Callable[[], str], back: str) -> HttpResponse:
    """Act, say what was done or why it was refused, and go back."""
    try:
        said = act()
    except RuleViolation as refusal:
        messages.error(request, str(refusal.detail))
    else:
        messages.success(request, said)
    return HttpResponseRedirect(back)


def reason_of(request: HttpRequest) -> str:
    """Return the reason that a form gives for an act; no more than its column holds."""
    return request.POST.get("reason", "").replace("\x00", "").strip()[:500]


class NamedOnceForm(ScopedForm):
    """A row whose name stands once in its register."""

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        rows: models.QuerySet[Any] = self._meta.model._default_manager.filter(
            register=self.instance.register_id, name=name
        )
        if rows.exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This name stands in the register already: choose another."), code="unique")
        return name
