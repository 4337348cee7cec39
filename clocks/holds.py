"""What a legal hold does to a due date (art. 17(3)(e)): nothing is due while it lasts, and everything at once after."""

from collections.abc import Iterable
from datetime import date

from clocks.outcomes import DayOutcome, DueOn, Open

HOLD_RELEASED = "hold_released"


def after_holds(base: DayOutcome, *, released_on: Iterable[date | None]) -> DayOutcome:
    """Return the outcome once the holds are counted: the later of the base due date and the last release.

    Each hold gives the day of its release, or None while it lasts, which leaves a due date open. An outcome without
    a date is left as it is.
    """
    if not isinstance(base, DueOn):
        return base
    latest = base.on
    for release in released_on:
        if release is None:
            return Open(HOLD_RELEASED)
        latest = max(latest, release)
    return DueOn(latest, base.bound)
