"""The tick: show that the bell works, ask for what is due by the clock, ring for what waits or was left behind."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from foundation.jobs import kinds
from foundation.jobs.asking import ring
from foundation.jobs.models import Job, Pulse
from foundation.jobs.running import guarded

TICK = "tick"
BELLS_PER_TICK = 100
TICKS_OF_SILENCE = 3  # after which the worker, the scheduler or the broker is taken for dead


def tick(now: datetime) -> None:
    """Do what one tick does; two beats, or ten, make nothing twice."""
    for sweep in kinds.sweeps():
        guarded(sweep, now)
    for job_id in waiting().values_list("pk", flat=True)[:BELLS_PER_TICK]:
        if not ring(job_id):
            break  # the next one would wait in vain as long
    pulse(TICK)


def waiting() -> models.QuerySet[Job]:
    """Return the jobs that a worker could take now, oldest first."""
    known = [name for name, _title in kinds.choices()]  # a kind of tomorrow takes no bell from those of today
    return Job.objects.takeable().not_stopped().filter(kind__in=known).order_by("due_at", "pk")


def pulse(name: str) -> None:
    """Note that this was heard now, by the clock of the database."""
    Pulse.objects.update_or_create(name=name[:150], defaults={"seen_at": Now()})


def silent_since() -> datetime | None:
    """Return when the tick was last heard if that is too long ago, else None; before the first tick all is well."""
    allowed = timedelta(seconds=TICKS_OF_SILENCE * settings.TICK_SECONDS)
    late = Pulse.objects.filter(name=TICK, seen_at__lt=Now() - allowed)
    return late.values_list("seen_at", flat=True).first()


def clear_away(now: datetime) -> None:
    """Delete the jobs that ended longer ago than their time, and the pulses of workers that are no more."""
    long_ago = now - timedelta(days=settings.JOBS_KEPT_DAYS)
    ended = Job.objects.exclude(state__in=Job.OPEN).exclude(kind__in=kinds.kept()).filter(finished_at__lt=long_ago)
    # locked first: one that somebody tries again at this moment stays
    ended.filter(pk__in=list(ended.select_for_update(skip_locked=True).values_list("pk", flat=True))).delete()
    Pulse.objects.exclude(name=TICK).filter(seen_at__lt=long_ago).delete()
