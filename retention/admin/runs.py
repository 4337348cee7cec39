"""Runs in the admin: what each did and why, batch by batch, with the button that stops one."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.admin_base import ReadOnly, ScopedAdmin
from foundation.admin_filters import VisibleFilter
from foundation.admin_history import NoHistory
from foundation.admin_scope import person
from retention import actions
from retention.admin.acts import ActingPage, answered
from retention.models import Batch, Run

PER_PAGE = 100
MARKS = {
    Run.State.RUNNING.value: "ok",
    Run.State.DONE.value: "ok",
    Run.State.STOPPED.value: "late",
    Run.State.INCOMPLETE.value: "warn",
}


@admin.register(Run)
class RunAdmin(NoHistory, ReadOnly, ActingPage, ScopedAdmin):
    """Each pass over a target; one that did nothing says why."""

    change_form_template = "admin/retention/run/change_form.html"
    about = gettext_lazy("What the engine did: each run with its rows, and why one did nothing or stopped.")
    list_display = ("started_at", "target", "state_now", "rows_due", "rows_erased", "rows_treated", "took")
    list_filter = ("state", "why", ("target", VisibleFilter))
    list_select_related = ("target",)
    date_hierarchy = "started_at"
    ordering = ("-pk",)
    fields = (
        ("target", "state_now"),
        ("day", "counted_to"),
        ("rows_due", "rows_erased", "rows_treated"),
        ("rows_kept", "rows_locked"),
        ("started_at", "finished_at", "took"),
        ("armed_by", "job_shown"),
        ("rule_version", "mapping_version", "schema_fingerprint"),
    )
    readonly_fields = ("state_now", "counted_to", "took", "armed_by", "job_shown")

    def get_urls(self) -> list[Any]:
        return [self.own("stop", self.stop_view, is_button=True), *super().get_urls()]

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_now(self, run: Run) -> Any:
        words = f"{run.get_state_display()} · {run.get_why_display()}" if run.why else run.get_state_display()
        mark = MARKS.get(run.state)
        return format_html('<span class="state state--{}">{}</span>', mark, words) if mark else words

    @admin.display(description=gettext_lazy("duration"))
    def took(self, run: Run) -> str:
        seconds = ((run.finished_at or timezone.now()) - run.started_at).total_seconds()
        return _("%d min") % (seconds / 60) if seconds >= 120 else f"{number_format(seconds, 1)} s"

    @admin.display(description=gettext_lazy("events counted up to"))
    def counted_to(self, run: Run) -> str:
        day = run.cut_off.get("day")
        return date_format(date.fromisoformat(day)) if day else "—"

    @admin.display(description=gettext_lazy("armed by"))
    def armed_by(self, run: Run) -> str:
        return str(run.arming.armed_by) if run.arming else "—"

    @admin.display(description=gettext_lazy("job"))
    def job_shown(self, run: Run) -> Any:
        if run.job_id is None:
            return "—"
        return format_html('<a href="{}">{}</a>', reverse("admin:foundation_job_change", args=[run.job_id]), run.job_id)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        run = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if run is not None:
            batches = Batch.objects.filter(run=run).order_by("-number").defer("sealed_keys")
            about = f"subject_type=retention.run&subject_id={run.pk}"
            context = {
                "batches": Paginator(batches, PER_PAGE).get_page(request.GET.get("p")),
                "children": [(table, *numbers) for table, numbers in sorted(run.child_rows.items())],
                "is_running": run.state == Run.State.RUNNING,
                "may_stop": run.state == Run.State.RUNNING and self.may_change(request, run),
                "evidence": f"{reverse('admin:foundation_event_changelist')}?{about}",
            }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def stop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop a run before its next batch; what is done stays done."""
        run = self.reached(request, pk)

        def stop() -> str:
            actions.stop_run(run, by=person(request), at=timezone.now())
            return _("The run stops before its next batch. What it has erased is gone; the rest stays.")

        return answered(request, stop, self.page_of(run))
