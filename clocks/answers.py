"""The time to answer a person's request: art. 12(3) GDPR, counted by Regulation (EEC, Euratom) 1182/71."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from clocks import days
from clocks.errors import SuspensionError
from clocks.outcomes import Bound, DueOn, Open
from clocks.rounding import Rounding, rounded

FIRST_MONTHS = 1
EXTRA_MONTHS = 2
ANSWER_TO_QUESTION = "answer_to_question"


@dataclass(frozen=True, slots=True)
class Suspension:
    """A question put to the person (who are you, which data?), and the day of the answer, None while it is awaited.

    Counted by French décret 2019-536 art. 77 and EDPB Guidelines 01/2022 §§157-158.
    """

    asked_on: date
    answered_on: date | None

    def __post_init__(self) -> None:
        if self.answered_on is not None and self.answered_on < self.asked_on:
            raise SuspensionError(
                f"The answer of {self.answered_on} comes before the question of {self.asked_on}: correct one of them.",
                code="answered_before_asked",
            )


class Source(StrEnum):
    LAW = "law"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Governing:
    """Which of two deadlines governs, its day, and the later day that is shown beside it."""

    source: Source
    on: date
    later_on: date


def answer_due(
    received_on: date,
    *,
    extended: bool = False,
    suspensions: Iterable[Suspension] = (),
    rounding: Rounding = Rounding.REGULATION_1182_71,
    holidays: Container[date] = (),
) -> DueOn | Open:
    """Return the last day on which an answer is still in time, or that a question to the person is still open.

    One month from receipt, three when extended, always from receipt; then the suspended days, from each question to
    its answer, are added, no day twice; then the end is rounded. No text says how to add suspended days: this is our
    choice, and the period never ends before the answer came. A question put after the deadline does not rescue it.
    """
    base = days.add_months(received_on, FIRST_MONTHS + (EXTRA_MONTHS if extended else 0))
    due_on = rounded(base, rounding=rounding, holidays=holidays)
    suspended, counted_until = timedelta(0), received_on
    for suspension in sorted(suspensions, key=lambda s: s.asked_on):
        if suspension.asked_on < received_on:
            raise SuspensionError(
                f"The question of {suspension.asked_on} comes before the request of {received_on}: correct one.",
                code="asked_before_received",
            )
        if suspension.asked_on > due_on:
            break
        if suspension.answered_on is None:
            return Open(ANSWER_TO_QUESTION)
        suspended += max(timedelta(0), suspension.answered_on - max(suspension.asked_on, counted_until))
        counted_until = max(counted_until, suspension.answered_on)
        due_on = rounded(max(base + suspended, counted_until), rounding=rounding, holidays=holidays)
    return DueOn(due_on, Bound.LATEST)


def extension_holds(
    received_on: date,
    *,
    told_on: date,
    suspensions: Iterable[Suspension] = (),
    rounding: Rounding = Rounding.REGULATION_1182_71,
    holidays: Container[date] = (),
) -> bool:
    """Whether the two further months hold: the person was told, with reasons, within the first month (art. 12(3))."""
    first = answer_due(received_on, suspensions=suspensions, rounding=rounding, holidays=holidays)
    return isinstance(first, Open) or told_on <= first.on


def governing(*, legal_on: date, promised_on: date) -> Governing:
    """Return which deadline governs, the law's or the one that a policy promises: the earlier; the law's if equal."""
    if promised_on < legal_on:
        return Governing(Source.POLICY, on=promised_on, later_on=legal_on)
    return Governing(Source.LAW, on=legal_on, later_on=promised_on)
