"""The office of the DPO: Django's admin with our words, grouped as a DPO works."""

from functools import update_wrapper
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from foundation.admin_scope import person

GROUPS: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (
        _("Parties and sources"),
        "parties",
        ("register.organisation", "register.policy", "register.policyversion", "register.statement"),
    ),
    (
        _("Activities"),
        "activities",
        (
            "register.processingactivity",
            "register.purpose",
            "register.legalbasis",
            "register.legalbasisclaim",
            "register.dataitem",
            "register.subjectgroup",
            "register.relationshipstate",
            "register.recipient",
        ),
    ),
    (
        _("Rights, security and trackers"),
        "rights",
        (
            "register.right",
            "register.rightschannel",
            "register.requestprocedure",
            "register.consent",
            "register.measure",
            "register.tracker",
        ),
    ),
    (
        _("Processors and transfers"),
        "processors",
        (
            "processors.engagement",
            "processors.authorisation",
            "processors.contractterm",
            "processors.transfer",
            "processors.servicelevel",
            "processors.servicecalendar",
            "processors.backup",
        ),
    ),
    (
        _("Retention"),
        "retention",
        (
            "retention.retentionrule",
            "retention.retentionexception",
            "retention.datasource",
            "retention.target",
            "retention.run",
            "retention.legalhold",
            "retention.decision",
            "retention.notexecutable",
            "retention.retentionsettings",
        ),
    ),
    (_("People"), "people", ("subjects.rightsrequest", "subjects.subjectrecord")),
    (
        _("Editions and documents"),
        "editions",
        ("foundation.register", "editions.edition", "documents.print", "foundation.event", "foundation.change"),
    ),
    (_("Work in the background"), "work", ("foundation.mail", "foundation.job", "foundation.halt")),
    (_("Accounts"), "accounts", ("foundation.membership", "foundation.user", "foundation.servicetoken")),
)
# reached from the page of the row they belong to
WITHIN = frozenset(
    {
        "register.address",
        "register.contact",
        "register.linkeddocument",
        "register.policytext",
        "register.participation",
        "register.collectionevent",
        "processors.datalocation",
        "processors.certification",
        "processors.openinghours",
        "retention.startevent",
    }
)


# Django's redirection by number tells which objects exist; one signs out and changes one's password under /account/
LEFT_OUT = frozenset({"view_on_site", "logout", "password_change", "password_change_done"})


class Suggestions(AutocompleteJsonView):
    """Rows to choose from, named as their admin names them."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        label = getattr(self.model_admin, "label", str)
        return {"id": str(getattr(obj, to_field_name)), "text": label(obj)}


class OfficeSite(admin.AdminSite):
    site_header = _("Greffier")
    site_title = _("Greffier")
    index_title = _("Registers")
    enable_nav_sidebar = True

    def get_urls(self) -> list[Any]:
        """Add the pages that look at a whole register; leave out what has its one place elsewhere."""
        from office.retention import coverage, due, promises

        own = (
            ("due/", due.due, "due"),
            ("due/ask/", due.ask, "due_ask"),
            ("due.csv", due.download, "due_csv"),
            ("coverage/", coverage.matrix, "coverage"),
            ("promises/", promises.promises, "promises"),
        )
        retention = [path(f"retention/{at}", self.admin_view(view), name=f"retention_{name}") for at, view, name in own]
        return [*retention, *(url for url in super().get_urls() if getattr(url, "name", "") not in LEFT_OUT)]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Refuse whoever is signed in without a role here; signing in once more would not help."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            if "_saveasnew" in request.POST:  # no page of ours offers it; Django would save a row without its register
                raise BadRequest
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    def autocomplete_view(self, request: HttpRequest) -> Any:
        return Suggestions.as_view(admin_site=self)(request)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the models a person may open, by subject; the page of one app lists that app's."""
        if app_label is not None:
            return super().get_app_list(request, app_label)
        apps = self._build_app_dict(request).values()
        models = {model["model"]._meta.label_lower: model for app in apps for model in app["models"]}
        groups = []
        for name, slug, labels in GROUPS:
            shown = [models[label] for label in labels if label in models]
            if shown:
                groups.append({"name": name, "app_label": slug, "app_url": "", "models": shown})
        return groups

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        from editions.models import Edition
        from foundation.admin import visible_registers
        from office.retention.entrance import entrance

        newest = Edition.objects.visible_to(person(request)).filter(register=OuterRef("pk")).order_by("-number")
        registers = visible_registers(request).annotate(
            edition=Subquery(newest.values("number")[:1]),
            edition_id=Subquery(newest.values("pk")[:1]),
            published_at=Subquery(newest.values("published_at")[:1]),
        )
        shown = {"registers": registers, "entrance": entrance(request)}
        return super().index(request, {**(extra_context or {}), **shown})
