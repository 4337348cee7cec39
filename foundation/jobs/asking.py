"""Asking for work in the transaction that needs it, and ringing the bell once that transaction holds."""

import logging
import time
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from foundation.accounts.models import Register, User
from foundation.jobs.models import Job

logger = logging.getLogger(__name__)
# a page never waits long for the bell: neither for a broker that is frozen, nor once for each job that it asks for
PATIENCE: Final = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
SILENCE_SECONDS: Final = 5
_unheard_until: Final[dict[str, float]] = {}


def ask(
    kind: str,
    *,
    slot: str,
    subject: int | None = None,
    arguments: dict[str, int] | None = None,
    register: Register | None = None,
    by: User | None = None,
    due_at: datetime | None = None,
) -> Job:
    """Return the one job of this slot, asked for now if there is none; `arguments` are numbers of rows, nothing else.

    The worker is woken once the caller's transaction holds. Without a broker the job waits for the next tick.
    """
    if any(not isinstance(value, int) for value in (arguments or {}).values()):
        raise TypeError("A job's arguments are numbers of rows: what they say is read when the work is done.")
    now = timezone.now()
    with transaction.atomic():
        job, is_new = Job.objects.get_or_create(
            slot=slot,
            defaults={
                "kind": kind,
                "subject": subject,
                "arguments": arguments or {},
                "register": register,
                "asked_by": by,
                "asked_at": now,
                "due_at": due_at or Now(),  # by the clock that decides who may take it
            },
        )
        if is_new and due_at is None:
            job.refresh_from_db(fields=["due_at"])
            ring_when_written(job.pk)
    return job


def ring_when_written(job_id: int) -> None:
    """Wake a worker for a job once the transaction holds."""
    transaction.on_commit(lambda: ring(job_id))


def ring(job_id: int) -> bool:
    """Wake a worker for a job; a broker that does not answer changes nothing but the time."""
    from kombu import pools
    from kombu.exceptions import OperationalError

    from foundation.tasks import run

    connection = run.app.connection_for_write(transport_options=PATIENCE)
    broker = connection.as_uri()
    if time.monotonic() < _unheard_until.get(broker, 0):
        return False
    try:
        with pools.producers[connection].acquire(block=True) as producer:
            # a bell that was not heard in time is not worth hearing: the tick has rung another one
            run.apply_async((job_id,), producer=producer, retry=False, expires=2 * settings.TICK_SECONDS + 5)
    except (OperationalError, OSError) as refusal:
        _unheard_until[broker] = time.monotonic() + SILENCE_SECONDS
        logger.warning(
            "The broker does not answer (%s): job %s waits for the next tick.", type(refusal).__name__, job_id
        )
        return False
    return True
