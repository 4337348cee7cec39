"""Every fault once, on real processes; `make torture` plays them many times."""

import secrets
from dataclasses import asdict

import pytest

from benchmarks.torture import rounds
from benchmarks.torture.faults import FAULTS
from benchmarks.torture.world import World
from tests.copies import restored

pytestmark = [pytest.mark.processes]


@pytest.fixture(scope="module")
def world(migrated_dump):
    with World(fill=lambda endpoints: restored(migrated_dump, asdict(endpoints))) as one:
        yield one


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_acknowledged_rows_and_work_outlast_a_fault(world, fault):
    rounds.play(world, fault, seed=secrets.randbelow(10**6), number=1)
