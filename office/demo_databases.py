"""The try-out's business databases: made where the setting says, with the mapping of each loaded into its register."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import InsufficientPrivilege

from examples.databases.catalogue import DATABASES, mapping_text
from examples.databases.expected import Expected
from foundation import history
from foundation.errors import RuleViolation
from foundation.models import Register, User
from retention.loading import load_mapping
from retention.mapping_files import read_mapping
from retention.models import DataSource
from retention.places import login_of, set_address
from retention.sources.addresses import read_address

PREFIX = "demo_"
ARCHIVE_READER = "greffier_archive"  # made by the keeper of the application's own servers


class NoBusinessDatabases(RuleViolation):
    """There is no place for the business databases; the rest of the try-out goes on."""

    code = "no_business_databases"


@dataclass(frozen=True, slots=True)
class Place:
    """One business database: the engine's way to it, and the schema where it has no database of its own."""

    url: sa.URL
    schema: str = ""

    @property
    def address(self) -> str:
        """The address as a person writes it, password included."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)


def prepare(register: Register, *, actor: User | None = None, scale: int = 200) -> DataSource:
    """Make the business database of an example register and load its mapping; what is there already is left as it is.

    Raises `NoBusinessDatabases` where the setting names no place, or one that does not answer.
    """
    database, place = DATABASES[register.slug], _place(register.slug)
    with _engine(place.url) as engine:
        if database.expected_of(engine, schema=place.schema) is None:
            database.generate(engine, as_of=timezone.localdate(), scale=scale, schema=place.schema)
        if database.archives:
            _open_archives(engine, database.archives, place.schema)
    file = read_mapping(mapping_text(register.slug), f"{register.slug}.yaml")
    with transaction.atomic(), history.because(f"example {file.name}", actor=actor):
        source, _is_new = DataSource.objects.get_or_create(
            register=register, name=file.source, defaults={"backup_days": file.backup_days}
        )
        if not source.url or login_of(source) != read_address(place.address):  # port and password may be new
            set_address(source, place.address)
        load_mapping(register, file, source, actor=actor, schema=place.schema)
    return source


def expected(slug: str) -> Expected:
    """Return what the rules should do in the business database of a register, on the day it was made for."""
    place = _place(slug)
    with _engine(place.url) as engine:
        numbers = DATABASES[slug].expected_of(engine, schema=place.schema)
    if numbers is None:
        raise NoBusinessDatabases(_("The business database of “%s” has not been made yet.") % slug)
    return numbers


def _place(slug: str) -> Place:
    """Return where the database of this register is, made if need be; a schema where no database may be made."""
    if not settings.DEMO_DATABASE_URL:
        raise NoBusinessDatabases(_("DEMO_DATABASE_URL names no place for business databases: they are left out."))
    url, name = sa.make_url(settings.DEMO_DATABASE_URL), f"{PREFIX}{slug.replace('-', '_')}"
    if url.get_backend_name() != "postgresql":
        raise NoBusinessDatabases(
            _("DEMO_DATABASE_URL must name a PostgreSQL server: business databases are left out.")
        )
    url = url.set(drivername="postgresql+psycopg")
    with _engine(url) as engine, _connected(engine) as connection:
        found = connection.execute(sa.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
        if found.first():
            return Place(url.set(database=name))
        try:
            connection.exec_driver_sql(f"CREATE DATABASE {_quoted(engine, name)}")
        except sa.exc.ProgrammingError as error:
            if not isinstance(error.orig, InsufficientPrivilege):
                raise
            connection.execute(sa.schema.CreateSchema(name, if_not_exists=True))
            return Place(url, schema=name)
    return Place(url.set(database=name))


@contextmanager
def _engine(url: sa.URL) -> Iterator[sa.Engine]:
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True, connect_args={"connect_timeout": 5})
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _connected(engine: sa.Engine) -> Iterator[sa.Connection]:
    try:
        connection = engine.connect()
    except sa.exc.OperationalError:  # its message may hold the address
        raise NoBusinessDatabases(
            _("The server of DEMO_DATABASE_URL does not answer: business databases are left out.")
        ) from None
    with connection.execution_options(isolation_level="AUTOCOMMIT"):
        yield connection


def _open_archives(engine: sa.Engine, archives: tuple[str, ...], schema: str) -> None:
    """Let the role that reads intermediate archives read them, where there is such a role."""
    with _connected(engine) as connection:
        if not connection.execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": ARCHIVE_READER}).first():
            return
        for name in archives:
            table = f"{_quoted(engine, schema or 'public')}.{_quoted(engine, name)}"
            connection.exec_driver_sql(f"GRANT SELECT ON {table} TO {ARCHIVE_READER}")


def _quoted(engine: sa.Engine, name: str) -> str:
    return engine.dialect.identifier_preparer.quote_identifier(name)
