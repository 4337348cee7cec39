"""An installation of a test's own, to be saved and put back: all of it or nothing, whatever is killed."""

import os
import signal
import subprocess
import sys

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from foundation.backup import holdings, occupancy
from foundation.models import Register, User
from tests.conftest import EXAMPLES, url_of

KILLED_THERE = """
import os, pathlib, sys
import django
django.setup()
from django.core.management import call_command
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
