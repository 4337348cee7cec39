"""Whether a record is over under a cut-off that a run has pinned (pure)."""

from collections.abc import Mapping
from datetime import date

from clocks.readings import Combination
from retention.due import CutOff


def is_over(cut_off: CutOff, days: Mapping[str, date]) -> bool:
    """Return whether the events of a record, combined, lie on the cut-off's day or before.

    What no event dates is never over: its period has not begun.
    """
    if cut_off.day is None:
        return False
    known = [days[name] for name in cut_off.events if name in days]
    if not known:
        return False
    start = min(known) if cut_off.combination is Combination.EARLIEST else max(known)
    return start <= cut_off.day
