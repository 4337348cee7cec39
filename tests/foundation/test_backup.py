"""One command saves an installation, one puts it back: all of it or nothing, whatever is killed."""

import os
import re
import signal
import stat
import subprocess
import sys
from datetime import timedelta
from unittest import mock

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from documents import actions as documents
from editions.actions import publish
from editions.load import load
from foundation.backup import archive, database, holdings, journal, making, occupancy, programs, restoring
from foundation.backup.errors import BackupRefused
from foundation.jobs import running
from foundation.jobs.models import Halt
from foundation.models import Register, User
from tests.conftest import EXAMPLES, example, url_of

pytestmark = pytest.mark.processes
KILLED_THERE = """
import os, pathlib, sys
import django
django.setup()
from django.core.management import call_command
from documents import actions as documents
from editions.actions import publish
from editions.load import load
from editions.reading import read
from foundation.backup import archive, database, journal

def die(*_args, **_named):
    os.kill(os.getpid(), 9)

moment = sys.argv.pop()
if moment == "in the transaction":
    database.privileges.withdrawals = die
elif moment == "while unpacking":
    archive._mode = die
elif moment == "after the commit":
    journal.Journal.settle = die
else:  # between the two renames
    rename = pathlib.Path.rename
    pathlib.Path.rename = lambda path, target: die() if path.name.startswith("files.rest") else rename(path, target)
call_command("restore", sys.argv[2], replace=True)
"""


class Installation:
    """A database of its own with one register, one print and one key; the commands run in this process or another."""

    def __init__(self, real_servers, folder):
        self.folder = folder
        self.environment = real_servers.environment | {
            "GREFFIER_VAR": str(folder),
            "GREFFIER_FILES": str(folder / "files"),
            "DATABASE_OWNER_URL": url_of(
                connection.settings_dict["OWNER"]["USER"],
                connection.settings_dict["OWNER"]["PASSWORD"],
                connection.settings_dict["NAME"],
            ),
        }
        self.write("files/prints/one.pdf", b"one")
        self.write("keys/master", b"k" * 32)
        Register.objects.create(slug="acme", name="Registre d’Acme")
        User.objects.create_user("dpo@acme.example")

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def move_on(self):
        """What happens after the backup: a second register and a second print, the first print is gone."""
        Register.objects.create(slug="later", name="Plus tard")
        self.write("files/prints/two.pdf", b"two")
        (self.folder / "files/prints/one.pdf").unlink()

    def state(self):
        connection.close()
        registers = sorted(Register.objects.values_list("slug", flat=True))
        return registers, {name: path.read_bytes() for name, path in holdings.within(self.folder / "files")}

    def run_killed(self, moment, path):
        connection.close()
        with stopped_counting(self.folder):
            done = subprocess.run(
                [sys.executable, "-c", KILLED_THERE, "restore", str(path), moment],
                cwd=EXAMPLES.parent,
                env={**os.environ, **self.environment, "DJANGO_SETTINGS_MODULE": "config.settings"},
                capture_output=True,
                text=True,
            )
        assert done.returncode == -signal.SIGKILL, done.stderr


class stopped_counting:
    """For a while the process of the tests does not use the folder."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        os.close(occupancy._held.pop(self.folder))

    def __exit__(self, *_):
        occupancy.enter(self.folder, to_restore=True)


BEFORE = (["acme"], {"prints/one.pdf": b"one"})
AFTER = (["acme", "later"], {"prints/two.pdf": b"two"})


@pytest.fixture
def installation(real_servers, django_db_blocker, settings, tmp_path):
    settings.VAR = tmp_path / "var"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "var" / "files")},
        }
    }
    occupancy.enter(settings.VAR, to_restore=False)
    with django_db_blocker.unblock():
        yield Installation(real_servers, settings.VAR)
    os.close(occupancy._held.pop(settings.VAR))


def test_what_was_saved_comes_back_and_what_was_there_is_kept_aside(installation, tmp_path, capsys):
    path = tmp_path / "backup.tar"
    call_command("backup", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [left.name for left in tmp_path.glob("backup*")] == ["backup.tar"]
    installation.move_on()
    with pytest.raises(CommandError, match="holds people, registers or files already"):
        call_command("restore", path)
    call_command("restore", path, replace=True, dry_run=True)
    assert installation.state() == AFTER
    call_command("restore", path, replace=True)
    assert installation.state() == BEFORE
    (kept,) = installation.folder.glob("files.before-*")
    assert (kept / "prints" / "two.pdf").read_bytes() == b"two"
    with connection.cursor() as cursor:
        schema = f"before_restore_{kept.name.partition('-')[2]}"
        cursor.execute("SELECT has_schema_privilege('public', 'CREATE'), has_schema_privilege(%s, 'USAGE')", [schema])
        assert cursor.fetchone() == (False, False)
    guards_stand()
    assert "do it again before anyone works" in capsys.readouterr().out


def test_an_example_comes_back_row_by_row_and_its_print_byte_by_byte(installation, tmp_path):
    edition = publish(load(example("vistory-sesame")), actor=None, at=timezone.now())
    print_ = documents.ask_print(edition, kind="privacy_notice", language="fr", actor=None, at=timezone.now())
    assert running.run(print_.job_id)
    print_.refresh_from_db()
    path, before, printed = tmp_path / "backup.tar", rows(), print_.file.read()
    print_.file.close()
    call_command("backup", path)
    Register.objects.filter(slug="acme").update(name="Autre")
    holdings.files().rename(tmp_path / "lost")
    assert rows() != before
    call_command("restore", path, replace=True)
    assert rows() == before | {"foundation_halt": mock.ANY}  # the stop of work that a restore sets
    assert documents.downloaded(print_, actor=None, at=timezone.now()) == printed  # it checks the kept hash


def rows():
    """Every table of the application, as a digest of its rows."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM {table} t")
            found[table] = cursor.fetchone()[0]
    return found


def guards_stand():
    """The application's role after a restore: it reads and writes rows, and cannot undo what was appended."""
    User.objects.create_user("new@acme.example")  # the sequences go on
    for statement in (
        "CREATE TABLE loot (id int)",
        "DELETE FROM foundation_event",
        "TRUNCATE editions_edition CASCADE",
        "UPDATE foundation_change SET reason = ''",
        "DELETE FROM django_migrations",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname = 'greffier_append_only' AND tgenabled = 'O' "
                       "AND tgrelid::regclass::text !~ 'before_restore'")  # fmt: skip
        assert cursor.fetchone()[0] >= 3
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


def test_the_keys_travel_only_when_it_is_said(installation, tmp_path, capsys):
    call_command("backup", tmp_path / "without.tar")
    assert "NOT in it" in capsys.readouterr().out
    call_command("backup", tmp_path / "with.tar", with_keys=True)
    assert "whoever has the file can read everything" in capsys.readouterr().out
    assert b"k" * 32 not in (tmp_path / "without.tar").read_bytes()
    installation.write("keys/master", b"x" * 32)  # another machine, which made a key of its own
    with pytest.raises(CommandError, match=r"those in .* are not they: master"):
        call_command("restore", tmp_path / "without.tar", replace=True)
    call_command("restore", tmp_path / "with.tar", replace=True)
    assert (installation.folder / "keys" / "master").read_bytes() == b"k" * 32
    (kept,) = installation.folder.glob("keys.before-*")
    assert (kept / "master").read_bytes() == b"x" * 32


def test_nothing_is_restored_while_others_work(installation, tmp_path):
    path = tmp_path / "backup.tar"
    call_command("backup", path)
    installation.move_on()
    other = os.open(installation.folder / occupancy.LOCK, os.O_RDONLY)
    occupancy.locked(other, occupancy.fcntl.LOCK_SH)
    with pytest.raises(CommandError, match="stop web, worker and beat first"):
        call_command("restore", path, replace=True)
    os.close(other)
    with connection.copy().temporary_connection() as cursor:  # a process of another machine
        cursor.execute("SELECT 1")
        with pytest.raises(CommandError, match=r"1 other session\(s\) are connected"):
            call_command("restore", path, replace=True)
    assert installation.state() == AFTER


@pytest.mark.parametrize("place", ["files", "keys", "secret-key"])
def test_what_cannot_be_renamed_because_it_is_mounted_is_refused(installation, tmp_path, monkeypatch, settings, place):
    settings.TRY_OUT = True
    installation.write("secret-key", b"s")
    path = tmp_path / "backup.tar"
    call_command("backup", path, with_keys=True)
    installation.move_on()
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"1 0 0:1 / / rw - ext4 /dev/a rw\n2 1 0:1 /x {installation.folder / place} rw - ext4 /dev/a rw\n"
    )
    monkeypatch.setattr(holdings, "MOUNTS", mounts, raising=False)
    with pytest.raises(CommandError, match=rf"{place} is a mount point .* Nothing was changed"):
        call_command("restore", path, replace=True)
    assert installation.state() == AFTER


def test_a_backup_of_a_newer_release_is_refused(installation, tmp_path, monkeypatch):
    path = tmp_path / "backup.tar"
    monkeypatch.setattr(making.database, "migrations", lambda: ["foundation.0099_of_tomorrow"])
    call_command("backup", path)
    with pytest.raises(CommandError, match="0099_of_tomorrow is unknown here"):
        call_command("restore", path, replace=True)


def test_a_backup_is_never_written_over_and_a_failed_one_leaves_nothing(installation, tmp_path, monkeypatch):
    path = tmp_path / "backup.tar"
    path.write_text("precious")
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", path)
    assert path.read_text() == "precious"
    stale = tmp_path / "second.tar.part-0123"
    stale.mkdir()
    (stale / "lock").touch()
    with monkeypatch.context() as patched, pytest.raises(CommandError, match="No space left"):
        patched.setattr(archive.Writer, "close", full_disk)
        call_command("backup", tmp_path / "second.tar")
    assert list(tmp_path.glob("second*")) == []


def full_disk(*_):
    raise OSError(28, "No space left on device")


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


def test_after_a_restore_nobody_is_signed_in_and_nothing_is_done_until_somebody_looked(installation, tmp_path, capsys):
    sign_in("before")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO foundation_cache VALUES ('198.51.100.7', 'x', now())")
    path = tmp_path / "backup.tar"
    call_command("backup", path)
    archive.extract(path, archive.check(path), {archive.DUMP: tmp_path / "dump"})
    assert not {"foundation_cache", "django_session", "usersessions_usersession"} & data_in(tmp_path / "dump")
    capsys.readouterr()
    call_command("restore", path, replace=True)
    said = capsys.readouterr().out
    assert "Everybody has to sign in again" in said
    assert "manage.py jobs go-on" in said
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()
    (halt,) = Halt.objects.all()
    assert (halt.register, halt.kind, halt.ordered_by) == (None, "", None)
    assert halt.reason == f"restored on {timezone.now():%Y-%m-%d}: look, then `manage.py jobs go-on`"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM foundation_cache")
        assert cursor.fetchone() == (0,)
    call_command("jobs", "go-on")
    assert not Halt.objects.exists()


def test_sessions_in_a_backup_of_an_older_release_end_with_the_restore(installation, tmp_path, monkeypatch):
    sign_in("before")
    path = tmp_path / "backup.tar"
    monkeypatch.setattr(database, "LEFT_OUT", [])
    call_command("backup", path)
    call_command("restore", path, replace=True)
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()


def sign_in(key):
    user = User.objects.get(email="dpo@acme.example")
    Session.objects.create(session_key=key, session_data="x", expire_date=timezone.now() + timedelta(days=1))
    UserSession.objects.create(user=user, session_key=key, ip="198.51.100.7", user_agent="x")


def data_in(dump):
    tools = programs.fitting(18)
    listed = subprocess.run(
        tools.command("pg_restore", "--list", str(dump)), capture_output=True, text=True, check=True
    )
    return set(re.findall(r"TABLE DATA public (\S+)", listed.stdout))


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


def test_a_backup_never_replaces_a_file_made_meanwhile(tmp_path, monkeypatch):
    (tmp_path / "whole").write_text("backup")
    making._give_name(tmp_path / "whole", tmp_path / "backup.tar")
    assert (tmp_path / "backup.tar").read_text() == "backup"
    monkeypatch.setattr(making.Path, "exists", lambda _self: False)  # so it looked a moment ago
    for without_links in (False, True):
        if without_links:
            monkeypatch.setattr(os, "link", mock.Mock(side_effect=PermissionError(1, "no links on this disk")))
            (tmp_path / "other").write_text("another")
            making._give_name(tmp_path / "other", tmp_path / "named.tar")
            assert (tmp_path / "named.tar").read_text() == "another"
        (tmp_path / "precious").write_text("precious")
        (tmp_path / "again").write_text("backup")
        with pytest.raises(BackupRefused, match="made by somebody else meanwhile"):
            making._give_name(tmp_path / "again", tmp_path / "precious")
        assert (tmp_path / "precious").read_text() == "precious"


def test_the_owners_login_is_asked_for(installation, tmp_path):
    with (
        mock.patch.dict(connection.settings_dict, {"OWNER": None}),
        pytest.raises(CommandError, match="DATABASE_OWNER"),
    ):
        call_command("backup", tmp_path / "backup.tar")
