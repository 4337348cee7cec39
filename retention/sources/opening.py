"""Opening one connection per dialect: to the checked address and no other, with the session set as the engine needs."""

import math
import os
import socket
import sqlite3
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pymysql
from pymysql.constants import CR

from retention.sources import addresses
from retention.sources.addresses import Address, Login, Places
from retention.sources.dialects import Dialect

CONNECT_SECONDS = 5
ANSWER_SECONDS = 10  # beyond its own limit, a server that says nothing is taken for lost
STRICT = "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
NO_FILE = os.path.join(os.devnull, "none")  # noqa: PTH118 (no path: a name under which nothing can be)
PROGRESS_STEPS = 10_000  # of SQLite's machine, between two looks at the clock


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a statement may take, wait for a lock, and how long a transaction may stand idle."""

    statement_seconds: float
    lock_seconds: float
    silence_seconds: float


Opener = Callable[[Login, Places, Limits, dict[str, Any]], Any]


def postgresql(login: Login, places: Places, limits: Limits, given: dict[str, Any]) -> "psycopg.Connection[Any]":
    """`hostaddr` is the checked address, `host` the name that a certificate must bear; nothing is read from files."""
    address = login.address
    ips = addresses.allowed_addresses(address, places)
    connection = psycopg.connect(
        host=",".join([address.host] * len(ips)),
        hostaddr=",".join(ips),
        port=address.port,
        dbname=address.database,
        user=address.user,
        password=login.password,
        connect_timeout=CONNECT_SECONDS,
        application_name="greffier",
        client_encoding="utf8",
        gssencmode="disable",
        passfile=NO_FILE,
        sslcertmode="disable",
        prepare_threshold=None,
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
        tcp_user_timeout=30_000,
        context=given.get("context"),
        **_tls_of_postgresql(address, places),
    )
    settings = {
        "TimeZone": "UTC",
        "statement_timeout": f"{limits.statement_seconds * 1000:.0f}",
        "lock_timeout": f"{limits.lock_seconds * 1000:.0f}",
        "idle_in_transaction_session_timeout": f"{limits.silence_seconds * 1000:.0f}",
        "row_security": "off",  # rows that a policy hides would never be erased: fail instead
    }
    try:
        with connection.cursor() as cursor:
            for name, value in settings.items():
                cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection


def _tls_of_postgresql(address: Address, places: Places) -> dict[str, Any]:
    if not address.encryption:
        return {"sslmode": "prefer", "require_auth": "!password"}  # no password in clear to whoever answers
    if address.encryption == "verify-full":
        return {"sslmode": "verify-full", "sslrootcert": str(places.authorities)}
    return {"sslmode": "require", "sslrootcert": NO_FILE}


def mysql(login: Login, places: Places, limits: Limits, _given: dict[str, Any]) -> Any:
    """A socket to the checked address, over which the driver speaks; its `host` is the name on the certificate."""
    address = login.address
    connection: Any = pymysql.Connection(
        host=address.host,
        port=address.port,
        user=address.user,
        password=login.password,
        database=address.database,
        charset="utf8mb4",
        read_timeout=CONNECT_SECONDS,
        write_timeout=limits.statement_seconds + ANSWER_SECONDS,
        ssl=_tls_of_mysql(address, places),
        auth_plugin_map={} if address.encryption else dict.fromkeys(("mysql_clear_password", "dialog"), _InClear),
        defer_connect=True,
    )
    stream = _socket(addresses.allowed_addresses(address, places), address)
    try:
        connection.connect(stream)
        with connection.cursor() as cursor:
            cursor.execute(*_session_of_mysql(connection, limits))
        connection._read_timeout = limits.statement_seconds + ANSWER_SECONDS  # the driver looks at each read
    except BaseException:
        stream.close()
        raise
    return connection


def _session_of_mysql(connection: Any, limits: Limits) -> tuple[str, tuple[object, ...]]:
    lock, silence = math.ceil(limits.lock_seconds), math.ceil(limits.silence_seconds)
    common = "SET time_zone = '+00:00', sql_mode = %s"
    common += ", innodb_lock_wait_timeout = %s, lock_wait_timeout = %s, wait_timeout = %s"
    if "MariaDB" in connection.get_server_info():
        return f"{common}, max_statement_time = %s, idle_transaction_timeout = %s", (
            STRICT, lock, lock, max(silence, 3600), limits.statement_seconds, silence,
        )  # fmt: skip
    # of SELECT alone; a change that takes longer ends when the driver's patience does
    return f"{common}, max_execution_time = %s", (STRICT, lock, lock, silence, int(limits.statement_seconds * 1000))


class _InClear:
    """Stands in for the two ways of signing in that send the password itself: not without encryption."""

    def __init__(self, connection: object) -> None: ...

    def authenticate(self, packet: object) -> NoReturn:
        raise pymysql.err.OperationalError(CR.CR_SSL_CONNECTION_ERROR, "a password in clear was asked for")


def _tls_of_mysql(address: Address, places: Places) -> ssl.SSLContext | None:
    if not address.encryption:
        return None  # the driver encrypts where the server can
    if address.encryption == "verify-full":
        return ssl.create_default_context(cafile=places.authorities)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _socket(ips: list[str], address: Address) -> socket.socket:
    for ip in ips:
        try:
            stream = socket.create_connection((ip, address.port), CONNECT_SECONDS)
        except OSError:
            continue
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return stream
    raise pymysql.err.OperationalError(CR.CR_CONN_HOST_ERROR, "no connection")


class FileConnection(sqlite3.Connection):
    """A SQLite connection that gives up statements whose time is over."""

    deadline = math.inf

    def is_late(self) -> bool:
        return time.monotonic() > self.deadline


def sqlite(login: Login, places: Places, limits: Limits, _given: dict[str, Any]) -> FileConnection:
    """The file is opened where it stands, never made; transactions begin when the engine says so."""
    path: Path = addresses.allowed_file(login.address, places)
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=rw",
        uri=True,
        timeout=limits.lock_seconds,
        isolation_level=None,
        check_same_thread=False,
        factory=FileConnection,
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten in the file
        connection.set_progress_handler(connection.is_late, PROGRESS_STEPS)
    except BaseException:
        connection.close()
        raise
    return connection


OPENERS: dict[Dialect, Opener] = {Dialect.POSTGRESQL: postgresql, Dialect.MYSQL: mysql, Dialect.SQLITE: sqlite}
