"""Data sources: connected, tried out and looked into, before anything is mapped."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.admin_base import ScopedAdmin
from foundation.admin_scope import person
from foundation.doors.recent import unconfirmed
from foundation.errors import RuleViolation
from retention import grounds
from retention.admin.acts import ActingPage
from retention.admin.live import tried
from retention.admin.schema_page import SchemaPage
from retention.admin.source_form import DataSourceForm
from retention.mapped import mapping_of
from retention.models import DataSource, Target
from retention.places import login_of

WHERE = ("dialect", "host", "port", "database", "user", "password", "encryption", "path")
HOW = ("workers", "batch_rows", "backup_days")


@admin.register(DataSource)
class DataSourceAdmin(SchemaPage, ActingPage, ScopedAdmin):
    """Where business data stand. Who changes an address confirms who they are first."""

    form = DataSourceForm
    change_form_template = "admin/retention/datasource/change_form.html"
    about = gettext_lazy("The databases in which Greffier erases what has had its time: connect one, then map a rule.")
    list_display = ("name", "kind", "place", "tried_at")
    list_filter = ("kind",)
    search_fields = ("name", "place")

    def get_urls(self) -> list[Any]:
        return [
            self.own("test", self.test_view, is_button=True),
            self.own("schema", self.schema_view),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        groups: list[Any] = [(None, {"fields": ("name", "kind") if obj is None else ("name",)})]
        if obj is None or obj.kind == DataSource.Kind.DATABASE:
            groups.append((gettext_lazy("Where it stands"), {"fields": WHERE}))
        groups.append((gettext_lazy("How it is worked on"), {"fields": HOW}))
        return groups

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = unconfirmed(request) if request.method == "POST" or args[:1] in ((), (None,)) else None
        return asked or super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_model(request, obj, form, change)
        if form.address_text:
            grounds.set_url(obj, form.address_text, by=person(request))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        source = self.get_object(request, object_id)
        is_database = source is not None and source.kind == DataSource.Kind.DATABASE and bool(source.url)
        found = list(source.targets.select_related("rule").order_by("name")) if source else []
        context = {"is_database": is_database, "targets": found}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Connect, look, and say what was found; the answer's code is kept with its time."""
        source = self.reached(request, pk)
        sentences, refusal = [], ""
        if not source.url:
            refusal = _("This source has no address yet.")
        else:
            try:
                report = tried(source)
            except RuleViolation as refused:
                code, refusal = getattr(refused, "cause", refused.code), str(refused.detail)
            else:
                code, sentences = report.code, report.sentences()
            DataSource.objects.filter(pk=source.pk).update(tried_at=timezone.now(), tried_code=code[:40])
        return self.shown(
            request,
            "tested.html",
            source,
            title=_("Test of the connection"),
            sentences=sentences,
            refusal=refusal,
            is_fine=bool(sentences) and code == "fine",
            advice="\n".join(_advice(source)) if source.url else "",
        )


def _advice(source: DataSource) -> list[str]:
    """Return the statements that give the login what the targets of a source need, and no more."""
    from retention.sources.advice import grants

    targets = Target.objects.with_mapping().filter(source=source)
    return grants(login_of(source).address, [mapping_of(target) for target in targets]) if targets else []
