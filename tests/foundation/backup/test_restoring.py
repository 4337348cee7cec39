"""What was saved comes back, and what was there is kept aside."""

import stat
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from documents import actions as documents
from editions.actions import publish
from editions.load import load
from foundation.backup import holdings
from foundation.jobs import running
from foundation.models import Register
from tests.conftest import example
from tests.foundation.backup.conftest import AFTER, BEFORE, guards_stand

pytestmark = pytest.mark.processes


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
