"""The bell: Celery wakes a worker with the number of a job; the truth is the row."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from foundation.jobs import running, ticking


@shared_task(name="jobs.run", bind=True)
def run(self: Any, job_id: int) -> None:
    """Do one job, if it is still to be done."""
    ticking.pulse(f"worker {self.request.hostname}")
    running.run(job_id)


@shared_task(name="jobs.tick", bind=True)
def tick(self: Any) -> None:
    """Ask for what is due and ring for what waits."""
    ticking.pulse(f"worker {self.request.hostname}")
    ticking.tick(timezone.now())
