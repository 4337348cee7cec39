"""Every fault once, on real processes; `make torture` plays them many times."""

import secrets

import pytest

from benchmarks.torture import rounds
from benchmarks.torture.faults import FAULTS
from benchmarks.torture.world import World

pytestmark = [pytest.mark.processes]


@pytest.fixture(scope="session")
def world():
    with World() as one:
        yield one


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_acknowledged_rows_and_work_outlast_a_fault(world, fault):
    rounds.play(world, fault, seed=secrets.randbelow(10**6), number=1)
