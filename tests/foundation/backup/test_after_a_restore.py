"""After a restore nobody is signed in, and nothing is done until somebody looked."""

import re
import subprocess
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from foundation.backup import archive, database, programs
from foundation.jobs.models import Halt
from foundation.models import User

pytestmark = pytest.mark.processes


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
