"""Both readings of what a text leaves ambiguous; which one counts is a person's decision, not the library's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from clocks import days
from clocks.durations import Duration
from clocks.outcomes import Bound, DueOn


@dataclass(frozen=True, slots=True)
class WithinOrAfter:
    """Both readings of "dans un délai de trois ans": in time up to a day, or not before it."""

    within: DueOn
    after: DueOn


class Combination(StrEnum):
    """Which of several start events starts the clock; the values are stable and stored."""

    LATEST = "latest"
    EARLIEST = "earliest"
    UNDETERMINED = "undetermined"  # the text does not say: both readings are dated


@dataclass(frozen=True, slots=True)
class Start:
    """The day a clock starts, the event of that day, and the reading that chose it."""

    on: date
    event: str
    reading: Combination


def within_or_after(on: date, duration: Duration) -> WithinOrAfter:
    """Return the day that `duration` after `on` gives, as the latest day for the act and as the earliest."""
    limit = days.add(on, duration)
    return WithinOrAfter(within=DueOn(limit, Bound.LATEST), after=DueOn(limit, Bound.EARLIEST))


def starts(recorded: Mapping[str, date | None], *, combination: Combination) -> tuple[Start, ...]:
    """Return when the clock starts, given the day of each start event, or None for an event not recorded.

    Nothing recorded gives no start: the period is open. "Undetermined" gives two, the earliest reading first. Events
    of the same day are told apart by their name, so that the same records always give the same answer.
    """
    known = sorted((on, event) for event, on in recorded.items() if on is not None)
    if not known:
        return ()
    both = (Start(*known[0], reading=Combination.EARLIEST), Start(*known[-1], reading=Combination.LATEST))
    return both if combination is Combination.UNDETERMINED else tuple(s for s in both if s.reading is combination)
