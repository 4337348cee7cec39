"""`python -m benchmarks.torture --rounds N`: every fault N times; ends with 1 if a round failed."""

import argparse
import secrets
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

import psutil
import psycopg

from benchmarks.torture import report, rounds
from benchmarks.torture.faults import FAULTS, Fault
from benchmarks.torture.world import World

BROKEN = (AssertionError, OSError, psutil.Error, psycopg.Error)


def play_all(fault: Fault, *, seed: int, numbers: range) -> report.Played:
    """Play the rounds of one fault; after a failure they go on in a new world."""
    passed: list[rounds.Round] = []
    left = list(numbers)
    while left:
        with World() as world:
            while left:
                number = left.pop(0)
                try:
                    played = rounds.play(world, fault, seed=seed, number=number)
                except BROKEN:
                    traceback.print_exc()
                    print(f"{fault.name} round {number}, seed {seed}: FAILED. Logs: {_keep_logs(world)}", flush=True)
                    break
                passed.append(played)
                print(f"{fault.name} round {number}, seed {seed}: {played}", flush=True)
    return report.Played(fault, passed, begun=len(numbers), seed=seed)


def _keep_logs(world: World) -> str:
    folder = tempfile.mkdtemp(prefix="greffier-torture-logs-")
    for log in [*world.root.glob("*.log"), *world.servers.glob("*/*.log")]:
        shutil.copy(log, Path(folder) / f"{log.parent.name}-{log.name}")
    return folder


def main() -> int:
    names = [fault.name for fault in FAULTS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.torture", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1, help="the number of the first round, to play one again")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    chosen = parser.parse_args()
    numbers = range(chosen.first, chosen.first + chosen.rounds)
    failed = False
    for fault in FAULTS:
        if fault.name in chosen.only:
            played = play_all(fault, seed=chosen.seed, numbers=numbers)
            report.write([played])
            failed |= len(played.passed) < played.begun
    print(f"seed {chosen.seed}: {'a round FAILED' if failed else 'every round passed'}; see {report.PAGE}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
