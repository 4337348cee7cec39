"""Frequency caps: "no more than once per period of 12 months"."""

from collections.abc import Iterable
from datetime import date

from clocks import days
from clocks.errors import TermError
from clocks.kinds import Kind
from clocks.terms import Term


def next_permitted_on(past: Iterable[date], *, cap: Term) -> date | None:
    """Return the first day on which one more is permitted under a rolling cap; None if nothing stands in the way."""
    if cap.kind is not Kind.FREQUENCY_CAP or cap.duration is None or cap.count is None:
        raise TermError(f"'{cap.kind}' is no frequency cap: give a term of that kind.", code="not_a_cap")
    counted = sorted(past)[-cap.count :]
    return days.add(counted[0], cap.duration) if len(counted) == cap.count else None
