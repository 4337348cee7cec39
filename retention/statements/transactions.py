"""Transactions on the database of somebody else: short, in UTC, at a known isolation, errors in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine

from retention.statements.failures import told_in_words
from retention.statements.held import PLAIN, plain


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Read from one snapshot, and be unable to write."""
    with told_in_words(), engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _make_ready(connection)
            connection.exec_driver_sql("PRAGMA query_only = ON")
            try:
                _begin(connection, "BEGIN")
                yield connection
            finally:
                connection.rollback()
                connection.exec_driver_sql("PRAGMA query_only = OFF")
        elif connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield connection
        else:
            connection.exec_driver_sql("SET time_zone = '+00:00'")
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that sees what others have committed before each statement; it is kept whole or not at all."""
    with told_in_words(), engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _make_ready(connection)
            connection.execution_options(writes=True)  # an engine that begins by itself takes the lock at once
            with connection.begin():
                _begin(connection, "BEGIN IMMEDIATE")
                yield connection
            return
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        else:
            connection.exec_driver_sql("SET time_zone = '+00:00'")
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        yield connection
        connection.commit()


def _make_ready(connection: Connection) -> None:
    """Have SQLite check foreign keys, overwrite what is erased, and compare texts in every alphabet."""
    connection.exec_driver_sql("PRAGMA foreign_keys = ON")
    connection.exec_driver_sql("PRAGMA secure_delete = ON")
    _driver(connection).create_function(PLAIN, 1, _plain, deterministic=True)
    connection.rollback()


def _begin(connection: Connection, statement: str) -> None:
    """Begin where the driver would not: Python's waits for the first change."""
    if not _driver(connection).in_transaction:
        connection.exec_driver_sql(statement)


def _plain(value: object) -> object:
    return value if value is None else plain(str(value))


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
