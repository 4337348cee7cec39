"""A sealer that is killed anywhere leaves no gap and no double."""

import os
import random
import signal
import time

import pytest
from django.db import connection
from django.utils import timezone

from foundation.evidence.sealing import seal_all
from foundation.models import Event, Leaf, Register
from tests.evidence.conftest import faults, note_act, shape

ROUNDS = int(os.environ.get("GREFFIER_KILL_ROUNDS", "8"))
EVENTS_PER_ROUND = 24


def _sealer() -> int:
    """Start a process that seals all by twos; the caller ends it."""
    connection.close()  # a child never shares a connection
    child = os.fork()
    if child:
        return child
    try:
        seal_all(timezone.now(), at_most=2)
        connection.close()
    finally:
        os._exit(0)


@pytest.mark.processes
def test_a_sealer_killed_at_random_points_leaves_no_gap_and_no_double(real_servers):
    register = Register.objects.create(slug="acme", name="Acme")
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    cut_short, longest = 0, 0.15
    for _ in range(ROUNDS):
        for n in range(EVENTS_PER_ROUND):
            note_act(register, n=n)
        started = time.monotonic()
        child = _sealer()
        time.sleep(chance.uniform(0.004, longest))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if Event.objects.unsealed().exists():
            cut_short += 1
        else:
            longest = max(0.02, min(longest, time.monotonic() - started))
        assert shape()[0] == list(range(1, Leaf.objects.count() + 1)), seed
    seal_all(timezone.now())
    positions, numbers = shape()
    assert positions == list(range(1, ROUNDS * EVENTS_PER_ROUND + 1)), seed
    assert numbers == list(range(1, len(numbers) + 1)), seed
    assert faults() == [], seed
    assert cut_short >= ROUNDS // 4, "the sealer was not killed at its work"
