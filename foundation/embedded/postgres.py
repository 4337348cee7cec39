"""The application's own PostgreSQL."""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from foundation.embedded import binaries, cluster, network, places, roles
from foundation.embedded.account import Account
from foundation.embedded.cluster import Cluster
from foundation.embedded.errors import EmbeddedServersError
from foundation.embedded.files import locked, make_directory, open_private, passwords, write_private
from foundation.embedded.process import Process

PORT = "5432"  # part of the socket's name, which stays, whatever port the network has
SOCKET = f".s.PGSQL.{PORT}"
LAUNCHES = 5  # of one start, each with another port; the last with none
START_SECONDS = 300  # recovery after a crash may take long
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 PostgreSQL's own choice of place
SHARED_MEMORY_BYTES = 32 * 1024 * 1024
SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "fsync": "on",
    "wal_recycle": "off",  # a log file that is no longer needed is removed, not kept with what it held
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_min_error_statement": "panic",  # statements and details may hold personal data
    "log_error_verbosity": "terse",
}


class Postgres:
    def __init__(self, root: Path) -> None:
        self._log = root / "postgres" / "postgres.log"
        self.account = Account.of_servers(places.known_home(root) / "postgres" / "clusters")
        home = places.home_of(root, self.account) / "postgres"
        make_directory(home)
        self._in_use = open_private(home / "in-use.lock")
        if not locked(self._in_use, fcntl.LOCK_EX):
            raise EmbeddedServersError(
                f"The data in {home} is in use by another copy of the application. Nothing was changed. Stop that one, "
                f"or remove {places.POINTER} from {root} to begin with an empty database."
            )
        program = binaries.reachable_program(binaries.POSTGRES, self.account, lambda: home)
        self._passwords, fresh = passwords(home / "passwords.json", (roles.ADMIN, *roles.OPTIONS))
        self.cluster = Cluster(home / "clusters", program, self.account)
        self.cluster.prepare(self._passwords[roles.ADMIN], password_is_new=fresh)
        self._folder = places.socket_directory(home, self.account)
        self._port = network.Port(home / "port")
        self._launches = 0
        self._process: Process | None = None

    def start(self) -> dict[str, str]:
        self.cluster.stop_leftovers()
        self._port.choose()
        self._launches = 0
        self._launch()
        with self._connected() as connection:
            self._arrange_roles(connection)
        return {
            "business_host": network.ADDRESS if self._port.number else "",
            "business_port": str(self._port.number or ""),
            "business_user": roles.BUSINESS,
            "business_password": self._passwords[roles.BUSINESS],
            "archive_user": roles.ARCHIVE,
            "archive_password": self._passwords[roles.ARCHIVE],
            "host": str(self._folder),
            "port": PORT,
            "database": roles.DATABASE,
            "owner_user": roles.OWNER,
            "owner_password": self._passwords[roles.OWNER],
            "app_user": roles.APP,
            "app_password": self._passwords[roles.APP],
            "socket": str(self._folder / SOCKET),
        }

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.alive

    def stop(self) -> None:
        if self._process:
            self._process.stop()
        self.cluster.stop_leftovers()
        self._remove_sockets()
        with suppress(OSError):
            self._folder.rmdir()

    def _arrange_roles(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        try:
            roles.arrange(connection, self._passwords)
        except psycopg.Error as error:
            raise EmbeddedServersError(
                f"PostgreSQL runs, but its roles could not be arranged: {error}\nThe data in {self.cluster.data} was "
                f"kept. The whole log is {self._log}; an outside server can be used by setting DATABASE_URL."
            ) from None

    def _options(self) -> list[str]:
        settings = SETTINGS | {
            "listen_addresses": network.ADDRESS if self._port.number else "",
            "port": str(self._port.number or PORT),
            "unix_socket_directories": str(self._folder),
            "dynamic_shared_memory_type": "posix" if _shared_memory_is_usable() else "mmap",
        }
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _launch(self) -> None:
        self._remove_sockets()
        self._launches += 1
        data = self.cluster.data
        owner = (self.account.uid, self.account.gid)
        write_private(data / "pg_hba.conf", roles.WHO_MAY_CONNECT.lstrip(), owner=owner)
        self._process = Process([self.cluster.program, "-D", data, *self._options()], self.account, self._log)

        if self._port.number:  # the server names its socket after its port; clients know the name that stays
            (self._folder / SOCKET).symlink_to(f".s.PGSQL.{self._port.number}")

    def _remove_sockets(self) -> None:
        for path in self._folder.glob(".s.PGSQL.*"):
            path.unlink(missing_ok=True)

    def _connected(self) -> "psycopg.Connection[tuple[object, ...]]":
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return psycopg.connect(
                    host=str(self._folder),
                    port=PORT,
                    user=roles.ADMIN,
                    password=self._passwords[roles.ADMIN],
                    dbname="postgres",
                    connect_timeout=5,
                    autocommit=True,
                )
            except psycopg.OperationalError as error:
                self._still_hopeful(error, deadline)
            time.sleep(0.03)

    def _still_hopeful(self, error: psycopg.OperationalError, deadline: float) -> None:
        if self.alive and time.monotonic() < deadline and "authentication failed" not in str(error):
            return
        words = self._process.last_words() if self._process else str(error)
        if not self.alive and cluster.MEMORY_IN_USE in words and time.monotonic() < deadline:
            self.cluster.stop_leftovers()  # a session that outlived its killed server for a moment
            self._launch()
            return
        if not self.alive and network.TAKEN in words and self._launches < LAUNCHES:
            self.cluster.stop_leftovers()
            self._port.choose_another(none=self._launches == LAUNCHES - 1)
            self._launch()
            return
        self.stop()
        raise EmbeddedServersError(
            f"PostgreSQL did not start. Its last words: {words}\nThe data in {self.cluster.data} was kept as it is. "
            f"The whole log is {self._log}; an outside server can be used by setting DATABASE_URL."
        ) from None


def _shared_memory_is_usable() -> bool:
    """Tell whether /dev/shm is there, writable by all and not tiny, as it often is in containers."""
    try:
        found, space = SHARED_MEMORY.stat(), os.statvfs(SHARED_MEMORY)
    except OSError:
        return os.uname().sysname == "Darwin"
    return bool(found.st_mode & 0o002) and space.f_bavail * space.f_frsize > SHARED_MEMORY_BYTES
