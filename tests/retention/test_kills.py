"""Workers killed anywhere: exactly what is due goes, nothing else, and the ledger tells it as it is."""

import os
import random
import signal
import time

import pytest
from django.db import connection
from django.utils import timezone

from foundation.evidence.sealing import seal_all
from foundation.jobs import running
from foundation.jobs.models import Job
from foundation.models import Register
from foundation.permissions import Role
from retention.models import Batch, DataSource, ErasureList, Run
from retention.proof import find_erasure
from retention.running import digests
from retention.running.holders import TOKEN_BITS
from tests.conftest import member
from tests.evidence.conftest import faults
from tests.retention.world import make_world, reach_directly

KILLS = int(os.environ.get("GREFFIER_KILL_ROUNDS", "12"))
ROWS_PER_KILL = 150
BATCH = 12
LEASE_SECONDS = 0.6


def start(work):
    """Begin a worker process that takes whatever waits until nothing does; the caller kills it."""
    connection.close()  # a child never shares a connection
    work.business.engine.dispose()
    child = os.fork()
    if child:
        return child
    try:
        while True:
            for number in Job.objects.takeable().filter(kind__startswith="retention.").values_list("pk", flat=True):
                running.run(number)
            time.sleep(0.02)
    finally:
        os._exit(1)


def kill(child):
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.processes
def test_two_rivals_killed_at_random_points_erase_what_is_due_once_and_nothing_else(
    real_servers, business_postgresql, monkeypatch, settings
):
    settings.JOB_LEASE_SECONDS, settings.JOB_HEARTBEAT_SECONDS = LEASE_SECONDS, LEASE_SECONDS / 4
    settings.JOB_RETRY_SECONDS = 0.1
    register = Register.objects.create(slug="acme", name="Acme")
    dpo = member(register, Role.DPO)
    business_postgresql.clean()
    reach_directly(business_postgresql, monkeypatch)
    shop = make_world(register, business_postgresql)
    due, young = KILLS * ROWS_PER_KILL, 300
    shop.fill(old=due, young=young, orders=due)
    DataSource.objects.update(batch_rows=BATCH, workers=2)
    shop.armed(dpo)
    job = shop.asked()
    Job.objects.filter(pk=job.pk).update(due_at=timezone.now())

    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    kills = 0
    rivals = [start(shop), start(shop)]
    deadline = time.monotonic() + 20 * KILLS
    try:
        while kills < KILLS and len(shop.ids()) > young:
            time.sleep(chance.uniform(0, 0.2))
            until_somebody_is_at_a_batch(chance)
            for victim in chance.choice([[0], [1], [0, 1]]):
                kill(rivals[victim])
                kills += 1
                rivals[victim] = start(shop)
            time.sleep(LEASE_SECONDS)  # what the dead one left is taken over, or was never there
            assert time.monotonic() < deadline, seed
        while Run.objects.open().exists() or Job.objects.open().filter(kind__startswith="retention.").exists():
            time.sleep(0.1)
            assert time.monotonic() < deadline, seed
    finally:
        for rival in rivals:
            kill(rival)

    run = Run.objects.get()
    assert (run.state, run.why) == (Run.State.DONE, ""), seed
    assert shop.ids() == set(range(due + 1, due + young + 1)), seed
    assert shop.ids("orders") == set(), seed
    told(run, due, seed)
    for key in chance.sample(range(1, due + 1), 5):
        assert find_erasure(shop.target, (key,)) is not None, seed
    assert find_erasure(shop.target, (due + 1,)) is None
    seal_all(timezone.now())
    assert faults() == [], seed
    recovered = run.batches.filter(is_recovered=True).count()
    assert recovered >= KILLS // 4, f"the workers were not killed at their work: {recovered} batches, {kills} kills"
    assert len({batch.token >> TOKEN_BITS for batch in run.batches.all()}) == 2, "one worker did all of it"


def until_somebody_is_at_a_batch(chance):
    """Wait until a worker is in the middle of a batch, then a moment more."""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline and not Batch.objects.filter(state="planned").exists():
        time.sleep(0.002)
    time.sleep(chance.uniform(0, 0.02))


def told(run, due, seed):
    """Compare what the ledger tells with what has happened."""
    done = list(run.batches.all())
    assert {batch.state for batch in done} == {Batch.State.DONE}, seed
    assert [batch.number for batch in done] == list(range(1, len(done) + 1)), seed
    assert run.rows_erased == sum(batch.rows_erased for batch in done) == due, seed
    assert (run.rows_treated, run.rows_kept, run.rows_locked) == (0, 0, 0), seed
    every = [one for row in ErasureList.objects.all() for one in digests.split(bytes(row.digests))]
    assert len(every) == len(set(every)) == due, f"a key stands in two batches, or in none: {seed}"
