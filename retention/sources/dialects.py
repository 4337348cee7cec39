"""The kinds of database that rows may stand in; a further one is a row here, an opener and its tests."""

from dataclasses import dataclass
from enum import StrEnum


class Dialect(StrEnum):
    """The values are stable: they begin the addresses that people write."""

    POSTGRESQL = "postgresql"
    MYSQL = "mysql"  # and MariaDB
    SQLITE = "sqlite"


@dataclass(frozen=True, slots=True)
class Kind:
    """How a dialect is called, spelled in addresses and spoken to."""

    dialect: Dialect
    label: str
    schemes: tuple[str, ...]
    driver: str  # SQLAlchemy's name; never chosen by whoever writes an address
    port: int = 0  # 0: a file


KINDS = {
    kind.dialect: kind
    for kind in (
        Kind(Dialect.POSTGRESQL, "PostgreSQL", ("postgresql", "postgres"), "postgresql+psycopg", 5432),
        Kind(Dialect.MYSQL, "MySQL/MariaDB", ("mysql", "mariadb"), "mysql+pymysql", 3306),
        Kind(Dialect.SQLITE, "SQLite", ("sqlite",), "sqlite+pysqlite"),
    )
}
BY_SCHEME = {scheme: kind for kind in KINDS.values() for scheme in kind.schemes}
