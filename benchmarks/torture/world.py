"""Servers and processes of one's own: the application as it is deployed, on a ground where everything may be killed."""

import base64
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP
from typing import Any, Self
from urllib.parse import quote

import psutil
import psycopg

from foundation.embedded import servers
from foundation.embedded.ends import left_of
from foundation.keys import masters

REPOSITORY = Path(__file__).resolve().parents[2]
TICK_SECONDS = 1
LEASE_SECONDS = 3
MEMORY_BYTES = 2 * 1024**3
WAIT_SECONDS = 90
AWAY = (psycopg.OperationalError, psycopg.InterfaceError)


class NeverCame(AssertionError):
    """What had to come did not."""


class World:
    """PostgreSQL, Valkey, the web, two workers and two beats under one folder; whoever dies is started again."""

    def __init__(self, fill: Callable[[servers.Endpoints], None] = lambda _endpoints: None) -> None:
        """Take what fills the empty database; what is not migrated by then will be."""
        self._fill = fill
        memory = Path("/dev/shm")  # for the many fsyncs
        roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > MEMORY_BYTES
        self.root = Path(tempfile.mkdtemp(prefix="greffier-torture-", dir=memory if roomy else None))
        self.root.chmod(0o711)  # the servers' user crosses it
        self.servers = self.root / "servers"
        self.master_key = self.root / "master-key"
        self.master_key.write_text(masters.new())
        self.master_key.chmod(0o600)
        self.signing_key = base64.b64encode(secrets.token_bytes(32)).decode()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._groups: set[int] = set()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def __enter__(self) -> Self:
        try:
            self.see_to_the_servers()
            self._fill(self.endpoints)
            self.session = self._prepare()
            self.keep()
            self.until(self._all_answer, "the web and the workers to answer")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- servers ------------------------------------------------------------------------------------------------------

    def see_to_the_servers(self) -> None:
        """Start whichever server does not run."""
        self.endpoints = servers.ensure(self.servers)

    def of(self, kind: str) -> list[psutil.Process]:
        """The processes of one server, its keeper first: keeper, watchdog, server and what the server started."""
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if words[1:5] == ["-m", "foundation.embedded.keeper", kind, str(self.servers)]:
                with suppress(psutil.NoSuchProcess):
                    return [process, *process.children(recursive=True)]
        return []

    def server(self, kind: str) -> psutil.Process:
        """The server's main process: what the keeper's watchdog started."""
        keeper = self.of(kind)[0]
        (watchdog,) = keeper.children()
        (server,) = watchdog.children()
        return server

    @contextmanager
    def without(self, kind: str, number: int) -> Iterator[None]:
        """End the server with this signal, and keep its keeper from starting another for the length of the block."""
        keeper, server = self.of(kind)[0], self.server(kind)
        keeper.send_signal(SIGSTOP)
        try:
            server.send_signal(number)
            server.wait(WAIT_SECONDS)
            yield
        finally:
            keeper.send_signal(SIGCONT)
            self.see_to_the_servers()

    @contextmanager
    def frozen(self, process: psutil.Process) -> Iterator[None]:
        """Stop a process in the middle of whatever it does, and let it go on after the block."""
        process.send_signal(SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(SIGCONT)

    def kill_everything(self) -> None:
        """Cut the power: web, workers, beats, keepers, watchdogs, servers, in no order."""
        servers_processes = [process for kind in ("postgres", "valkey") for process in self.of(kind)]
        for process in servers_processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.kill_processes()
        left_of(servers_processes, WAIT_SECONDS)

    def query(self, statement: str, *values: Any) -> list[Any]:
        """Ask the database, as the owner of the tables."""
        a = self.endpoints
        with psycopg.connect(
            host=a.host,
            port=a.port,
            dbname=a.database,
            user=a.owner_user,
            password=a.owner_password,
            connect_timeout=5,
        ) as connection:
            return connection.execute(statement, values).fetchall()

    # -- processes ----------------------------------------------------------------------------------------------------

    @property
    def commands(self) -> dict[str, tuple[str, ...]]:
        worker = (
            "celery",
            "-A",
            "config",
            "--quiet",
            "worker",
            "--loglevel",
            "WARNING",
            "--concurrency",
            "2",
            "--without-gossip",
        )
        beat = ("celery", "-A", "config", "--quiet", "beat", "--loglevel", "WARNING", "--schedule")
        web = ("gunicorn", "--config", "python:config.gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self.port}")
        return {
            "web": (*web, "--workers", "2", "--threads", "4", "--no-control-socket"),
            "worker-1": (*worker, "-n", "worker-1@torture"),
            "worker-2": (*worker, "-n", "worker-2@torture"),
            "beat-1": (*beat, str(self.root / "beat-1")),
            "beat-2": (*beat, str(self.root / "beat-2")),
        }

    @property
    def environment(self) -> dict[str, str]:
        a, host = self.endpoints, quote(self.endpoints.host, safe="")
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GREFFIER_", "PG", "DJANGO_", "DATABASE_", "REDIS_", "PYTEST_", "COV_"))
        }
        return kept | {
            "DJANGO_SETTINGS_MODULE": "benchmarks.torture.settings",
            "DATABASE_URL": f"postgresql://{a.app_user}:{quote(a.app_password)}@{host}:{a.port}/{a.database}",
            "REDIS_URL": a.broker_url,
            "SECRET_KEY": "for-the-torture-only-" + "x" * 50,
            "ALLOWED_HOSTS": "127.0.0.1",
            "GREFFIER_MASTER_KEY_FILE": str(self.master_key),
            "GREFFIER_VAR": str(self.root / "var"),
            "GREFFIER_HTTPS": "0",
            "GREFFIER_SECOND_FACTOR_ROLES": "",
            "GREFFIER_SIGNING_KEY": self.signing_key,
            "GREFFIER_TICK_SECONDS": str(TICK_SECONDS),
            "GREFFIER_JOB_LEASE_SECONDS": str(LEASE_SECONDS),
            "GREFFIER_JOB_HEARTBEAT_SECONDS": "0.5",
            "GREFFIER_JOB_RETRY_SECONDS": "0.5",
        }

    def keep(self) -> None:
        """Start every process that does not run, as the supervisor of a deployment does."""
        for name, command in self.commands.items():
            if name not in self._running or self._running[name].poll() is not None:
                with self.log(name).open("ab") as log:
                    self._running[name] = subprocess.Popen(
                        [sys.executable, "-m", *command],
                        cwd=REPOSITORY,
                        env=self.environment,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                self._groups.add(self._running[name].pid)

    def process(self, name: str) -> psutil.Process:
        return psutil.Process(self._running[name].pid)

    def kill_processes(self, *names: str) -> None:
        """Kill these with all that they started, and what is left of earlier ones; without a name, everything."""
        groups = [self._running[name].pid for name in names] or list(self._groups)
        for group in groups:
            with suppress(ProcessLookupError):
                os.killpg(group, SIGKILL)
        for name in names or list(self._running):
            self._running[name].wait()

    def log(self, name: str) -> Path:
        return self.root / f"{name}.log"

    def until(self, holds: Callable[[], object], what: str, seconds: float = WAIT_SECONDS) -> None:
        """Wait, and start again whoever died meanwhile. Raises `NeverCame`."""
        deadline = time.monotonic() + seconds
        while True:
            self.keep()
            with suppress(*AWAY):
                if holds():
                    return
            if time.monotonic() > deadline:
                raise NeverCame(f"{what}: waited for it in vain for {seconds:.0f} seconds")
            time.sleep(0.1)

    # -- beginning and end --------------------------------------------------------------------------------------------

    def _prepare(self) -> str:
        a = self.endpoints
        owner = f"postgresql://{a.owner_user}:{quote(a.owner_password)}@/{a.database}"
        answer = subprocess.run(
            [sys.executable, "manage.py", "prepare_torture"],
            cwd=REPOSITORY,
            env={**self.environment, "DATABASE_OWNER_URL": owner, "GREFFIER_JOB_LEASE_SECONDS": "300"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        session: str = json.loads(answer.stdout)["session"]
        return session

    def _all_answer(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        workers = "SELECT count(*) FROM foundation_pulse WHERE name LIKE 'worker %%'"
        return bool(self.query(workers)[0][0] >= 1)

    def close(self) -> None:
        """End all that runs for this world, and remove it."""
        self.kill_processes()
        of_servers = [processes for kind in ("postgres", "valkey") if (processes := self.of(kind))]
        for keeper, *_others in of_servers:
            with suppress(psutil.NoSuchProcess):
                keeper.send_signal(SIGCONT)
                keeper.terminate()
        for process in left_of([process for processes in of_servers for process in processes], 20):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        shutil.rmtree(self.root, ignore_errors=True)
