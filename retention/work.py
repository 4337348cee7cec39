"""What retention has done in the background: previews, the runs of the night, and those who help a run."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from prometheus_client.core import GaugeMetricFamily

from foundation.jobs.asking import ask
from foundation.jobs.errors import RetryLater
from foundation.jobs.held import HeldJob
from foundation.jobs.kinds import sweep, worker
from foundation.jobs.models import Job
from foundation.watch.gauges import gauges, one
from retention import previewing
from retention.errors import GroundError, SourceError
from retention.models import Arming, Preview, RetentionSettings, Run, Target
from retention.nights import latest_night, starts_at
from retention.running import passes

# a night, the hour that a clock may add, and as long as a run may take
LATE_AFTER: Final = timedelta(hours=36)
LATE = """
SELECT count(*) FROM retention_arming arming
WHERE (arming.void_at IS NULL OR arming.void_code <> 'disarmed') AND arming.runs_from < %(since)s
  AND NOT EXISTS (SELECT FROM retention_arming later WHERE later.target_id = arming.target_id AND later.id > arming.id)
  AND NOT EXISTS (
    SELECT FROM retention_run run WHERE run.target_id = arming.target_id AND run.finished_at > %(since)s
    AND (run.state = 'done' OR run.why IN ('nothing_due', 'held')))
"""
ATTEMPTS = 20  # a run that is killed goes on: neither its beginning nor its end is lost by trying again


@sweep
def ask_for_runs(now: datetime) -> None:
    """Ask for one run per armed target and night, at the hour of its register; a missed night is made good once."""
    wanted = {_slot(target, night): target for target, night in _due(now)}
    asked = set(Job.objects.filter(slot__in=wanted).values_list("slot", flat=True))
    for slot, target in wanted.items():
        if slot not in asked:
            ask(passes.RUN, slot=slot, subject=target.pk, register=target.register)


def _slot(target: Target, night: object) -> str:
    return f"retention-run-{target.pk}-{night}"


def _due(now: datetime) -> Iterable[tuple[Target, object]]:
    """Yield the targets whose night has come since they may run, and those whose run was left open."""
    settings = {row.register_id: row for row in RetentionSettings.objects.all()}
    since = dict(Arming.objects.standing().filter(runs_from__lte=now).values_list("target", "runs_from"))
    left = dict(Run.objects.open().exclude(job__state__in=Job.OPEN).values_list("target", "started_at"))
    for target in Target.objects.filter(pk__in={*since, *left}).select_related("register").order_by("pk"):
        at = settings.get(target.register_id, RetentionSettings()).runs_at
        zone = ZoneInfo(target.register.time_zone)
        night = latest_night(now, at, zone)
        if starts_at(night, at, zone) >= min(each[target.pk] for each in (since, left) if target.pk in each):
            yield target, night


@gauges
def late(cursor: Any) -> Iterator[GaugeMetricFamily]:
    """How many targets were armed and do not run: stopped, void by themselves, blocked, or their place is away."""
    cursor.execute(LATE, {"since": timezone.now() - LATE_AFTER})
    meaning = "Targets that a person armed and that no run has served for 36 hours"
    yield one("greffier_late_retention_targets", meaning, cursor.fetchone()[0])


@worker(passes.RUN, title=_("carry out a retention rule"), attempts=ATTEMPTS, at_most=6 * 3600)
def run_target(job: HeldJob) -> None:
    """Run one target, or write why nothing was done."""
    passes.pass_over(job)


@worker(passes.HELP, title=_("help to carry out a retention rule"), attempts=ATTEMPTS, at_most=6 * 3600)
def help_run(job: HeldJob) -> None:
    """Share the batches of a run."""
    passes.help_along(job)


@worker(previewing.PREVIEW, title=_("count what a retention rule would do"), at_most=6 * 3600)
def preview_target(job: HeldJob) -> None:
    """Count what a run would do."""
    preview = Preview.objects.get(pk=job.subject or 0)
    try:
        found = previewing.counted(preview)
    except (GroundError, SourceError) as error:
        if passes.may_pass(error) and job.attempt < passes.TRIES:
            raise RetryLater(str(error.detail)) from error
        found = previewing.refused(preview, [str(error.detail)])
    with job.finishing():
        previewing.write(preview, found, at=timezone.now())
