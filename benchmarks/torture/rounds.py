"""One round of one fault: struck, waited for, judged."""

import time
from dataclasses import dataclass
from random import Random

from benchmarks.torture import oracle
from benchmarks.torture.faults import Fault, Noted
from benchmarks.torture.load import Load
from benchmarks.torture.world import World


@dataclass(frozen=True)
class Round:
    """What a round took and showed."""

    seconds: float
    orders: int
    taken_again: int
    slowest_answer_seconds: float
    noted: Noted


def play(world: World, fault: Fault, *, seed: int, number: int) -> Round:
    """Strike once; the moments depend on the seed, the fault and the number. Raises `AssertionError` for a breach."""
    began = time.monotonic()
    load = Load(world)
    try:
        noted = fault.strike(world, load, Random(f"{seed}/{fault.name}/{number}"))
        oracle.wait_for_the_end(world)
        oracle.hold(world, load.acknowledged)
    except AssertionError as breach:
        breach.add_note(f"Again: python -m benchmarks.torture --only {fault.name} --seed {seed} --first {number}")
        raise
    return Round(
        seconds=time.monotonic() - began,
        orders=len(load.acknowledged),
        taken_again=oracle.taken_again(world, load.acknowledged),
        slowest_answer_seconds=load.slowest_seconds,
        noted=noted,
    )
