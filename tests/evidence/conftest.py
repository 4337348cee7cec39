"""A small ledger, and what an owner of the tables could do to it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone, translation

from foundation.evidence import export, verifier
from foundation.evidence.record import record
from foundation.models import Checkpoint, Event, Leaf, Register


def note_act(register: Register | None, *, n: int = 0) -> Event:
    """Record one act, in a transaction of its own if there is none."""
    with transaction.atomic():
        subject = Register(pk=n or 1)
        return record(Event.Verb.DOWNLOADED, subject, register=register, actor=None, details={"n": n, "form": "json"})


def faults(*, keys: tuple[str, ...] = (), older: str = "") -> list[str]:
    """Return what the verification of the database finds."""
    check = verifier.Verification(keys=keys)
    for line in export.lines():
        check.take(line)
    check.finish()
    if older:
        check.against(verifier.notes(older), "older")
    return check.faults


def exported(register: Register | None = None) -> list[dict[str, Any]]:
    """Return the lines of an export as they come out of its file."""
    return [json.loads(json.dumps(line)) for line in export.lines(register)]


def checked(lines: list[dict[str, Any]], *, keys: tuple[str, ...] = ()) -> list[str]:
    """Return what the verifier finds in the lines of an export."""
    check = verifier.Verification(keys=keys)
    for number, line in enumerate(lines, 1):
        check.take(line, f"line {number}")
    return check.finish()


def newest_note() -> str:
    """Return the last checkpoint as a witness would keep it."""
    return verifier.note(Checkpoint.objects.latest("number").line)


def shape() -> tuple[list[int], list[int]]:
    """Return the positions and the numbers of the checkpoints, each in order."""
    positions = list(Leaf.objects.order_by("position").values_list("position", flat=True))
    return positions, list(Checkpoint.objects.order_by("number").values_list("number", flat=True))


def now() -> Any:
    return timezone.now()


TABLES = ("foundation_event", "foundation_leaf", "foundation_checkpoint")


def unguard() -> None:
    """As the owner of the tables: take away the triggers and constraints that keep these rows as they are."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            kinds = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('f', 'c', 'u')"
            cursor.execute(kinds, [table])
            for (name,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


def run_sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


Change = Callable[[], None]


@pytest.fixture
def sealed(acme: Register) -> Register:
    """A register with seven events in two checkpoints, one more that waits, and an event of no register."""
    from foundation.evidence.sealing import seal_next

    for n in range(4):
        note_act(acme, n=n)
    seal_next(now())
    note_act(None, n=4)
    note_act(acme, n=5)
    note_act(acme, n=6)
    seal_next(now())
    note_act(acme, n=7)
    return acme


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is said to nobody in particular is said in English."""
    with translation.override("en"):
        yield
