"""Jobs and stops of work in the admin: seen with their progress, paused, resumed, retried and cancelled."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.admin_base import ReadOnly, ScopedAdmin
from foundation.admin_forms import ScopedForm
from foundation.admin_history import NoHistory
from foundation.admin_scope import person
from foundation.admin_types import OfPage
from foundation.errors import RuleViolation
from foundation.jobs import kinds, orders
from foundation.jobs.models import Halt, Job
from foundation.jobs.ticking import silent_since

POSSIBLE = {  # the orders that make sense in each state
    Job.State.ASKED: ("pause", "cancel"),
    Job.State.RUNNING: ("pause", "cancel"),
    Job.State.PAUSED: ("resume", "cancel"),
    Job.State.FAILED: ("retry",),
    Job.State.CANCELLED: ("retry",),
}


class KindFilter(admin.SimpleListFilter):
    """By kind of work, in the words of a person."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return kinds.choices()

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class Ordered(OfPage):
    """Orders given to the chosen jobs, each by whoever may change work in its register."""

    actions = ("pause", "resume", "retry", "cancel")

    def has_order_permission(self, request: HttpRequest) -> bool:
        return permissions.may(person(request), permissions.CHANGE, Job)

    def get_actions(self, request: HttpRequest) -> Any:
        return {name: action for name, action in super().get_actions(request).items() if name in self.actions}

    def _order(self, request: HttpRequest, chosen: models.QuerySet[Job], give: Callable[..., Job], told: str) -> None:
        registers = permissions.registers_allowing(person(request), permissions.JOBS, permissions.CHANGE)
        given = 0
        for job in chosen.filter(register__in=registers).order_by("pk"):
            try:
                give(job.pk, actor=person(request))
            except RuleViolation as refusal:
                self.message_user(request, f"{job!s}: {refusal.detail}", messages.WARNING)
            else:
                given += 1
        if given:
            self.message_user(request, told % given, messages.SUCCESS)

    @admin.action(description=_("Pause"), permissions=["order"])
    def pause(self, request: HttpRequest, chosen: models.QuerySet[Job]) -> None:
        self._order(request, chosen, orders.pause, gettext("Paused, or asked to pause: %d."))

    @admin.action(description=_("Resume"), permissions=["order"])
    def resume(self, request: HttpRequest, chosen: models.QuerySet[Job]) -> None:
        self._order(request, chosen, orders.resume, gettext("Resumed: %d."))

    @admin.action(description=_("Try again"), permissions=["order"])
    def retry(self, request: HttpRequest, chosen: models.QuerySet[Job]) -> None:
        self._order(request, chosen, orders.retry, gettext("To be tried again: %d."))

    @admin.action(description=_("Cancel"), permissions=["order"])
    def cancel(self, request: HttpRequest, chosen: models.QuerySet[Job]) -> None:
        self._order(request, chosen, orders.cancel, gettext("Cancelled, or asked to stop: %d."))


@admin.register(Job)
class JobAdmin(Ordered, NoHistory, ReadOnly, ScopedAdmin):
    """The background work of the registers one keeps."""

    change_list_template = "admin/foundation/job/change_list.html"
    change_form_template = "admin/foundation/job/change_form.html"
    list_display = ("what", "state_now", "progress", "asked_at", "short_error")
    list_filter = ("state", KindFilter)
    date_hierarchy = "asked_at"
    ordering = ("-asked_at", "-pk")
    about = _("What Greffier does in the background: each piece of work once, whatever is killed or doubled.")
    fields = (
        "register",
        ("what", "state_now", "progress"),
        ("asked_at", "who_asked"),
        ("started_at", "finished_at", "took"),
        ("due_at", "attempts"),
        ("heartbeat_at", "lease_until"),
        "error",
        ("kind", "slot", "subject", "token"),
    )
    readonly_fields = ("what", "state_now", "progress", "who_asked", "took")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        found = Halt.objects.visible_to(person(request)).select_related("register")
        everywhere = Halt.objects.filter(register=None).exists()
        running = Job.objects.visible_to(person(request)).filter(state__in=[Job.State.ASKED, Job.State.RUNNING])
        context = {
            "halts": found,
            "halted_everywhere": everywhere,
            "silent_since": silent_since(),
            "is_working": running.exists(),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        job = self.get_object(request, object_id)
        possible = POSSIBLE.get(job.state, ()) if job and permissions.may(person(request), "change", Job, job) else ()
        given = {"possible": [(name, getattr(self, name).short_description) for name in possible]}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **given})

    @admin.display(description=_("work"), ordering="kind")
    def what(self, job: Job) -> str:
        return str(job)

    @admin.display(description=_("state"), ordering="state")
    def state_now(self, job: Job) -> str:
        words = str(job.get_state_display())
        return f"{words}, {job.get_order_display()}" if job.order else words

    @admin.display(description=_("progress"))
    def progress(self, job: Job) -> str:
        if job.total:
            done = job.done or 0
            said = gettext("%(done)d of %(total)d") % {"done": done, "total": job.total}
            return format_html(
                '<progress value="{}" max="{}" aria-label="{}"></progress> {}',
                done,
                job.total,
                gettext("progress"),
                said,
            )
        return str(job.done) if job.done is not None else "—"

    @admin.display(description=_("asked by"))
    def who_asked(self, job: Job) -> str:
        return str(job.asked_by or "—")

    @admin.display(description=_("duration"))
    def took(self, job: Job) -> str:
        return f"{job.took.total_seconds():.1f} s" if job.finished_at else "—"

    @admin.display(description=_("error"))
    def short_error(self, job: Job) -> str:
        return job.error if len(job.error) <= 80 else f"{job.error[:79]}…"


class HaltForm(ScopedForm):
    kind = forms.ChoiceField(label=_("Kind of job"), required=False, help_text=_("Empty: all work of the register."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            self.fields["kind"].choices = [("", _("all work")), *kinds.choices()]  # type: ignore[attr-defined]

    def clean(self) -> Any:
        data: Any = super().clean()
        register: Any = getattr(self, "register", None)
        if register and Halt.objects.filter(register=register, kind=(data or {}).get("kind", "")).exists():
            raise forms.ValidationError(_("This work is stopped already: see the list of stops."))
        return data


@admin.register(Halt)
class HaltAdmin(NoHistory, ScopedAdmin):
    """The kill switch of a register: adding a stop holds its work back, deleting it lets the work go on."""

    form = HaltForm
    list_display = ("what", "reason", "ordered_at", "who_ordered")
    list_select_related = ("ordered_by",)
    about = _(
        "Stops of background work. While one stands, nothing of its kind begins; what runs stops at its next step."
    )
    fields = ("kind", "reason")
    ordering = ("-ordered_at",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("stopped"))
    def what(self, halt: Halt) -> str:
        return kinds.title(halt.kind) if halt.kind else gettext("all work")

    @admin.display(description=_("ordered by"))
    def who_ordered(self, halt: Halt) -> str:
        return str(halt.ordered_by or gettext("the operator"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        halt = orders.stop_work(register=obj.register, kind=obj.kind, reason=obj.reason, actor=person(request))
        obj.pk, obj.ordered_at = halt.pk, halt.ordered_at

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        orders.let_go_on(Halt.objects.filter(pk=obj.pk), actor=person(request))

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        n = orders.let_go_on(queryset, actor=person(request))
        self.message_user(request, ngettext("%d stop was lifted.", "%d stops were lifted.", n) % n)
