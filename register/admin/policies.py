"""Policies, their versions, and the statements on which the register rests."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from foundation.admin_base import ReadOnly, ScopedAdmin
from foundation.admin_filters import VisibleFilter
from register.admin.base import EntryAdmin, LineInline, said, sheet
from register.models import Citation, LinkedDocument, Policy, PolicyText, PolicyVersion, Statement
from register.notable import notable
from register.quotes import read_quote


class VersionInline(LineInline):
    model = PolicyVersion
    fields = ("ref", "date_kind", "dated_on", "date_precision")


class LinkedDocumentInline(LineInline):
    model = LinkedDocument
    fields = ("title", "url", "deferred_content")


@admin.register(Policy)
class PolicyAdmin(EntryAdmin):
    list_display = ("title", "ref", said(Policy, "publisher"), said(Policy, "url"))
    list_select_related = ("publisher",)
    search_fields = ("ref", "title")
    lines = (VersionInline, LinkedDocumentInline)
    fieldsets = sheet((None, {"fields": ("ref", "title", "publisher", "url")}))


@admin.register(PolicyVersion)
class PolicyVersionAdmin(EntryAdmin):
    list_display = (
        "__str__",
        "policy",
        said(PolicyVersion, "dated_on"),
        said(PolicyVersion, "date_kind"),
        "statement_count",
    )
    list_filter = (("policy", VisibleFilter),)
    list_select_related = ("policy",)
    search_fields = ("ref", "policy__title")
    fieldsets = sheet(
        (None, {"fields": ("policy", "ref", ("date_kind", "dated_on", "date_precision"), "text_digest")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyVersion]:
        rows: QuerySet[PolicyVersion] = super().get_queryset(request).annotate(statement_count=Count("statements"))
        return rows

    @admin.display(description=_("statements"), ordering="statement_count")
    def statement_count(self, version: Any) -> str:
        link = f"{reverse('admin:register_statement_changelist')}?version__id__exact={version.pk}"
        return format_html('<a href="{}">{}</a>', link, version.statement_count)


@admin.register(LinkedDocument)
class LinkedDocumentAdmin(EntryAdmin):
    list_display = ("title", "policy", said(LinkedDocument, "url"), said(LinkedDocument, "deferred_content"))
    list_filter = (("policy", VisibleFilter),)
    list_select_related = ("policy",)
    search_fields = ("title", "deferred_content")


class CitedFilter(admin.SimpleListFilter):
    """Cited by an entry, set aside with a reason, or neither."""

    title = _("use in the register")
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("cited", _("cited")), ("set_aside", _("set aside with a reason")), ("neither", _("neither"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        cited = Citation.objects.values("statement")
        match self.value():
            case "cited":
                return queryset.filter(pk__in=cited)
            case "set_aside":
                return queryset.exclude(pk__in=cited).exclude(reason="")
            case "neither":
                return queryset.exclude(pk__in=cited).filter(reason="")
        return queryset


@admin.register(Statement)
class StatementAdmin(EntryAdmin):
    has_notes = False
    list_display = ("ref", "summary", "kind", "place", "citation_count", "reason")
    list_display_links = ("ref", "summary")
    list_filter = (CitedFilter, "kind", "reason", ("version", VisibleFilter))
    list_select_related = ("version__policy",)
    search_fields = ("ref", "summary", "heading")
    search_help_text = _("Reference, summary or heading")
    readonly_fields = ("quote", "characters", "quote_digest", "cited_by")
    fieldsets = sheet(
        (None, {"fields": ("version", "ref", "kind", "summary", "reason")}),
        (_("Place in the text"), {"fields": (("heading", "line"), "quote", "characters", "quote_digest")}),
        (_("What rests on it"), {"fields": ("cited_by",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Statement]:
        rows: QuerySet[Statement] = super().get_queryset(request).annotate(citation_count=Count("citations"))
        return rows

    def label(self, row: Any) -> str:
        return f"{row.ref} · {row.summary}"

    @admin.display(description=_("place"), ordering="line")
    def place(self, statement: Statement) -> str:
        return statement.place

    @admin.display(description=_("cited"), ordering="citation_count")
    def citation_count(self, statement: Any) -> str:
        count: int = statement.citation_count
        return ngettext("%d time", "%d times", count) % count if count else "—"

    @admin.display(description=_("quote"))
    def quote(self, statement: Statement) -> str:
        text: Any = PolicyText.objects.filter(
            register=statement.register_id, digest=statement.version.text_digest
        ).first()
        if text is None:
            return str(_("The text of this version is not attached: place and summary stand for the quote."))
        return format_html("<blockquote>{}</blockquote>", read_quote(text.text, statement.characters))

    @admin.display(description=_("entries that cite it"))
    def cited_by(self, statement: Statement) -> str:
        rows = []
        citation: Any
        for citation in statement.citations.prefetch_related("entry", "entry_type"):
            entry: Any = citation.entry
            meta = entry._meta
            link = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[entry.pk])
            rows.append((link, entry, meta.verbose_name, notable(type(entry)).get(citation.field, citation.field)))
        if not rows:
            return "—"
        lines = format_html_join("", '<li><a href="{}">{}</a> <span class="quiet">({}: {})</span></li>', rows)
        return format_html('<ul class="plain">{}</ul>', lines)


@admin.register(PolicyText)
class PolicyTextAdmin(ReadOnly, ScopedAdmin):
    """The texts attached; attaching is the work of a command."""

    list_display = ("digest", "attached_at")
    search_fields = ("digest",)
    fields = ("digest", "attached_at", "text")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyText]:
        rows: QuerySet[PolicyText] = super().get_queryset(request)
        match = request.resolver_match
        return rows if match and match.url_name == "register_policytext_change" else rows.defer("text")
