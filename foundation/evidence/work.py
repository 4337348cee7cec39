"""Sealing and witnessing in the background."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from prometheus_client.core import GaugeMetricFamily

from foundation.evidence import sealing, witness
from foundation.evidence.errors import SigningKeyUnusable
from foundation.evidence.models import Event
from foundation.jobs.asking import ask
from foundation.jobs.errors import RetryLater
from foundation.jobs.held import HeldJob
from foundation.jobs.kinds import sweep, worker
from foundation.jobs.models import Job
from foundation.watch.gauges import gauges, one

SEAL, WITNESS = "evidence.seal", "evidence.witness"
THOROUGH_SECONDS = 600  # how often every event is looked at, not the newest only
KEY_RETRY = timedelta(minutes=5)


@sweep
def ask_for_checkpoint(now: datetime) -> None:
    """Ask for the next checkpoint if any event waits and no sealing is under way; two beats make one."""
    sealings = Job.objects.filter(kind=SEAL)
    if sealings.open().exists() or not (sealing.recent().exists() or (_is_thorough(now) and _any_waits())):
        return
    # one slot after each sealing: whatever a sealing found or did not find, the next one is another job
    ask(SEAL, slot=f"seal-after-{sealings.aggregate(last=Max('pk'))['last'] or 0}")


def _is_thorough(now: datetime) -> bool:
    every = max(1, round(THOROUGH_SECONDS / settings.TICK_SECONDS))
    return bool(int(now.timestamp() // settings.TICK_SECONDS) % every == 0)


def _any_waits() -> bool:
    return Event.objects.unsealed().exists()


@gauges
def unsealed(cursor: Any) -> Iterator[GaugeMetricFamily]:
    """How much evidence waits for its seal, and since when: a worker without the signing key shows here."""
    waiting = sealing.recent().aggregate(number=Count("pk"), oldest=Min("occurred_at"))
    oldest = waiting["oldest"]
    since = (timezone.now() - oldest).total_seconds() if oldest else 0
    yield one("greffier_unsealed_events", "Pieces of evidence that no checkpoint holds yet", waiting["number"])
    yield one("greffier_seconds_since_oldest_unsealed_event", "Age of the oldest of them", max(since, 0))


@worker(SEAL, title=_("seal evidence"), attempts=10)
def seal(job: HeldJob) -> None:
    """Close checkpoints until none of the events that waited when the job began is left."""
    closed = 0
    while True:
        try:
            with job.writing():
                checkpoint = sealing.seal_next(job.now)
        except SigningKeyUnusable as refusal:
            raise RetryLater(str(refusal.detail), seconds=KEY_RETRY.total_seconds()) from refusal
        closed += checkpoint is not None
        job.beat(done=closed)
        if checkpoint is None or checkpoint.count < sealing.EVENTS_PER_CHECKPOINT:
            return


@sweep
def ask_for_witness(now: datetime) -> None:
    """Ask once a day that the newest checkpoint is sent to the witnesses, and never twice for the same one."""
    newest = sealing.newest() if settings.WITNESSES else None
    if newest is not None and not Job.objects.filter(kind=WITNESS, subject=newest.number).exists():
        ask(WITNESS, slot=f"witness-{timezone.localdate(now)}", subject=newest.number)


@worker(WITNESS, title=_("send a checkpoint to the witnesses"))
def send_to_witness(job: HeldJob) -> None:
    """Plan one mail to each witness."""
    with job.finishing():
        witness.plan_mails(job.subject or 0)
