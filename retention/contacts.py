"""Whether a person may be written to, for one purpose, on one day (pure).

Keeping data and writing to the person end apart: an unsubscription stops the messages at once, on its own day, and
starts the clock that one day erases the data (art. 7(3), 21(2)-(3)).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from clocks.frequency import next_permitted_on
from clocks.kinds import Kind
from clocks.terms import Term


class Signal(StrEnum):
    """What a person says about messages; the values are stable and stored, never shown."""

    UNSUBSCRIPTION = "unsubscription"
    OBJECTION = "objection"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CONSENT = "consent"  # messages are welcome, or welcome again


class Reason(StrEnum):
    """Why a message may be sent, or not; the values are stable, never shown."""

    PERMITTED = "permitted"
    STOPPED = "stopped"  # the person said so
    NOT_A_PURPOSE = "not_a_purpose"  # the state of the relationship leaves other purposes only
    LIMIT_REACHED = "limit_reached"  # as many messages as the policy promises, and no more
    TOO_SOON = "too_soon"  # the promised pause is not over


@dataclass(frozen=True, slots=True)
class Said:
    """What the person said, and on which day; an empty purpose means every purpose."""

    signal: Signal
    on: date
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message sent to the person; one sent again because it was not delivered is the same message."""

    on: date
    purpose: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the message may be sent, and why; what was counted against which limit; since when it is stopped."""

    may: bool
    reason: Reason
    counted: int = 0
    limit: int | None = None
    stopped_on: date | None = None
    again_on: date | None = None


def may_write(
    purpose: str,
    *,
    as_of: date,
    limit: Term | None = None,
    sent: Iterable[Message] = (),
    said: Iterable[Said] = (),
    purposes: frozenset[str] = frozenset(),
    limited: frozenset[str] = frozenset(),
) -> Answer:
    """Return whether one more message for this purpose may be sent on `as_of`.

    `limit` is the state's: a number of messages (`Kind.COUNT`), or of messages in a period (`Kind.FREQUENCY_CAP`),
    over all purposes, or over those of `limited`. `purposes` are those that the state leaves; empty: all.
    """
    if purposes and purpose not in purposes:
        return Answer(may=False, reason=Reason.NOT_A_PURPOSE)
    stopped_on = _stopped_on(purpose, [each for each in said if each.on <= as_of])
    if stopped_on is not None:
        return Answer(may=False, reason=Reason.STOPPED, stopped_on=stopped_on)
    if limit is None or (limited and purpose not in limited):
        return Answer(may=True, reason=Reason.PERMITTED)
    counted = [each.on for each in sent if not limited or each.purpose in limited]
    return _within(limit, counted, as_of)


def _within(limit: Term, counted: Sequence[date], as_of: date) -> Answer:
    if limit.kind is Kind.COUNT:
        assert limit.count is not None
        may = len(counted) < limit.count
        return Answer(may, Reason.PERMITTED if may else Reason.LIMIT_REACHED, len(counted), limit.count)
    again_on = next_permitted_on(counted, cap=limit)
    may = again_on is None or again_on <= as_of
    return Answer(
        may,
        Reason.PERMITTED if may else Reason.TOO_SOON,
        len(counted),
        limit.count,
        again_on=None if may else again_on,
    )


def _stopped_on(purpose: str, said: Sequence[Said]) -> date | None:
    """Return since when messages for the purpose are stopped, if they are.

    Of a stop and a consent on one day, the stop counts; a consent to everything lifts no stop of one purpose.
    """
    concerned = [each for each in said if each.purpose in {"", purpose}]
    consents = [each for each in concerned if each.signal is Signal.CONSENT]
    standing = [
        stop.on
        for stop in concerned
        if stop.signal is not Signal.CONSENT
        and not any(each.on > stop.on and each.purpose in {purpose, stop.purpose} for each in consents)
    ]
    return min(standing, default=None)
