"""Business databases for the tests: a PostgreSQL database, a MariaDB server of the session's own, SQLite files."""

import ipaddress
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from psycopg import sql
from sqlalchemy import URL, Engine, NullPool, create_engine, text

DIALECTS = ("postgresql", "mariadb", "sqlite")
MEMORY_BYTES = 1024**3
MARIADB_USER = "business"
BINARY_FOLDERS = "/usr/sbin:/usr/local/sbin:/usr/local/bin"


@dataclass
class BusinessDatabase:
    """An empty database that a business application could own; `engine` is the application's own way in."""

    dialect: str
    url: URL
    engine: Engine = field(init=False)
    server: "MariaDB | None" = None

    def __post_init__(self) -> None:
        # Without TLS: for each connection, the driver would read all the authorities that the machine trusts.
        in_clear = {"ssl_disabled": True} if self.dialect == "mariadb" else {}
        self.engine = create_engine(self.url, poolclass=NullPool, connect_args=in_clear)

    def run(self, *statements: str) -> None:
        """Run plain statements, one transaction for all of them."""
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement.replace("%", "%%") if self.dialect != "sqlite" else statement)

    def clean(self) -> None:
        """Leave nothing in it."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if self.dialect == "postgresql":
                connection.execute(text("SET lock_timeout = '5s'"))
                mine = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)'"
                for (name,) in connection.execute(text(mine)).all():
                    connection.exec_driver_sql(f"DROP SCHEMA {_quoted(name).replace('%', '%%')} CASCADE")
                connection.execute(text("CREATE SCHEMA public"))
            elif self.dialect == "mariadb":
                connection.execute(text("SET lock_wait_timeout = 5"))
                connection.exec_driver_sql(f"DROP DATABASE `{self.url.database}`")
                connection.exec_driver_sql(f"CREATE DATABASE `{self.url.database}`")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# -- PostgreSQL: a database of its own in the server that the tests run on anyway --------------------------------------


@contextmanager
def postgresql_database(settings: dict[str, Any]) -> Iterator[BusinessDatabase]:
    """Make a database under the owner's role, and drop it afterwards."""
    owner, name = settings["OWNER"], f"business_{secrets.token_hex(4)}"
    host, port = str(settings["HOST"]), int(settings["PORT"] or 5432)
    is_socket = host.startswith("/")
    url = URL.create(
        "postgresql+psycopg",
        owner["USER"],
        owner["PASSWORD"],
        host=None if is_socket else host,
        port=port,
        database=name,
        query={"host": host} if is_socket else {},
    )

    def as_owner(statement: str) -> None:
        login = {"user": owner["USER"], "password": owner["PASSWORD"], "dbname": "postgres"}
        with psycopg.connect(host=host, port=port, autocommit=True, **login) as admin:
            admin.execute(sql.SQL(statement).format(sql.Identifier(name)))

    as_owner("CREATE DATABASE {} TEMPLATE template0")
    try:
        yield BusinessDatabase("postgresql", url)
    finally:
        as_owner("DROP DATABASE IF EXISTS {} WITH (FORCE)")


# -- MariaDB: the machine's server program, in a folder of the session's own -------------------------------------------


@dataclass(frozen=True)
class MariaDB:
    """A running server: all rights for `business` over TCP and its socket; it speaks TLS with a certificate of `ca`."""

    port: int
    socket: Path
    password: str
    ca: Path

    def url(self, database: str) -> URL:
        return URL.create("mysql+pymysql", MARIADB_USER, self.password, "127.0.0.1", self.port, database)

    def database(self) -> BusinessDatabase:
        """Return a new, empty database."""
        name = f"business_{secrets.token_hex(4)}"
        with _open(self) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE `{name}`")
        return BusinessDatabase("mariadb", self.url(name), server=self)

    def drop(self, database: BusinessDatabase) -> None:
        with _open(self) as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS `{database.url.database}`")


def _open(server: MariaDB) -> Any:
    return pymysql.connect(unix_socket=str(server.socket), user=MARIADB_USER, password=server.password)


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{BINARY_FOLDERS}")
    if found is None:
        pytest.skip(f"{name} is not installed: ./setup --dev installs MariaDB's server")
    return found


@contextmanager
def mariadb_server() -> Iterator[MariaDB]:
    """Install and start a server in a temporary folder, in memory where there is room; end it afterwards."""
    install, program = _program("mariadb-install-db"), _program("mariadbd")
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > MEMORY_BYTES
    folder = Path(tempfile.mkdtemp(prefix="greffier-mariadb-", dir=memory if roomy else None))
    process = None
    try:
        as_root = ["--user=root"] if os.geteuid() == 0 else []
        installation = [install, "--no-defaults", *as_root, f"--datadir={folder / 'data'}", "--skip-test-db"]
        ended = subprocess.run(
            [*installation, "--auth-root-authentication-method=normal", "--skip-name-resolve"],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert ended.returncode == 0, f"mariadb-install-db failed: {ended.stdout[-2000:]}{ended.stderr[-2000:]}"
        server = MariaDB(_free_port(), folder / "socket", secrets.token_urlsafe(12), _certificates(folder))
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [*_with_its_parent(), program, "--no-defaults", *as_root, *_options(folder, server)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        _wait(server, process, folder / "log")
        yield server
    finally:
        if process is not None:
            process.kill()  # nothing in it is worth an orderly end
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _with_its_parent() -> list[str]:
    """Have the server end when the tests are killed."""
    return ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []


def _options(folder: Path, server: MariaDB) -> list[str]:
    start = folder / "start.sql"
    start.write_text(
        f"CREATE USER '{MARIADB_USER}'@'%' IDENTIFIED BY '{server.password}';"
        f"\nGRANT ALL ON *.* TO '{MARIADB_USER}'@'%' WITH GRANT OPTION;\n"
    )
    return [
        f"--datadir={folder / 'data'}",
        f"--socket={server.socket}",
        f"--port={server.port}",
        f"--pid-file={folder / 'pid'}",
        f"--init-file={start}",
        f"--ssl-cert={folder / 'server.pem'}",
        f"--ssl-key={folder / 'server-key.pem'}",
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--skip-log-bin",
        "--character-set-server=utf8mb4",
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-doublewrite=0",
        "--innodb-buffer-pool-size=32M",
        "--innodb-log-file-size=16M",
        "--key-buffer-size=1M",
        "--performance-schema=OFF",
        "--max-connections=60",
    ]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _wait(server: MariaDB, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while not _listens(server.socket):
        assert process.poll() is None, f"mariadbd ended: {log.read_text()[-2000:]}"
        assert time.monotonic() < deadline, f"mariadbd does not answer: {log.read_text()[-2000:]}"
        time.sleep(0.02)
    _open(server).close()


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
        probe.connect(str(path))
        return True
    return False


def _certificates(folder: Path) -> Path:
    """Write a certificate for localhost and the authority that signed it; return the authority's file."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tests")])
    now = datetime.now(UTC)

    def certificate(name: x509.Name, public: Any, *extensions: x509.ExtensionType) -> x509.Certificate:
        draft = x509.CertificateBuilder(ca_name, name, public, x509.random_serial_number())
        draft = draft.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        for extension in extensions:
            draft = draft.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return draft.sign(ca_key, hashes.SHA256())

    authority = certificate(
        ca_name,
        ca_key.public_key(),
        x509.BasicConstraints(ca=True, path_length=None),
        x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()),
    )
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("::1"))]
    server = certificate(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")]),
        key.public_key(),
        x509.SubjectAlternativeName(names),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()),
    )
    encoding = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "server.pem").write_bytes(server.public_bytes(encoding))
    (folder / "server-key.pem").write_bytes(key.private_bytes(encoding, *plain))
    (folder / "ca.pem").write_bytes(authority.public_bytes(encoding))
    return folder / "ca.pem"


# -- machines that stand between ---------------------------------------------------------------------------------------


@contextmanager
def forwarder(target: str | tuple[str, int]) -> Iterator[int]:
    """Listen on a port of 127.0.0.1 and hand everything over to a socket: a server that has none is reached by TCP."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ends: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    near, _peer = listening.accept()
                except OSError:
                    return
                far = socket.socket(socket.AF_UNIX if isinstance(target, str) else socket.AF_INET)
                far.connect(target)
                ends.extend((near, far))
                threading.Thread(target=_pump, args=(near, far), daemon=True).start()
                threading.Thread(target=_pump, args=(far, near), daemon=True).start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for end in ends:
                end.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
