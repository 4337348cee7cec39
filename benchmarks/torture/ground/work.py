"""Work that trusts its token alone: what is left to do is read once, and then done without looking again."""

import os
import time
from datetime import datetime

from benchmarks.torture.ground.models import Effect, Ending, Order, Tick
from foundation.jobs.held import HeldJob
from foundation.jobs.kinds import sweep, worker


@worker("torture.count", attempts=10_000)  # being killed counts as an attempt, and here that is the purpose
def count(job: HeldJob) -> None:
    """Count the units of an order off, one write each; the last one ends the job."""
    order = Order.objects.get(pk=job.subject)
    done = set(Effect.objects.filter(order=order).values_list("unit", flat=True))
    left = [unit for unit in range(order.units) if unit not in done]
    for unit in left:
        time.sleep(order.pause_ms / 1000)
        with job.finishing() if unit == left[-1] else job.writing():
            Effect.objects.create(order=order, unit=unit, token=job.token, pid=os.getpid())
            time.sleep(order.within_ms / 1000)
            if unit == left[-1]:
                Ending.objects.create(order=order, token=job.token)


@sweep
def note_the_tick(now: datetime) -> None:
    """Leave a row for each tick."""
    Tick.objects.create(at=now)
