"""Whatever is changed in a sealed row, by whoever owns the tables, is named by the verification."""

import copy

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from editions.actions import publish
from foundation.database.base import as_owner
from foundation.evidence.sealing import seal_all, seal_next
from foundation.models import Checkpoint, Event, Leaf, Register
from tests.evidence.conftest import checked, exported, faults, newest_note, note_act, run_sql, unguard

OTHER = {
    "bigint": "{0} + 1000",
    "integer": "{0} + 1000",
    "jsonb": """{0} || '{{"n": 77}}'""",
    "timestamp with time zone": "{0} + interval '1 microsecond'",
    "character varying": "translate(left({0}, 1), '0123456789abcdefgmp', '123456789abcdef0nql') || substr({0}, 2)",
}
EMPTY = "'0'"  # in the place of nothing: a number or a word that was not there
NUMBER_OF_A_ROW = {"event": "id", "leaf": "position", "checkpoint": "number"}


@pytest.mark.processes
def test_every_column_of_every_sealed_row_is_checked(real_servers):
    """As the owner, with triggers disabled: each change alone is found, and the fault names the row and the column."""
    acme = Register.objects.create(slug="acme", name="Acme")
    for n in range(3):
        note_act(acme, n=n)
        seal_all(timezone.now())
    missed = []
    with as_owner(connection):
        for model in (Event, Leaf, Checkpoint):
            middle = list(model.objects.order_by("pk"))[1]
            for field in model._meta.concrete_fields:
                with transaction.atomic():
                    unguard()
                    _flip(model._meta.db_table, field.column, model._meta.pk.column, middle.pk)
                    found = faults()
                    transaction.set_rollback(True)
                if not _names(found, model, field.column, middle.pk):
                    missed.append((model.__name__, field.column, found))
        assert missed == []
        assert faults() == []


def _flip(table: str, column: str, key: str, row: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT data_type FROM information_schema.columns WHERE table_name = %s AND column_name = %s",
            [table, column],
        )
        (kind,) = cursor.fetchone()
        name = f'"{column}"'
        other = f"CASE WHEN {name} IS NULL THEN {EMPTY} ELSE ({OTHER[kind].format(name)})::text END"
        if kind == "character varying":
            other = f"CASE WHEN {name} = '' THEN '0' ELSE {OTHER[kind].format(name)} END"
        new = f"({other})::{kind}"
        cursor.execute(f"UPDATE {table} SET {name} = {new} WHERE {key} = %s AND {new} IS DISTINCT FROM {name}", [row])
        assert cursor.rowcount == 1, (table, column)


def _names(found, model, column, row) -> bool:
    """Whether a fault names the table (or the missing row) of this change, by its number."""
    kind = model.__name__.lower()
    numbers = (str(row), str(row + 1000))
    return any(
        kind in fault and any(number in fault.replace(",", " ").split() for number in numbers) for fault in found
    )


@pytest.mark.parametrize("scope", ["all", "register"])
def test_every_byte_of_an_export_is_checked(sealed, scope):
    """Each character of each value, and each number, one at a time."""
    lines = exported(None if scope == "all" else sealed)
    assert checked(lines) == []
    tried, missed = 0, []
    for index, line in enumerate(lines):
        if line["type"] == "header" or (scope == "register" and line["type"] != "event"):
            continue
        for place, other in _changes(line):
            changed = [*lines[:index], other, *lines[index + 1 :]]
            tried += 1
            if not checked(changed):
                missed.append((index, line["type"], place))
    assert missed == []
    assert tried > 1000


def _changes(line):
    """Yield (place, line with one thing changed): of texts each character, of numbers one."""
    for place, value in list(_leaves(line)):
        for other in _others(value, place):
            changed = copy.deepcopy(line)
            inner = changed
            for name in place[:-1]:
                inner = inner[name]
            inner[place[-1]] = other
            yield (*place, other), changed


def _leaves(value, place=()):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*place, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*place, number))
    else:
        yield place, value


def _others(value, place):
    if isinstance(value, str):
        step = 1 if len(value) < 70 else 3
        for n in range(0, len(value), step):
            yield value[:n] + ("x" if value[n] != "x" else "y") + value[n + 1 :]
            if value[n].isalpha() and n % 4 == 0:
                yield value[:n] + value[n].swapcase() + value[n + 1 :]
    elif isinstance(value, int) and place != ("id",):  # the number of an event is its address, not what it says
        yield value + 1
    elif value is None and place[0] == "leaf":
        yield 1


def test_an_event_that_is_gone_is_named(sealed):
    lines = [line for line in exported() if line["type"] == "event"]
    victim = lines[2]
    changed = [
        {**line, "leaf": None, "leaf_hash": None} if line.get("id") == victim["id"] else line for line in exported()
    ]
    assert any(f"event {victim['id']} " in fault and "gone" in fault for fault in checked(changed))


@pytest.mark.processes
def test_deleted_rows_are_named(real_servers):
    acme = Register.objects.create(slug="acme", name="Acme")
    for n in range(6):
        note_act(acme, n=n)
    seal_all(timezone.now(), at_most=2)
    event = Event.objects.order_by("pk")[2].pk
    with as_owner(connection):
        for statement, told in (
            (f"DELETE FROM foundation_event WHERE id = {event}", f"event {event} (foundation_event): the row is gone"),
            ("DELETE FROM foundation_leaf WHERE position = 3", "leaves 3 to 3 (foundation_leaf): missing"),
            ("DELETE FROM foundation_checkpoint WHERE number = 2", "checkpoints before 3 are missing"),
            ("DELETE FROM foundation_checkpoint WHERE number = 3", "there is no checkpoint 3"),
            ("DELETE FROM foundation_leaf WHERE position > 4", "leaves 5 to 6 (foundation_leaf): missing"),
        ):
            with transaction.atomic():
                unguard()
                run_sql(statement)
                found = faults()
                transaction.set_rollback(True)
            assert any(told in fault for fault in found), (statement, found)


@pytest.mark.processes
def test_a_cut_tail_that_is_sealed_again_is_told_by_an_older_checkpoint(real_servers):
    """Whoever owns the tables and holds the key can write the past anew, but not in the mail of a witness."""
    acme = Register.objects.create(slug="acme", name="Acme")
    for n in range(5):
        note_act(acme, n=n)
        seal_next(timezone.now())
    kept = newest_note()
    with as_owner(connection):
        with transaction.atomic():
            for table in ("leaf", "event", "checkpoint"):
                run_sql(f"ALTER TABLE foundation_{table} DISABLE TRIGGER USER")
            run_sql("DELETE FROM foundation_leaf WHERE position > 3")
            run_sql("DELETE FROM foundation_checkpoint WHERE number > 3")
            run_sql("DELETE FROM foundation_event WHERE id NOT IN (SELECT event_id FROM foundation_leaf)")
        assert faults() == []
        assert "is not here (the last one is 3)" in faults(older=kept)[0]
        for n in range(2):
            note_act(acme, n=n)
            seal_next(timezone.now())
    assert faults() == []
    (fault,) = faults(older=kept)
    assert "checkpoint 5: it is another one than in older" in fault


def test_a_table_that_says_otherwise_than_its_event_is_named(acme, dpo, monkeypatch):
    edition = publish(acme, actor=dpo, at=timezone.now())
    seal_next(timezone.now())
    assert faults() == []
    lines = exported()
    (line,) = (line for line in lines if line.get("facts"))
    columns = [fact[1] for fact in line["facts"]]
    assert columns == ["register_id", "number", "hash", "form_version", "canonical (its SHA-256)"]
    for fact, column in zip(line["facts"], columns, strict=True):
        before, fact[3] = fact[3], "0"
        (fault,) = checked(lines)
        assert fault.startswith(f"editions_edition {edition.pk}, column {column}: ")
        fact[3] = before


@pytest.mark.processes
def test_changed_and_forged_editions_are_named(real_servers):
    acme = Register.objects.create(slug="acme", name="Acme")
    edition = publish(acme, actor=None, at=timezone.now())
    seal_next(timezone.now())
    copied = (
        "INSERT INTO editions_edition (register_id, number, canonical, hash, form_version, note, published_at) "
        "SELECT register_id, 2, canonical, hash, form_version, note, published_at FROM editions_edition RETURNING id"
    )
    with transaction.atomic(), connection.cursor() as cursor:  # the application's login may append
        cursor.execute(copied)
        (forged,) = cursor.fetchone()
        assert [fault.partition(":")[0] for fault in faults()] == [f"editions_edition {forged}"]
        transaction.set_rollback(True)
    with as_owner(connection):
        for statement in ("UPDATE editions_edition SET canonical = canonical || ' '", "DELETE FROM editions_edition"):
            with transaction.atomic():
                run_sql("ALTER TABLE editions_edition DISABLE TRIGGER USER")
                run_sql(statement)
                found = faults()
                transaction.set_rollback(True)
            assert found
            assert all(fault.startswith(f"editions_edition {edition.pk}") for fault in found)


def test_the_command_tells_the_faults_and_fails(sealed, tmp_path, capsys):
    call_command("verify_evidence")
    assert "2 checkpoints, 7 sealed events, 1 not sealed yet." in capsys.readouterr().out
    kept = tmp_path / "checkpoint.txt"
    kept.write_text(newest_note().replace("number 2", "number 3"))
    with pytest.raises(CommandError, match="1 faults"):
        call_command("verify_evidence", against=[kept])
    assert "checkpoint 3" in capsys.readouterr().out
    with pytest.raises(CommandError, match="name a text file"):
        call_command("verify_evidence", against=[tmp_path])
