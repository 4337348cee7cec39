"""May this person be written to? The pure rule, asked with what stands in a record."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from clocks.kinds import Kind
from clocks.terms import Term
from register.models import Purpose
from retention.contacts import Answer, Message, Said, Signal, may_write
from subjects.models import ContactEvent, Direction, EventKind, StateChange, SubjectRecord

SIGNALS: Final = frozenset(signal.value for signal in Signal)


def may_be_written_to(record: SubjectRecord, *, purpose: Purpose | None, as_of: date) -> Answer:
    """Return whether one more message for this purpose may be sent on a day, and why.

    The limit is that of the state the record is in; a message is counted for the state in which it was sent. Without
    a purpose, whatever the person has said against any purpose stops the message.
    """
    events = list(record.events.all())
    limit = record.state.messages_at_most if record.state else None
    return may_write(
        purpose.ref if purpose else "",
        as_of=as_of,
        limit=None if limit is None else Term(Kind.COUNT, count=limit),
        sent=list(_sent_in_state(events, record)),
        said=[
            Said(Signal(event.kind), event.on, event.purpose.ref if purpose and event.purpose else "")
            for event in events
            if event.kind in SIGNALS
        ],
    )


def _sent_in_state(events: Iterable[ContactEvent], record: SubjectRecord) -> Iterator[Message]:
    """Yield the messages that the record got while in its present state: on the day of a change, both states count."""
    spans = list(_spans(list(record.state_changes.all()), record.state_id))
    for event in events:
        is_message = event.kind == EventKind.CONTACT and event.direction == Direction.OUTBOUND
        if is_message and any(begin <= event.on and (end is None or event.on <= end) for begin, end in spans):
            yield Message(event.on, event.purpose.ref if event.purpose else "")


def _spans(changes: list[StateChange], state_id: int | None) -> Iterator[tuple[date, date | None]]:
    """Yield from when until when the record was in a state; what lies before its first change counts for that one."""
    for number, change in enumerate(changes):
        if change.state_id == state_id:
            end = changes[number + 1].on if number + 1 < len(changes) else None
            yield (change.on if number else date.min), end
