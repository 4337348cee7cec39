"""Targets: mapped, previewed, armed, run and disarmed on their own page."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.admin_base import ScopedAdmin, ScopedTabular
from foundation.admin_filters import VisibleFilter
from retention.admin.acts import ActingPage
from retention.admin.arming import ArmingPages
from retention.admin.filters import ArmingFilter, LastRunFilter
from retention.admin.live import objections
from retention.admin.proposing import Prefilled, ProposedLines, lines_of
from retention.admin.sheet import sheet_of
from retention.admin.target_form import (
    ChildForm,
    ChildrenFormSet,
    ColumnForm,
    ColumnsFormSet,
    EventsFormSet,
    TargetForm,
)
from retention.models import Arming, Run, Target, TargetChild, TargetColumn, TargetEvent
from retention.standing import standing_of, with_standing

SAVED = "greffier_saved_target"


class EventInline(ProposedLines, ScopedTabular):
    part = "events"
    model = TargetEvent
    formset = EventsFormSet
    fields = ("event", "column")


class ChildInline(ProposedLines, ScopedTabular):
    part = "children"
    model = TargetChild
    form = ChildForm
    formset = ChildrenFormSet
    fields = ("position", "schema", "table", "foreign_key", "fate", "domain", "domain_dated_by")


class ColumnInline(ProposedLines, ScopedTabular):
    part = "columns"
    model = TargetColumn
    form = ColumnForm
    formset = ColumnsFormSet
    fields = ("name", "of_table", "treatment", "constant", "identity", "domain", "domain_dated_by")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("child")


@admin.register(Target)
class TargetAdmin(Prefilled, ArmingPages, ActingPage, ScopedAdmin):
    """A rule's place in a table, with all that is done about it."""

    form = TargetForm
    change_form_template = "admin/retention/target/change_form.html"
    about = gettext_lazy(
        "Where the rules bite: each target is a rule and a table. Nothing runs before a person has seen its preview "
        "and armed it."
    )
    actions = None  # each is dealt with on its own page
    list_display = ("name", "state_now", "rule_ref", "where", "last_run", "next_run")
    list_filter = (("rule", VisibleFilter), ("source", VisibleFilter), "step", ArmingFilter, LastRunFilter)
    list_select_related = ("rule", "source")
    search_fields = ("name", "table", "rule__ref", "rule__description")
    ordering = ("name", "pk")
    inlines = (EventInline, ChildInline, ColumnInline)  # children first: a column may hang on a new one
    fieldsets = (
        (None, {"fields": ("name", "rule", "source", ("schema", "table"), "key_columns", "step")}),
        (
            gettext_lazy("Rows in the rule's state"),
            {"fields": ("state_column", "state_values"), "classes": ("collapse",)},
        ),
        (
            gettext_lazy("What the law orders to keep"),
            {"fields": ("domain", "domain_dated_by"), "classes": ("collapse",)},
        ),
        (
            gettext_lazy("What the step needs"),
            {
                "fields": (
                    ("archive_schema", "archive_table"),
                    ("access_column", "access_value"),
                    "returned_column",
                ),
                "classes": ("collapse",),
            },
        ),
        (
            gettext_lazy("Public archives, time zone"),
            {"fields": ("holds_public_archives", "visa_reference", "zone"), "classes": ("collapse",)},
        ),
    )

    # -- the list ------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_standing(super().get_queryset(request))

    @admin.display(description=gettext_lazy("state"))
    def state_now(self, target: Target) -> str:
        standing = standing_of(target, now=timezone.now())
        late = _("late") if standing.is_late else ""
        words = f"{standing.words} · {late}" if late else standing.words
        mark = "late" if late else standing.mark
        return format_html('<span class="state state--{}">{}</span>', mark, words) if mark else words

    @admin.display(description=gettext_lazy("rule"), ordering="rule__position")
    def rule_ref(self, target: Target) -> str:
        return target.rule.ref

    @admin.display(description=gettext_lazy("where"), ordering="source__name")
    def where(self, target: Target) -> str:
        return f"{target.source}, {target.table}"

    @admin.display(description=gettext_lazy("last run"))
    def last_run(self, target: Any) -> str:
        if not target.run_state:
            return "—"
        words = Run.Why(target.run_why).label if target.run_why else Run.State(target.run_state).label
        return f"{date_format(timezone.localtime(target.run_started_at), 'SHORT_DATE_FORMAT')}, {words}"

    @admin.display(description=gettext_lazy("next run"))
    def next_run(self, target: Target) -> str:
        at = standing_of(target, now=timezone.now()).runs_next_at
        return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else "—"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether it may go: what is armed is disarmed first, so that the evidence says when it ended."""
        is_armed = obj is not None and Arming.objects.standing().filter(target=obj).exists()
        return not is_armed and super().has_delete_permission(request, obj)

    # -- its page ------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        return [*self.arming_urls(), *super().get_urls()]

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        lines = lines_of(request, inline.part) if obj.pk is None else []
        return kwargs | ({"initial": lines} if lines else {})

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> Any:  # noqa: FBT001 - Django's signature
        formsets, inlines = super()._create_formsets(request, obj, change)  # type: ignore[misc]
        children = next((one for one in formsets if isinstance(one, ChildrenFormSet)), None)
        for formset in formsets:
            if isinstance(formset, ColumnsFormSet):
                formset.children = children
        return formsets, inlines

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        target = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if target is not None and request.method == "GET":
            context = {"sheet": sheet_of(target, now=timezone.now()), "may_act": self.may_change(request, target)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().changeform_view(request, *args, **kwargs)
        saved = getattr(request, SAVED, None)
        if saved is not None and response.status_code == HTTPStatus.FOUND:
            for objection in objections(saved):  # the register is not held while the database is asked
                messages.warning(request, objection)
        return response

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_related(request, form, formsets, change)
        setattr(request, SAVED, form.instance)
