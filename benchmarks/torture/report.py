"""The table of docs/torture.md: a row per fault, of the last time it was played."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.torture.faults import FAULTS, Fault
from benchmarks.torture.rounds import Round

PAGE = Path(__file__).resolve().parents[2] / "docs" / "torture.md"
HEADER = """\
# Torture

What was killed, how often, and what held. The faults are struck on real processes (PostgreSQL, Valkey, gunicorn, two
workers with two processes each, two beats) by one implementation, `benchmarks/torture`: `make test` plays one round of
each, `make torture ROUNDS=n` plays n and writes this page. Leases last 3 seconds there instead of 300, the tick rings
each second. To play a round again: `python -m benchmarks.torture --only FAULT --seed SEED --first ROUND --rounds 1`.

After every round the rows are read (`benchmarks/torture/oracle.py`): every acknowledged order is there; no order
without its job and no job without its order; every unit of work done exactly once; no write with an older token after a
newer one; every job ended exactly once, by the last token; every document that was asked for printed once, with one
piece of evidence. "Taken again" counts the jobs that more than one worker had to take: there the fault struck in the
middle of the work.

| fault | what is broken | also checked | passed | orders | taken again | longest request | slowest round | seed |
|---|---|---|--:|--:|--:|--:|--:|--:|
"""


@dataclass(frozen=True)
class Played:
    """All rounds of one fault: those that passed, and how many were begun."""

    fault: Fault
    passed: Sequence[Round]
    begun: int
    seed: int

    @property
    def row(self) -> str:
        sums = [sum(one.orders for one in self.passed), sum(one.taken_again for one in self.passed)]
        longest = [
            max((one.slowest_answer_seconds for one in self.passed), default=0.0),
            max((one.seconds for one in self.passed), default=0.0),
        ]
        cells = [
            *(self.fault.name, self.fault.title, self.fault.checked),
            f"{len(self.passed)} of {self.begun}",
            *map(str, sums),
            *(f"{seconds:.1f} s" for seconds in longest),
            str(self.seed),
        ]
        return f"| {' | '.join(cells)} |"


def write(all_played: Sequence[Played]) -> None:
    """Write the page; a fault that was not played now keeps its row."""
    kept = PAGE.read_text(encoding="utf-8").splitlines() if PAGE.exists() else []
    rows = {line.split("|")[1].strip(): line for line in kept if line.startswith("| F")}
    rows |= {played.fault.name: played.row for played in all_played}
    text = HEADER + "".join(f"{rows[fault.name]}\n" for fault in FAULTS if fault.name in rows)
    PAGE.write_text(text, encoding="utf-8")
