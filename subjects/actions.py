"""What changes subject records: put, dated by events, moved to another state, erased with their key."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from foundation import history
from foundation.accounts.models import Register, User
from foundation.accounts.tokens import Caller, ServiceToken
from foundation.keys import actions as keys
from foundation.keys.models import Key
from register.models import ProcessingActivity, Purpose, RelationshipState
from subjects import contacts, personal
from subjects.errors import (
    BeforeTheLastChange,
    DirectionMissing,
    EventDiffers,
    InTheFuture,
    MayNotBeWrittenTo,
    RecordHeld,
)
from subjects.holding import Held
from subjects.models import ContactEvent, Direction, EventKind, StateChange, SubjectRecord


class Outcome(StrEnum):
    """What putting a record did; the values are stable and told by the API."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Given:
    """What is said of a record. `personal` None: not said, so left as it is; `since` None: today."""

    key: str
    activity: ProcessingActivity
    state: RelationshipState | None = None
    since: date | None = None
    trigger: str = ""
    personal: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a record; one of the same `external_id` is the same event."""

    kind: EventKind
    on: date
    direction: str = ""
    purpose: Purpose | None = None
    source: str = ""
    external_id: str = ""

    def says_what(self, event: ContactEvent) -> bool:
        """Whether this is what stands in an event already recorded; where it is known from may differ."""
        return (self.kind, self.on, self.direction, self.purpose) == (
            event.kind,
            event.on,
            event.direction,
            event.purpose,
        )

    @property
    def is_message(self) -> bool:
        """Whether somebody wrote to the person."""
        return self.kind == EventKind.CONTACT and self.direction == Direction.OUTBOUND


@transaction.atomic
def put_record(register: Register, given: Given, *, at: datetime, by: Caller | None) -> tuple[SubjectRecord, Outcome]:
    """Return the register's record of this key, made or changed to say what is given; said twice, nothing changes."""
    today = day_in(register, at)
    with _because("subjects.put_record", by):
        record, is_new = _put(register, given)
        if is_new:
            if given.state is not None:
                _note_state(record, given.state, given.since or today, given.trigger, today)
            _put_personal(record, given.personal, at=at)
            return record, Outcome.ADDED
        is_changed = record.activity_id != given.activity.pk
        if is_changed:
            record.activity = given.activity
            record.save(update_fields=["activity"])
        if record.state_id != (given.state.pk if given.state else None):
            change_state(record, given.state, on=given.since or today, trigger=given.trigger, at=at, by=by)
            is_changed = True
        is_changed |= _put_personal(record, given.personal, at=at)
        return record, Outcome.CHANGED if is_changed else Outcome.UNCHANGED


def _put(register: Register, given: Given) -> tuple[SubjectRecord, bool]:
    """Return the record of this key, held, and whether it is new; who puts it at the same moment finds it made."""
    known = SubjectRecord.objects.filter(register=register, key=given.key)
    while (record := _locked(known)) is None:
        made, is_new = SubjectRecord.objects.get_or_create(
            register=register, key=given.key, defaults={"activity": given.activity, "state": given.state}
        )
        if is_new:
            return made, True
    return record, False


def _put_personal(record: SubjectRecord, fields: Mapping[str, str] | None, *, at: datetime) -> bool:
    """Seal what names the person; return whether it changed. What is no longer given goes with its key."""
    if fields is None or dict(fields) == (known := personal.opened(record)):
        return False
    held = Held.of(record.register, on=day_in(record.register, at))
    if held.finds(record, known) and not held.finds(record, fields):
        raise RecordHeld  # under its new names nobody would find it
    if not fields:
        record.personal = ""
        record.save(update_fields=["personal"])
        destroy_keys(SubjectRecord.KEY_PURPOSE, record.register, [record.pk], at=at, by=None)
        return True
    record.personal = personal.sealed(record, fields)
    record.save(update_fields=["personal"])
    return True


@transaction.atomic
def change_state(
    record: SubjectRecord,
    state: RelationshipState | None,
    *,
    on: date,
    trigger: str = "",
    at: datetime,
    by: Caller | None,
) -> None:
    """Move a record to another state from a day on: other rules date it, other contacts are allowed."""
    with _because("subjects.change_state", by):
        held = SubjectRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
        if held.state_id == (state.pk if state else None):
            return
        _note_state(held, state, on, trigger, day_in(held.register, at))
        record.state = state
        record.save(update_fields=["state"])


def _note_state(record: SubjectRecord, state: RelationshipState | None, on: date, trigger: str, today: date) -> None:
    if on > today:
        raise InTheFuture
    last = record.state_changes.order_by("on", "pk").last()
    if last is not None and on < last.on:
        raise BeforeTheLastChange(last.on)
    StateChange.objects.create(register=record.register, record=record, state=state, on=on, trigger=trigger)


@transaction.atomic
def add_event(
    record: SubjectRecord, happened: Happened, *, at: datetime, by: Caller | None
) -> tuple[ContactEvent, bool]:
    """Return the event and whether it is new; refuses a message that this person may not be sent.

    The record is held meanwhile: two messages sent at once are counted one after the other.
    """
    if (happened.kind == EventKind.CONTACT) != bool(happened.direction):
        raise DirectionMissing
    if happened.on > day_in(record.register, at):
        raise InTheFuture
    with _because("subjects.add_event", by):
        held = (
            SubjectRecord.objects.select_for_update(of=("self",)).select_related("register", "state").get(pk=record.pk)
        )
        if happened.external_id:
            known = held.events.filter(external_id=happened.external_id).select_related("purpose").first()
            if known is not None and not happened.says_what(known):
                raise EventDiffers
            if known is not None:
                return known, False
        if happened.is_message:
            answer = contacts.may_be_written_to(held, purpose=happened.purpose, as_of=happened.on)
            if not answer.may:
                raise MayNotBeWrittenTo(
                    answer.reason, counted=answer.counted, limit=answer.limit, stopped_on=answer.stopped_on
                )
        event = ContactEvent.objects.create(
            register=held.register,
            record=held,
            kind=happened.kind,
            on=happened.on,
            direction=happened.direction,
            purpose=happened.purpose,
            source=happened.source,
            external_id=happened.external_id,
        )
    return event, True


def erase_by_hand(records: Iterable[SubjectRecord], *, register: Register, at: datetime, by: Caller | None) -> int:
    """Delete records that the caller holds, if no legal hold and no open request keeps one of them."""
    held, chosen = Held.of(register, on=day_in(register, at)), list(records)
    if any(held.keeps(record) for record in chosen):
        raise RecordHeld
    return erase(chosen, register=register, at=at, by=by)


def erase(records: Iterable[SubjectRecord], *, register: Register, at: datetime, by: Caller | None) -> int:
    """Delete records of a register with their events and the keys of what named them; the caller holds them."""
    numbers = [record.pk for record in records]
    destroy_keys(SubjectRecord.KEY_PURPOSE, register, numbers, at=at, by=by)
    for model in (ContactEvent, StateChange):
        model.objects.filter(record__in=numbers)._raw_delete(using="default")
    return SubjectRecord.objects.filter(pk__in=numbers)._raw_delete(using="default")


def destroy_keys(purpose: str, register: Register, subjects: Iterable[int], *, at: datetime, by: Caller | None) -> None:
    """Destroy the keys of rows that go, or that hold nothing under them any more."""
    numbers = Key.objects.filter(purpose=purpose, register=register, subject_id__in=list(subjects))
    doomed = list(numbers.values_list("pk", flat=True))
    if doomed:
        keys.destroy(doomed, actor=person_of(by), at=at, with_values=True)


def day_in(register: Register, at: datetime) -> date:
    """Return the day that it is in the register's zone."""
    return at.astimezone(ZoneInfo(register.time_zone)).date()


def person_of(by: Caller | None) -> User | None:
    """Return the person who acts; a programme is none."""
    return None if isinstance(by, ServiceToken) else by


def _locked(records: QuerySet[SubjectRecord]) -> SubjectRecord | None:
    return records.select_for_update(of=("self",)).select_related("register").first()


@contextmanager
def _because(act: str, by: Caller | None) -> Iterator[None]:
    """Record what is written with the person who acts; of a programme, with the number of its token."""
    programme = f" (service token {by.pk})" if isinstance(by, ServiceToken) else ""
    with history.because(f"{act}{programme}", actor=person_of(by)):
        yield
