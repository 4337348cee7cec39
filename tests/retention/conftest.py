"""Business databases: real servers, one database per session and engine, emptied before each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import translation
from sqlalchemy import URL

from foundation.accounts.models import Register
from retention.sources.addresses import Login, Places, read_address
from retention.sources.hosts import read_rules
from tests.retention.servers import (
    DIALECTS,
    BusinessDatabase,
    MariaDB,
    forwarder,
    mariadb_server,
    postgresql_database,
)
from tests.retention.world import World, make_world, reach_directly


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is said to nobody in particular is said in English."""
    with translation.override("en"):
        yield


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


@pytest.fixture(scope="session")
def postgresql_port() -> Iterator[int]:
    """A port of this machine behind which the PostgreSQL of the tests answers."""
    host, port = str(connection.settings_dict["HOST"]), int(connection.settings_dict["PORT"] or 5432)
    with forwarder(f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)) as listening:
        yield listening


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Allow this machine, and the test's own folder for SQLite files."""
    return Places(read_rules(["localhost", "127.0.0.0/8", "::1"]), sqlite_folder=tmp_path)


@pytest.fixture
def login(request: pytest.FixtureRequest, business_database: BusinessDatabase) -> Login:
    """The address that a person would write for the business database, over TCP."""
    return login_of(request, business_database)


def login_of(request: pytest.FixtureRequest, database: BusinessDatabase) -> Login:
    if database.dialect == "sqlite":
        assert database.url.database
        path = Path(database.url.database)
        path.touch()
        return read_address(f"sqlite:///{path.name}")
    is_mariadb = database.dialect == "mariadb"
    port = database.url.port if is_mariadb else request.getfixturevalue("postgresql_port")
    name, password = quote(str(database.url.username), safe=""), quote(str(database.url.password), safe="")
    return read_address(f"{database.dialect}://{name}:{password}@127.0.0.1:{port}/{database.url.database}")


@pytest.fixture
def shop(acme: Register, tmp_path: Path, settings: Any) -> Iterator[World]:
    """A register whose rule bites in a table of clients with orders, in a file; no notice, no breaker."""
    settings.SQLITE_FOLDER = str(tmp_path)
    business = BusinessDatabase("sqlite", URL.create("sqlite", database=str(tmp_path / "shop.sqlite")))
    with translation.override("en"):
        yield make_world(acme, business, url="sqlite:///shop.sqlite")


@pytest.fixture
def shop_on_postgresql(
    acme: Register, business_postgresql: BusinessDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """The same on a server, where others work at the same time."""
    business_postgresql.clean()
    reach_directly(business_postgresql, monkeypatch)
    with translation.override("en"):
        yield make_world(acme, business_postgresql)
