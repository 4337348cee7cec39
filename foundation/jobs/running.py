"""The runner: take a job, do it under a lease, and say how it ended. The only place where every error is caught."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation import history, watch
from foundation.accounts.models import User
from foundation.errors import RuleViolation
from foundation.jobs import kinds
from foundation.jobs.errors import Cancelled, Halted, LeaseLost, RetryLater
from foundation.jobs.held import HeldJob, lease
from foundation.jobs.models import Job

logger = logging.getLogger(__name__)
LONGEST_PAUSE_SECONDS = 3600
# InternalError: the database ended a transaction that was silent for too long, or takes no writes just now
DATABASE_AWAY = (OperationalError, InterfaceError, InternalError)
LOST = "Job %s went on elsewhere: this worker was silent for too long."


def run(job_id: int) -> bool:
    """Do one job if it is due and nobody holds it; return whether this call brought it to its end."""
    held = take(job_id)
    if held is None:
        return False
    actor = User.objects.filter(pk=held.asked_by_id).first() if held.asked_by_id else None
    with (
        watch.context(job=held.pk, kind=held.kind.name, attempt=held.attempt),
        _heart(held),
        history.because(f"{held.kind.name} ({held.slot})", actor=actor),
    ):
        _settle(held, _outcome(held))
    return Job.objects.filter(pk=held.pk, token=held.token).exclude(state__in=Job.OPEN).exists()


@transaction.atomic
def take(job_id: int) -> HeldJob | None:
    """Take a job with a new token: from now on it is ours until it is settled or our lease is over."""
    job = (
        Job.objects.takeable().not_stopped().filter(pk=job_id).select_for_update(skip_locked=True, no_key=True).first()
    )
    if job is None:
        return None
    kind = kinds.find(job.kind)
    if kind is None:
        logger.warning("Job %s is of a kind unknown to this worker (%s): it waits for a newer one.", job.pk, job.kind)
        return None
    if job.order == Job.Order.CANCEL:
        _give_up(job, Job.State.CANCELLED, "")
        return None
    if job.attempts >= kind.attempts:
        _give_up(job, Job.State.FAILED, _("Whoever worked on it fell silent, %d times.") % job.attempts)
        return None
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING,
        token=F("token") + 1,
        attempts=F("attempts") + 1,
        lease_until=lease(),
        heartbeat_at=Now(),
        started_at=Now(),
        finished_at=None,
    )
    return HeldJob(
        pk=job.pk,
        kind=kind,
        slot=job.slot,
        subject=job.subject,
        arguments=job.arguments,
        register_id=job.register_id,
        asked_by_id=job.asked_by_id,
        token=job.token + 1,
        attempt=job.attempts + 1,
        now=timezone.now(),
    )


def _give_up(job: Job, state: Job.State, error: str) -> None:
    Job.objects.filter(pk=job.pk).update(
        state=state, error=error, order="", lease_until=None, token=F("token") + 1, finished_at=Now()
    )


class Settlement:
    """How a job is left: its state, and the fields that say why and until when."""

    def __init__(self, state: Job.State, **fields: Any) -> None:
        self.state, self.fields = state, fields


def _outcome(held: HeldJob) -> Settlement | None:
    """Do the work; return how to leave the job, or None when it was lost."""
    try:
        held.kind.handler(held)
    except LeaseLost:
        logger.warning(LOST, held.pk)
        return None
    except Cancelled:
        return Settlement(Job.State.CANCELLED)
    except Halted:
        return Settlement(Job.State.ASKED, attempts=held.attempt - 1, due_at=Now())
    except RetryLater as wish:
        return _later(held, str(wish), wish.seconds)
    except RuleViolation as refusal:
        return Settlement(Job.State.FAILED, error=str(refusal.detail))
    except DATABASE_AWAY as away:
        connection.close()
        return _later(held, _("The database did not answer (%s).") % type(away).__name__)
    except Exception as bug:  # the outermost frame of the work: a bug fails the job instead of ending the worker
        if isinstance(bug, held.kind.retry_on):
            return _later(held, type(bug).__name__)
        logger.exception("Job %s (%s) failed", held.pk, held.kind.name)
        return Settlement(
            Job.State.FAILED, error=_("The work stopped at an error (%s). The log says more.") % type(bug).__name__
        )
    return Settlement(Job.State.DONE)  # which changes nothing if the work has settled it with its last write


def _later(held: HeldJob, reason: str, seconds: float | None = None) -> Settlement:
    if held.attempt >= held.kind.attempts:
        return Settlement(Job.State.FAILED, error=reason)
    wait = min(settings.JOB_RETRY_SECONDS * 2 ** (held.attempt - 1), LONGEST_PAUSE_SECONDS)
    pause = timedelta(seconds=wait if seconds is None else seconds)
    return Settlement(Job.State.ASKED, error=reason, due_at=Now() + pause)


def _settle(held: HeldJob, left: Settlement | None) -> None:
    """Write how the job was left; while the database is away, try for as long as the lease may last."""
    if left is None:
        return
    give_up_at = time.monotonic() + settings.JOB_LEASE_SECONDS
    while True:
        try:
            ours = held.settle(left.state, **left.fields)
        except DATABASE_AWAY:
            connection.close()
            if time.monotonic() > give_up_at:
                raise  # its lease is over: the tick finds the job
            time.sleep(0.5)
        else:
            if not ours and left.state != Job.State.DONE:
                logger.warning(LOST, held.pk)
            return


@contextmanager
def _heart(held: HeldJob) -> Iterator[None]:
    """Renew the lease beside the work, for as long as this kind of work may last."""
    ended = threading.Event()
    heart = threading.Thread(target=_beat, args=(held, ended), name=f"heart-{held.pk}", daemon=True)
    heart.start()
    try:
        yield
    finally:
        ended.set()
        heart.join()


def _beat(held: HeldJob, ended: threading.Event) -> None:
    last_beat_at = time.monotonic() + held.kind.at_most
    try:
        while not ended.wait(settings.JOB_HEARTBEAT_SECONDS) and time.monotonic() < last_beat_at:
            try:
                if not held.renew():
                    return
            except DATABASE_AWAY:
                connection.close()
    finally:
        connection.close()


def guarded(function: Callable[..., None], *arguments: Any) -> bool:
    """Call something of the tick; what goes wrong in it is told in the log and does not stop the rest."""
    try:
        with transaction.atomic():
            function(*arguments)
    except DATABASE_AWAY:
        raise
    except Exception:  # the outermost frame again
        logger.exception("%s failed in the tick", getattr(function, "__qualname__", function))
        return False
    return True
