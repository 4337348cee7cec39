"""Taking over a file of records: looked at first, then confirmed, all or nothing."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from foundation import history
from foundation.accounts.models import Register, User
from foundation.errors import RuleViolation
from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.keys import vault
from subjects import actions, personal
from subjects.errors import FileRefused
from subjects.importing.plan import Plan, Planned, plan
from subjects.importing.reading import format_of
from subjects.models import ContactEvent, RecordImport, StateChange, SubjectRecord

KEPT: Final = timedelta(days=1)  # how long a file waits for its confirmation
AT_ONCE: Final = 1000


class ImportOver(RuleViolation):
    """The file was taken over or given up already."""

    code = "import_over"

    def __init__(self) -> None:
        super().__init__(_("This file was taken over already, or waited for more than a day: send it again."))


@sensitive_variables()  # also what the transaction around it was called with
@transaction.atomic
def look_at(register: Register, content: bytes, *, by: User | None, at: datetime) -> tuple[RecordImport, Plan]:
    """Return what taking over a file would do; it waits, sealed, for somebody to confirm it."""
    found = plan(register, content, today=actions.day_in(register, at))
    waiting = RecordImport.objects.create(
        register=register,
        format=format_of(content),
        sha256=hashlib.sha256(content).hexdigest(),
        asked_by=by,
        asked_at=at,
    )
    if not found.faults:
        key = vault.data_key(RecordImport.KEY_PURPOSE, register=register, subject=waiting.pk)
        waiting.content = vault.seal_bytes(content, key=key, place=vault.Place.of(waiting, "content"))
        waiting.save(update_fields=["content"])
    return waiting, found


def looked_at(waiting: RecordImport, *, at: datetime) -> Plan:
    """Return what a file that waits would do now."""
    return plan(waiting.register, _content(waiting), today=actions.day_in(waiting.register, at))


def _content(waiting: RecordImport) -> bytes:
    if waiting.taken_at is not None or not waiting.content:
        raise ImportOver
    return vault.open_bytes(bytes(waiting.content), place=vault.Place.of(waiting, "content"))


@transaction.atomic
def take_over(waiting: RecordImport, *, by: User | None, at: datetime) -> RecordImport:
    """Write what the file says; what changed since it was looked at is looked at anew, and refused as then."""
    held = RecordImport.objects.select_for_update(of=("self",)).select_related("register").get(pk=waiting.pk)
    content = _content(held)
    with history.because("subjects.take_over", actor=by):
        found = carry_out(held.register, content, by=by, at=at)
    held.added, held.changed, held.taken_at = len(found.added), len(found.changed), at
    held.save(update_fields=["added", "changed", "taken_at"])
    _forget_content(held, by=by, at=at)
    details = {"added": held.added, "changed": held.changed, "sha256": held.sha256}
    record(Event.Verb.RECORDS_IMPORTED, held, register=held.register, actor=by, details=details, at=at)
    return held


@sensitive_variables()  # also what the transaction around it was called with
@transaction.atomic
def carry_out(register: Register, content: bytes, *, by: User | None, at: datetime) -> Plan:
    """Write what a file says and return it; with one fault, nothing."""
    # two files at once are taken over one after the other: the second sees what the first has written
    Register.objects.select_for_update(no_key=True).get(pk=register.pk)
    found = plan(register, content, today=actions.day_in(register, at))
    if found.faults:
        raise FileRefused([str(fault) for fault in found.faults])
    _add(register, found.added, at)
    for one in found.changed:
        _change(register, one, by, at)
    return found


def _add(register: Register, rows: list[Planned], at: datetime) -> None:
    """Write records that are new, table by table."""
    today = actions.day_in(register, at)
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        made = SubjectRecord.objects.bulk_create(
            SubjectRecord(register=register, key=one.given.key, activity=one.given.activity, state=one.given.state)
            for one in part
        )
        pairs = list(zip(made, part, strict=True))
        StateChange.objects.bulk_create(
            StateChange(
                register=register, record=row, state=one.given.state, on=one.given.since or today, trigger="import"
            )
            for row, one in pairs
            if one.given.state is not None
        )
        ContactEvent.objects.bulk_create(
            ContactEvent(
                register=register,
                record=row,
                kind=happened.kind,
                on=happened.on,
                direction=happened.direction,
                source=happened.source,
            )
            for row, one in pairs
            for happened in one.events
        )
        named = {row: one.given.personal for row, one in pairs if one.given.personal}
        for row, text in personal.sealed_all(named, register=register).items():
            row.personal = text
        SubjectRecord.objects.bulk_update(named, ["personal"])


def _change(register: Register, one: Planned, by: User | None, at: datetime) -> None:
    row, _outcome = actions.put_record(register, one.given, at=at, by=by)
    for happened in one.events:
        actions.add_event(row, happened, at=at, by=by)


def forget_unconfirmed(at: datetime) -> None:
    """Give up the files that nobody has confirmed within a day."""
    old = RecordImport.objects.filter(taken_at=None, asked_at__lt=at - KEPT).exclude(content=b"")
    for waiting in old.select_related("register").order_by("pk"):
        with transaction.atomic():
            held = RecordImport.objects.select_for_update(of=("self",)).select_related("register").get(pk=waiting.pk)
            if held.taken_at is None:
                _forget_content(held, by=None, at=at)


def _forget_content(held: RecordImport, *, by: User | None, at: datetime) -> None:
    held.content = b""
    held.save(update_fields=["content"])
    actions.destroy_keys(RecordImport.KEY_PURPOSE, held.register, [held.pk], at=at, by=by)
