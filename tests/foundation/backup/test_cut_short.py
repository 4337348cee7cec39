"""A restore that is killed, or loses its answer, is finished or undone."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection

from foundation.backup import archive, database, journal, occupancy, programs, restoring
from foundation.backup.errors import BackupRefused
from tests.foundation.backup.conftest import AFTER, BEFORE, guards_stand

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("moment", "done"),
    [("in the transaction", False), ("between the two renames", True)],
)
def test_a_killed_restore_is_finished_or_undone(installation, tmp_path, moment, done):
    path = tmp_path / "backup.tar"
    call_command("backup", path)
    installation.move_on()
    installation.run_killed(moment, path)
    with pytest.raises(ImproperlyConfigured, match="was cut short"):  # so web and worker do not start meanwhile
        occupancy.enter(installation.folder, to_restore=False)
    assert restoring.settle_alone() is done
    assert installation.state() == (BEFORE if done else AFTER)
    assert list(installation.folder.glob("*restore*")) == []
    occupancy.enter(installation.folder, to_restore=False)
    guards_stand()


def test_a_restore_that_was_undone_cannot_come_through_later(installation, tmp_path):
    path = tmp_path / "backup.tar"
    call_command("backup", path)
    archive.extract(path, archive.check(path), {archive.DUMP: tmp_path / "dump"})
    installation.move_on()
    assert database.settled("20270131_120000") is False
    with pytest.raises(BackupRefused, match="this restore was undone"):
        database.replace(programs.fitting(18), tmp_path / "dump", identifier="20270131_120000", keep=True)
    assert installation.state() == AFTER
    database.replace(programs.fitting(18), tmp_path / "dump", identifier="20270131_120001", keep=True)
    assert installation.state()[0] == BEFORE[0]


def test_a_lost_answer_to_the_commit_is_no_failure(installation, tmp_path, monkeypatch, capsys):
    path = tmp_path / "backup.tar"
    call_command("backup", path)
    installation.move_on()
    replace = database.replace

    def unheard(*arguments, **named):
        replace(*arguments, **named)
        raise BackupRefused("server closed the connection unexpectedly. Nothing was changed.")

    monkeypatch.setattr(database, "replace", unheard)
    call_command("restore", path, replace=True)
    assert "Restored the database" in capsys.readouterr().out
    assert installation.state() == BEFORE


def test_a_restore_whose_migration_fails_is_finished_later_or_undone(installation, tmp_path, monkeypatch):
    path = tmp_path / "backup.tar"
    call_command("backup", path, with_keys=True)
    installation.move_on()
    installation.write("keys/master", b"x" * 32)
    with monkeypatch.context() as patched:
        patched.setattr(journal, "call_command", failing_migration)
        with pytest.raises(CommandError, match=r"(?s)duplicate key.*manage.py restore --undo"):
            call_command("restore", path, replace=True)
        with pytest.raises(CommandError, match=r"manage\.py restore --undo"):
            call_command("restore")
        with pytest.raises(ImproperlyConfigured, match="restore --undo"):
            occupancy.enter(installation.folder, to_restore=False)
    assert installation.state() == BEFORE
    call_command("restore", undo=True)
    assert installation.state() == AFTER
    assert (installation.folder / "keys" / "master").read_bytes() == b"x" * 32
    assert list(installation.folder.glob("*restore*")) == list(installation.folder.glob("*before*")) == []
    guards_stand()
    with pytest.raises(CommandError, match="no interrupted restore"):
        call_command("restore", undo=True)


def failing_migration(*_, **__):
    raise IntegrityError("duplicate key value")


def test_an_undo_needs_what_was_kept(installation, tmp_path, monkeypatch):
    path = tmp_path / "backup.tar"
    call_command("backup", path)
    with monkeypatch.context() as patched:
        patched.setattr(journal, "call_command", failing_migration)
        with pytest.raises(CommandError):
            call_command("restore", path, replace=True)
    schema = database.kept_schema(journal.Journal.read().identifier)
    with database.as_owner(connection), connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {schema} CASCADE")
    with pytest.raises(CommandError, match=f"the schema {schema} is not there"):
        call_command("restore", undo=True)
    assert installation.state() == BEFORE
    assert restoring.settle_alone() is True
