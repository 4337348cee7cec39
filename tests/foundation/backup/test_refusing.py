"""What is refused before anything was changed."""

import os
import threading
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from foundation.backup import archive, database, holdings, making, occupancy
from foundation.backup.errors import BackupRefused
from tests.foundation.backup.conftest import AFTER

pytestmark = pytest.mark.processes


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


def test_a_session_that_is_ending_is_waited_for(installation):
    other = connection.copy()
    other.connect()
    ends = threading.Timer(0.2, other.connection.close)
    ends.start()
    database.refuse_other_sessions()
    ends.join()


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
