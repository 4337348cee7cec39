"""Engines on business databases: few connections, time-outs, UTC, nothing told but in words."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from sqlalchemy import URL, Connection, Engine, create_engine, event, func, select

from retention.sources.addresses import Login, Places
from retention.sources.dialects import KINDS, Dialect
from retention.sources.hosts import read_rules
from retention.sources.opening import OPENERS, FileConnection, Limits

STATEMENT_SECONDS = 60.0
LOCK_SECONDS = 5.0
SILENCE_SECONDS = 300.0
WRITES = "writes"  # execution option: the transaction means to write, so that SQLite takes the lock at once


def places() -> Places:
    """Return where the operator lets business databases stand."""
    return Places(
        read_rules(settings.SOURCE_HOSTS),
        Path(settings.SQLITE_FOLDER) if settings.SQLITE_FOLDER else None,
        Path(settings.SOURCE_AUTHORITIES) if settings.SOURCE_AUTHORITIES else None,
    )


def engine_for(
    login: Login,
    *,
    places: Places,
    statement_seconds: float = STATEMENT_SECONDS,
    lock_seconds: float = LOCK_SECONDS,
    silence_seconds: float = SILENCE_SECONDS,
    connections: int = 2,
) -> Engine:
    """Return an engine that connects to the checked address only; `in_words` tells its errors without values.

    Its URL has no password. Transactions are READ COMMITTED (SQLite: serial), sessions in UTC.
    """
    address, kind = login.address, KINDS[login.address.dialect]
    url = URL.create(kind.driver, address.user or None, host=address.host or None, port=address.port or None,
                     database=address.database or address.path)  # fmt: skip
    level = {} if address.dialect is Dialect.SQLITE else {"isolation_level": "READ COMMITTED"}
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=lock_seconds,
        pool_pre_ping=True,
        pool_recycle=1800,
        **level,
    )
    limits = Limits(statement_seconds, lock_seconds, silence_seconds)
    opener = OPENERS[address.dialect]

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, _positional: object, given: dict[str, Any]) -> Any:
        return opener(login, places, limits, given)

    if address.dialect is Dialect.SQLITE:
        _keep_transactions(engine)
        _keep_time(engine, statement_seconds)
    return engine


def _keep_transactions(engine: Engine) -> None:
    """Begin transactions where SQLAlchemy does: the driver would begin at the first change, after what was read."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES) else "BEGIN")


def _keep_time(engine: Engine, seconds: float) -> None:
    @event.listens_for(engine, "before_cursor_execute")
    def start(connection: Connection, *_rest: object) -> None:
        driver = connection.connection.driver_connection
        if isinstance(driver, FileConnection):
            driver.deadline = time.monotonic() + seconds


def clock(connection: Connection) -> datetime:
    """Return the time by the server's own clock."""
    if connection.dialect.name == "sqlite":  # the clock of this machine
        told = connection.execute(select(func.strftime("%Y-%m-%dT%H:%M:%f", "now"))).scalar_one()
        return datetime.fromisoformat(told).replace(tzinfo=UTC)
    if connection.dialect.name == "mysql":
        now: datetime = connection.execute(select(func.utc_timestamp(6))).scalar_one()
        return now.replace(tzinfo=UTC)
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)
