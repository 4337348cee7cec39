"""The page of an edition, with the documents printed from it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from documents import actions
from documents.admin import download_link
from documents.models import Print
from editions.admin import EditionAdmin
from editions.models import Edition
from foundation import permissions
from foundation.admin_scope import person
from foundation.errors import RuleViolation
from foundation.models import Register


class WholeEditionAdmin(EditionAdmin):
    change_form_template = "admin/editions/edition/change_form.html"

    def get_urls(self) -> list[Any]:
        view = require_POST(self.admin_site.admin_view(self.print_view))
        return [path("<int:pk>/print/", view, name="editions_edition_print"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        edition = self.get_object(request, object_id)
        context = {"offers": _offers(request, edition), "may_print": _may_print(request, edition)} if edition else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def print_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for one document of an edition in one language; the worker prints it."""
        edition = Edition.objects.visible_to(person(request)).filter(pk=pk).first()
        kind, language = request.POST.get("kind"), request.POST.get("language")
        if edition is None or kind not in Print.Kind.values or language not in Register.Language.values:
            raise Http404
        if not _may_print(request, edition):
            raise PermissionDenied
        try:
            document = actions.ask_print(
                edition, kind=Print.Kind(kind), language=language, actor=person(request), at=timezone.now()
            )
        except RuleViolation as refusal:
            messages.error(request, str(refusal.detail))
        else:
            done = document.is_printed
            said = _("This document was printed already.") if done else _("The document is asked for: %s.")
            messages.success(request, said if done else said % document.get_kind_display())
        return HttpResponseRedirect(reverse("admin:editions_edition_change", args=[edition.pk]))


def _may_print(request: HttpRequest, edition: Edition) -> bool:
    return permissions.may(person(request), permissions.ADD, Print, edition)


def _offers(request: HttpRequest, edition: Edition) -> list[dict[str, Any]]:
    """Return each document in each language, with the newest print of it."""
    prints = (
        Print.objects.visible_to(person(request)).filter(edition=edition).select_related("register", "edition", "job")
    )
    newest: dict[tuple[str, str], Print] = {}
    for document in prints.order_by("asked_at", "pk"):
        newest[document.kind, document.language] = document
    return [
        {
            "kind": kind,
            "kind_label": kind_label,
            "language": language,
            "language_label": language_label,
            "link": download_link(newest[kind, language]) if (kind, language) in newest else "",
        }
        for kind, kind_label in Print.Kind.choices
        for language, language_label in Register.Language.choices
    ]
