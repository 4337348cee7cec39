"""Grounds to play on: a root of one's own, its clients as real processes, and a look at what runs for it."""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

from foundation.embedded import clients

REPOSITORY = Path(clients.__file__).parents[2]
GRACE_SECONDS = 0.3
CLIENT = """
import dataclasses, json, sys
from pathlib import Path
from foundation.embedded import servers
try:
    endpoints = servers.ensure(Path(sys.argv[1]), **json.loads(sys.argv[2]))
except servers.EmbeddedServersError as error:
    print(json.dumps({"error": str(error)}), flush=True)
    sys.exit(1)
print(json.dumps(dataclasses.asdict(endpoints)), flush=True)
sys.stdin.read()
"""


def eventually(holds, seconds=15, retry_on=()):
    deadline = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except retry_on:
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Client:
    """A process that asks for the servers, and needs them until it is ended or killed."""

    def __init__(self, root, *, python=sys.executable, env=None, user=None, **wanted):
        self.process = subprocess.Popen(
            [python, "-c", CLIENT, str(root), json.dumps(wanted)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env={
                **os.environ,
                "PYTHONPATH": str(REPOSITORY),
                "GREFFIER_SERVERS_GRACE": str(GRACE_SECONDS),
                **(env or {}),
            },
            **({"user": user, "group": user, "extra_groups": []} if user else {}),
        )
        self._answer = None

    @property
    def answer(self):
        if self._answer is None:
            self._answer = json.loads(self.process.stdout.readline())
        return self._answer

    def rows(self):
        """What the table `kept` holds; asked again while the server is being put back."""
        found = []

        def read():
            with self.connect("owner") as connection:
                found.extend(connection.execute("SELECT word FROM kept").fetchall())
            return True

        eventually(read, retry_on=psycopg.OperationalError)
        return found

    def write_row(self):
        with self.connect("owner") as connection:
            connection.execute("CREATE TABLE kept (word text)")
            connection.execute("INSERT INTO kept VALUES ('kept')")

    @property
    def error(self):
        return self.answer.get("error")

    def connect(self, role="app", **changes):
        assert self.error is None, self.error
        a = self.answer
        options = {
            "host": a["host"],
            "port": a["port"],
            "dbname": a["database"],
            "user": a[f"{role}_user"],
            "password": a[f"{role}_password"],
        }
        return psycopg.connect(**options | changes, autocommit=True)

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)

    def kill(self):
        self.process.kill()
        self.end()


class Ground:
    """One root, its clients and its processes."""

    eventually = staticmethod(eventually)

    def __init__(self, root):
        self.root = root
        self.clients = []

    def client(self, **options):
        client = Client(self.root, **options)
        self.clients.append(client)
        return client

    @property
    def home(self):
        pointer = self.root / "data-location.txt"
        return Path(pointer.read_text().strip()) if pointer.exists() else self.root

    @property
    def data(self):
        return self.home / "postgres" / "clusters" / "18"

    def _marks(self):
        marks = {f"{place}/" for place in (self.root, self.home)}
        for client in self.clients:
            if client._answer and not client.error:
                marks.add(client.answer["host"] or "\0")
                marks.add(client.answer["broker_url"].partition("@")[2].partition("/valkey.sock")[0] or "\0")
        return marks

    def processes(self):
        """All that runs for this root, its clients excepted."""
        own = {client.process.pid for client in self.clients} | {os.getpid()}
        marks = self._marks()
        found = []
        for process in psutil.process_iter():
            try:
                words = [*process.cmdline(), process.cwd() + "/"]
                ours = any(mark in word + "/" for mark in marks for word in words)
                if ours and process.pid not in own and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def of(self, kind):
        """The processes of one kind: keeper, watchdog, postmaster, valkey."""
        return [process for process in self.processes() if self._is(process, kind)]

    def _is(self, process, kind):
        try:
            words, name = process.cmdline(), process.name()
        except psutil.NoSuchProcess:
            return False
        return {
            "keeper": "foundation.embedded.keeper" in words,
            "watchdog": any(word.endswith("watchdog.py") for word in words),
            "postmaster": name == "postgres" and str(self.data) in words,
            "valkey": name == "valkey-server",
        }[kind]

    def counts(self):
        return {kind: len(self.of(kind)) for kind in ("keeper", "watchdog", "postmaster", "valkey")}

    def kill(self, *kinds):
        victims = [process for kind in kinds for process in self.of(kind)] if kinds else self.processes()
        assert victims
        for process in victims:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def wait_until_gone(self):
        eventually(lambda: self.processes() == [])

    def clean(self):
        for client in self.clients:
            client.kill()
        for keeper in self.of("keeper"):
            with suppress(psutil.NoSuchProcess):
                keeper.terminate()
        with suppress(AssertionError):
            self.eventually(lambda: self.processes() == [])
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        for mark in self._marks():
            if Path(mark).parent == Path("/tmp") and Path(mark).name.startswith("greffier-"):
                shutil.rmtree(mark, ignore_errors=True)
        for place in {self.home, self.root}:
            shutil.rmtree(place, ignore_errors=True)
