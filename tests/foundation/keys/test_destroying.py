"""What destroying a key really removes, looked for in the files of a server of the test's own, and what it leaves.

Also the start of a real try-out whose master key was lost.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.utils import timezone

from foundation.keys import erasing, masters, starting, vault
from foundation.keys.framing import framed
from foundation.keys.models import Key
from tests.conftest import EXAMPLES
from tests.copies import program, restored
from tests.embedded.conftest import Ground

CANARY = "ZQMARKER jean.dupont@example.org"
KEYS = 20  # few enough for ANALYZE to keep every one of them as a sample, were it allowed to
SEAL = f"""
import django; django.setup()
from foundation.keys import vault
from foundation.models import Register
register = Register.objects.create(slug="acme", name="-")
keys = [vault.data_key("request", register=register, subject=number) for number in range({KEYS})]
register.name = vault.seal_text({CANARY!r}, key=keys[7], place=vault.Place.of(register, "name"))
register.save()
assert vault.open_text(register.name, place=vault.Place.of(register, "name")) == {CANARY!r}
print(keys[7].pk, keys[7].wrapped.hex(), register.pk)
"""
OPEN = """
import django; django.setup()
from foundation.keys import vault
from foundation.models import Register
register = Register.objects.get()
print(vault.open_text(register.name, place=vault.Place.of(register, "name")))
"""


class TryOut:
    """A try-out in a folder of its own, driven by real processes; its data can be read as files."""

    def __init__(self, var):
        self.var = var
        self.ground = Ground(var / "servers")
        outside = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "GREFFIER_MASTER_KEY")
        self.environment = {
            **{name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in outside},
            "GREFFIER_VAR": str(var),
            "GREFFIER_SERVERS_GRACE": "1",
            "GREFFIER_BACKUP_DAYS": "30",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        self.master_key = var / "keys" / "master-key"

    def run(self, *words):
        return subprocess.run(
            [sys.executable, *words],
            cwd=EXAMPLES.parent,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def manage(self, *words):
        return self.run("manage.py", *words)

    def admin(self):
        passwords = json.loads((self.ground.home / "postgres" / "passwords.json").read_text())
        client = self.ground.clients[0]
        return client.connect(user="greffier_admin", password=passwords["greffier_admin"])

    def files_with(self, content):
        """Return (in the log, elsewhere): the files of the server's data that hold these bytes."""
        found = []
        for path in self.ground.data.rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # gone between the listing and the look
                if path.is_file() and content in path.read_bytes():
                    found.append(path.relative_to(self.ground.data))
        log = [path for path in found if path.parts[0] == "pg_wal"]
        return log, [path for path in found if path not in log]

    def dump(self):
        answer = self.ground.clients[0].answer
        done = subprocess.run(
            [
                program("pg_dump"),
                "-h",
                answer["host"],
                "-p",
                answer["port"],
                "-U",
                answer["owner_user"],
                answer["database"],
            ],
            env={"PATH": os.defpath, "PGPASSWORD": answer["owner_password"]},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout


@pytest.fixture(scope="module")
def tryout(migrated_dump):
    folder = Path(
        tempfile.mkdtemp(prefix="greffier-tests-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    )
    folder.chmod(0o711)
    tryout = TryOut(folder / "var")
    try:
        tryout.ground.client()  # holds the servers while processes come and go
        assert tryout.ground.clients[0].error is None
        if not os.access(tryout.ground.data / "pg_wal", os.R_OK | os.X_OK):
            pytest.skip("the server's files belong to another user, and only root can look into them")
        restored(migrated_dump, tryout.ground.clients[0].answer)
        yield tryout
    finally:
        tryout.ground.clean()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def sealed(tryout):
    """Seal the canary; return the key's number and wrapped bytes."""
    made = tryout.run("-c", SEAL)
    assert made.returncode == 0, made.stderr
    number, wrapped, register = made.stdout.split()
    return int(number), bytes.fromhex(wrapped), int(register)


def write_on(admin):
    """Have the write-ahead log go on in another file, twice, with something in it each time."""
    for _ in range(2):
        admin.execute("SELECT pg_switch_wal()")
        admin.execute("SELECT pg_logical_emit_message(false, 'test', 'something else')")
        admin.execute("CHECKPOINT")


@pytest.mark.processes
def test_destroying_a_key_removes_what_it_says_and_says_what_it_leaves(tryout, sealed):
    number, wrapped, register = sealed
    with tryout.admin() as admin:
        admin.execute("ANALYZE foundation_key")
        samples = "SELECT count(*) FROM pg_stats WHERE tablename = 'foundation_key' AND attname = "
        assert admin.execute(samples + "'subject_id'").fetchone() == (1,)
        assert admin.execute(samples + "'wrapped'").fetchone() == (0,)
        admin.execute("CHECKPOINT")

        backup = tryout.dump()
        log, heap = tryout.files_with(wrapped)
        assert log
        assert len(heap) == 1
        assert wrapped.hex().encode() in backup
        assert tryout.files_with(CANARY.encode()) == ([], [])  # what is sealed was never written
        assert CANARY.encode() not in backup
        write_on(admin)
        assert tryout.files_with(wrapped) == ([], heap)

        destroyed = tryout.manage("keys", "destroy", str(number), "--yes")
        assert destroyed.returncode == 0, destroyed.stderr
        until = timezone.localtime(timezone.now() + timedelta(days=30))
        assert f"{number}: request, register acme, object 7, version 1" in destroyed.stdout
        assert "does not hold the wrapped keys any more" in destroyed.stdout
        assert f"until {until:%Y-%m-%d}" in destroyed.stdout
        assert "wal_recycle is on" not in destroyed.stdout

        log, heap = tryout.files_with(wrapped)
        assert heap == []  # as it says
        segment = destroyed.stdout.split("up to segment ")[1].split(":")[0]
        assert [path.name for path in log] == [segment]  # as it says: deleting wrote the page to the log once more
        assert wrapped.hex().encode() not in tryout.dump()
        assert "KeyDestroyed" in tryout.run("-c", OPEN).stderr

        # as it says: the master key opens the copy in the backup made before
        master = masters.read(tryout.master_key.read_text()).newest
        context = framed("greffier data key", master.id, number, "request", register, 7, 1)
        assert len(master.unwrap(wrapped, context)) == masters.KEY_BYTES

        write_on(admin)
        assert tryout.files_with(wrapped) == ([], [])


@pytest.mark.processes
def test_a_try_out_whose_master_key_was_lost_does_not_start_and_makes_no_other(tryout, sealed):
    away = tryout.master_key.with_name("away")
    wanted = masters.read(tryout.master_key.read_text()).newest.id
    tryout.master_key.rename(away)
    try:
        started = tryout.manage("check")
        assert started.returncode == 1
        assert f"The master key is lost: {tryout.master_key} is not there" in started.stderr
        assert f"only {wanted} opens" in started.stderr
        assert not tryout.master_key.exists()
    finally:
        away.rename(tryout.master_key)


# -- who may write the table anew -------------------------------------------------------------------------------------


@pytest.fixture
def destroyed(real_servers):
    """A database in which a key was destroyed; tells whether the table's file was written anew since."""
    vault.data_key("account")
    Key.objects.all().delete()

    def file():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_relation_filenode('foundation_key')")
            return cursor.fetchone()[0]

    before = file()
    return lambda: file() != before


def as_owner(statement):
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        dbname=settings["NAME"],
        user=settings["OWNER"]["USER"],
        password=settings["OWNER"]["PASSWORD"],
        autocommit=True,
    ) as owner:
        owner.execute(statement)


@pytest.mark.processes
def test_the_application_writes_the_table_anew_and_does_not_own_it(destroyed, monkeypatch):
    with monkeypatch.context() as without:
        without.setitem(connection.settings_dict, "OWNER", None)
        erasing.rewrite_table()
    assert destroyed()
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE foundation_key ADD COLUMN loot text")


@pytest.mark.processes
def test_where_the_application_may_not_the_owner_does_or_the_statement_is_said(destroyed, monkeypatch):
    as_owner("REVOKE MAINTAIN ON foundation_key FROM greffier_app")
    with monkeypatch.context() as without:
        without.setitem(connection.settings_dict, "OWNER", None)
        with pytest.raises(erasing.NotRewritten, match=r"still stand.*run: VACUUM \(FULL\) foundation_key"):
            erasing.rewrite_table()
        assert not destroyed()
    erasing.rewrite_table()
    assert destroyed()


@pytest.mark.processes
def test_a_table_that_is_held_is_said_and_not_waited_for(destroyed, monkeypatch):
    monkeypatch.setattr(erasing, "PATIENCE", "50ms")
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        dbname=settings["NAME"],
        user=settings["USER"],
        password=settings["PASSWORD"],
    ) as other:
        other.execute("SELECT 1 FROM foundation_key")
        with pytest.raises(erasing.NotRewritten, match="another transaction holds it"):
            erasing.rewrite_table()
    assert not destroyed()


@pytest.mark.processes
def test_what_a_lost_master_key_closed_can_be_given_up_and_the_start_goes_on(real_servers, settings):
    lost = vault.data_key("account")
    settings.MASTER_KEYS = masters.read(masters.new())
    with pytest.raises(ImproperlyConfigured, match=r"greffier\.K002"):
        starting.require_fitting_keys()
    kept = vault.data_key("connector", subject=1)
    out = StringIO()
    call_command("keys", "destroy", "--closed", "--yes", stdout=out)
    assert f"{lost.pk}: account, version 1" in out.getvalue()
    assert list(Key.objects.all()) == [kept]
    starting.require_fitting_keys()
