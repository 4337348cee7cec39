"""What a clock answers: a day, a moment, "still open", or why nothing can be computed. Never a fake date."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from clocks.kinds import Kind


class Bound(StrEnum):
    """What the date or moment of an outcome means."""

    ON = "on"  # the period ends with this day, or at this moment
    LATEST = "latest"  # the last day, or moment, on which the act is still in time
    EARLIEST = "earliest"  # the act is not permitted before this day, or moment
    BEFORE = "before"  # the act is in time before this moment only; never used for days


class Reason(StrEnum):
    """Why no date can be computed; the first eight repeat the kind of the term."""

    CRITERION = Kind.CRITERION.value
    BY_REFERENCE = Kind.BY_REFERENCE.value
    COUNT = Kind.COUNT.value
    STATUTORY = Kind.STATUTORY.value
    PER_TYPE = Kind.PER_TYPE.value
    FREQUENCY_CAP = Kind.FREQUENCY_CAP.value
    NOT_QUANTIFIED = Kind.NOT_QUANTIFIED.value
    UNSPECIFIED = Kind.UNSPECIFIED.value
    NEEDS_A_MOMENT = "needs_a_moment"  # the duration counts hours and only a day was given
    NEEDS_A_DAY = "needs_a_day"  # the duration counts days and a moment was given


@dataclass(frozen=True, slots=True)
class DueOn:
    """The last day of a period, which ends with the last hour of that day."""

    on: date
    bound: Bound


@dataclass(frozen=True, slots=True)
class DueAt:
    """The moment at which a period ends, aware of its time zone."""

    at: datetime
    bound: Bound


@dataclass(frozen=True, slots=True)
class Open:
    """No date yet: `awaited` names the event that has not been recorded; None means the rule's own start event."""

    awaited: str | None


@dataclass(frozen=True, slots=True)
class NotComputable:
    """No date ever, by this term alone."""

    reason: Reason


DayOutcome = DueOn | Open | NotComputable
MomentOutcome = DueAt | Open | NotComputable
