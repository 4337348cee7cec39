"""Where the engine's time goes: the steps of a run and their own time, without that of the steps within them."""

import importlib
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any

THEIRS, OURS = "business database", "ours"
STEPS = (
    (THEIRS, "retention.statements.ground:SqlGround.count", "count the due (before, and after)"),
    (THEIRS, "retention.statements.ground:SqlGround.refuse", "check the mapping"),
    (THEIRS, "retention.statements.ground:SqlGround.fingerprint", "fingerprint of the schema"),
    (THEIRS, "retention.statements.ground:SqlGround.next_keys", "find the next keys"),
    (THEIRS, "retention.statements.ground:SqlGround.carry_out", "erase or treat"),
    (THEIRS, "retention.statements.ground:SqlGround.gone", "look whether the rows are gone"),
    (THEIRS, "retention.statements.ground:SqlGround.still_due", "look whether rows are still due"),
    (OURS, "retention.running.passes:why_to_stop", "rules, decisions and holds again"),
    (OURS, "retention.running.passes:plan", "write a batch as planned"),
    (OURS, "retention.running.seals:keys_as_bytes", "keys as text"),
    (OURS, "retention.running.seals:seal", "seal keys"),
    (OURS, "retention.running.passes:settle", "write a batch as done"),
    (OURS, "retention.running.digests:digests", "digests of keys"),
    (OURS, "retention.running.digests:root", "root of the digests"),
    (OURS, "retention.running.batches:record", "evidence"),
    (OURS, "retention.running.passes:_beat", "progress"),
    (OURS, "retention.running.passes:hand_out", "hand out a batch, apart from the above"),
    (OURS, "retention.running.passes:carry_out", "compare the keys"),
    (OURS, "retention.running.passes:pass_over", "the rest of a run"),
)


class Stopwatch:
    """Seconds and calls of each step, in the main thread."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        self.statements: dict[str, list[float]] = {THEIRS: [], OURS: []}
        self._within: list[float] = []

    def timed(self, label: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with its own time counted under a label."""

        @wraps(function)
        def measured(*given: Any, **named: Any) -> Any:
            if threading.current_thread() is not threading.main_thread():
                return function(*given, **named)
            began = time.perf_counter()
            self._within.append(0.0)
            try:
                return function(*given, **named)
            finally:
                took = time.perf_counter() - began
                self.seconds[label] += took - self._within.pop()
                self.calls[label] += 1
                if self._within:
                    self._within[-1] += took

        return measured

    def report(self) -> None:
        """Print what was measured; the preview stands in the counts, and not in the rest."""
        whole = sum(self.seconds.values())
        for side in (THEIRS, OURS):
            steps = [label for of, _place, label in STEPS if of == side]
            part = sum(self.seconds[label] for label in steps)
            asked = self.statements[side]
            print(f"{side}: {part:.2f} s of {whole:.2f} s; {len(asked)} statements took {sum(asked):.2f} s")
            for label in sorted(steps, key=lambda label: -self.seconds[label]):
                if self.calls[label]:
                    print(f"  {self.seconds[label]:8.2f} s  {self.calls[label]:6} x  {label}")


def start() -> Callable[[], None]:
    """Measure this process from now on; return what prints the result."""
    watch = Stopwatch()
    for _side, place, label in STEPS:
        module, _colon, path = place.partition(":")
        holder: Any = importlib.import_module(module)
        *outer, name = path.split(".")
        for each in outer:
            holder = getattr(holder, each)
        setattr(holder, name, watch.timed(label, getattr(holder, name)))
    _count_theirs(watch)
    _count_ours(watch)
    return watch.report


def _count_theirs(watch: Stopwatch) -> None:
    from sqlalchemy import Engine, event

    @event.listens_for(Engine, "before_cursor_execute")
    def before(connection: Any, *_rest: Any) -> None:
        connection.info["began"] = time.perf_counter()

    @event.listens_for(Engine, "after_cursor_execute")
    def after(connection: Any, *_rest: Any) -> None:
        watch.statements[THEIRS].append(time.perf_counter() - connection.info["began"])


def _count_ours(watch: Stopwatch) -> None:
    from django.db import connection

    def timed(execute: Callable[..., Any], *given: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*given)
        finally:
            watch.statements[OURS].append(time.perf_counter() - began)

    connection.execute_wrappers.append(timed)
