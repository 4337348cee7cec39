"""Business databases: real servers, one database per session and engine, emptied before each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connection
from sqlalchemy import URL

from tests.retention.servers import DIALECTS, BusinessDatabase, MariaDB, mariadb_server, postgresql_database


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """One server for the session (each worker its own), started when the first test needs it."""
    with mariadb_server() as server:
        yield server


@pytest.fixture(scope="session")
def business_postgresql() -> Iterator[BusinessDatabase]:
    with postgresql_database(connection.settings_dict) as database:
        yield database


@pytest.fixture(scope="session")
def business_mariadb(mariadb: MariaDB) -> Iterator[BusinessDatabase]:
    database = mariadb.database()
    yield database
    mariadb.drop(database)


@pytest.fixture(params=DIALECTS)
def business_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BusinessDatabase]:
    """An empty business database on each engine: `.url`, `.engine`, `.dialect`, `.run(…)`, `.clean()`."""
    if request.param == "sqlite":
        database = BusinessDatabase("sqlite", URL.create("sqlite", database=str(tmp_path / "business.sqlite")))
    else:
        database = request.getfixturevalue(f"business_{request.param}")
        database.clean()
    yield database
    database.engine.dispose()


@pytest.fixture
def another_business_database(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], BusinessDatabase]]:
    """Make further empty databases on an engine, each apart from the others."""
    with ExitStack() as stack:

        def make(dialect: str) -> BusinessDatabase:
            if dialect == "postgresql":
                return stack.enter_context(postgresql_database(connection.settings_dict))
            if dialect == "mariadb":
                server: MariaDB = request.getfixturevalue("mariadb")
                database = server.database()
                stack.callback(server.drop, database)
                return database
            return BusinessDatabase("sqlite", URL.create("sqlite", database=str(tmp_path / "another.sqlite")))

        yield make
