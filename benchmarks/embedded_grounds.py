"""Roots for the cases, and processes that write into them until something ends them."""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.embedded.grounds import CLIENT, REPOSITORY, Ground

WRITING = """
import psycopg
with psycopg.connect(host=endpoints.host, port=endpoints.port, dbname=endpoints.database, user=endpoints.owner_user,
                     password=endpoints.owner_password, autocommit=True) as connection:
    number = 0
    while True:
        number += 1
        connection.execute("INSERT INTO acknowledged VALUES (%s, %s, repeat('x', 500))", [sys.argv[3], number])
        print(number, flush=True)
"""


class NotRunHere(Exception):
    """What this machine cannot do, and why."""


class Writer:
    """A process that writes rows and says each number after the database has acknowledged it."""

    def __init__(self, root, name, folder):
        self.name = name
        self.said = folder / f"said-{name}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", CLIENT.replace("sys.stdin.read()\n", WRITING), str(root), '{"valkey": false}', name],
            stdin=subprocess.DEVNULL,
            stdout=self.said.open("w"),
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "GREFFIER_SERVERS_GRACE": "0.3"},
        )

    @property
    def acknowledged(self):
        whole = self.said.read_text().rpartition("\n")[0].splitlines()
        return int(whole[-1]) if whole and whole[-1].isdigit() else 0

    def end(self):
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(0.5)
        self.process.kill()
        self.process.wait()
        return self.acknowledged


class Grounds:
    """The roots of one case."""

    def __init__(self, folder, template):
        self.folder = folder
        self.template = template
        self.grounds = []
        self.writers = []

    def make_template(self):
        ground = self.fresh()
        client = ground.client()
        with client.connect("owner") as connection:
            connection.execute("CREATE TABLE acknowledged (writer text, number int, filler text)")
        client.write_row()
        client.end()
        ground.wait_until_gone()
        return ground.root

    def place(self):
        parent = Path(tempfile.mkdtemp(dir=self.folder))
        parent.chmod(0o711)
        return parent

    def fresh(self, root=None):
        ground = Ground(root or self.place() / "var")
        self.grounds.append(ground)
        return ground

    def used(self):
        ground = self.fresh()
        subprocess.run(["cp", "-a", self.template, ground.root], check=True)
        return ground

    def writer(self, ground, name):
        writer = Writer(ground.root, name, ground.root.parent)
        self.writers.append(writer)
        deadline = time.monotonic() + 60
        while writer.acknowledged < 5:
            assert writer.process.poll() is None, writer.said.read_text()
            assert time.monotonic() < deadline, "a writer did not begin"
            time.sleep(0.02)
        return writer

    def clean(self):
        for writer in self.writers:
            writer.process.kill()
            writer.process.wait()
        for ground in self.grounds:
            if ground.root != self.template:
                ground.clean()

    def write_wrapper(self, lines):
        """A Python that begins with these lines of shell."""
        wrapper = self.place() / "python"
        wrapper.write_text(f"#!/bin/sh\nset -e\n{lines}\n")
        wrapper.chmod(0o755)
        return str(wrapper)


def ordinary_python(user):
    """A Python that this user can start with all that is needed."""
    path = f"{REPOSITORY}{os.pathsep}{sysconfig.get_path('purelib')}"
    for python in (sys.executable, "/usr/bin/python3", f"/usr/bin/python3.{sys.version_info.minor}"):
        with suppress(OSError):
            needed = [python, "-c", "import foundation.embedded.postgres as p; p.binaries.POSTGRES.packages()"]
            tried = subprocess.run(
                needed, user=user, group=user, extra_groups=[], cwd="/", env={"PYTHONPATH": path}, capture_output=True
            )
            if tried.returncode == 0:
                return {"user": user, "python": python, "env": {"PYTHONPATH": path, "HOME": "/"}}
    raise NotRunHere("no Python of this machine can be started by another user with these packages")


def only_as_root():
    if os.geteuid() != 0:
        raise NotRunHere("it needs root")


def user_of_servers():
    return next(name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()})


def need(program):
    if shutil.which(program) is None:
        raise NotRunHere(f"{program} is not on this machine")
