"""What the tests of statements share: tables made on any engine, a mapping, and the work of a pass."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import TIMESTAMP, Column, DateTime, Integer, MetaData, String, Table, insert, select

from clocks.readings import Combination
from retention.due import CutOff
from retention.ground import Work
from retention.mapping import ColumnMapping, Step, TableMapping, TableName, Treatment
from retention.statements.ground import SqlGround
from tests.retention.servers import BusinessDatabase

SECRET = b"the secret of one run"
DAY = date(2023, 5, 1)
OLD, YOUNG = date(2020, 2, 29), date(2025, 1, 1)
ERASED = Treatment.NULL


def made(database: BusinessDatabase, *columns: Any, name: str = "client", metadata: MetaData | None = None) -> Table:
    """Make a table of the business."""
    table = Table(name, metadata if metadata is not None else MetaData(), *columns)
    table.create(database.engine)
    return table


def filled(database: BusinessDatabase, table: Table, *rows: dict[str, Any]) -> None:
    names = {name for row in rows for name in row}
    with database.engine.begin() as connection:
        connection.execute(insert(table), [{name: row.get(name) for name in names} for row in rows])


def rows(database: BusinessDatabase, table: Table, *columns: str) -> list[tuple[Any, ...]]:
    """Return what stands in a table, in the order of its first column."""
    chosen = [table.c[name] for name in columns] if columns else list(table.c)
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*chosen).order_by(next(iter(table.c))))]


def mapping(*columns: ColumnMapping, step: Step = Step.ERASE, **changes: Any) -> TableMapping:
    """Return a mapping of the table `client`, dated by `ended_on`."""
    plain = TableMapping(TableName("client"), ("id",), {"termination": "ended_on"}, step, columns)
    return replace(plain, **changes)


def cut_off(day: date | None = DAY, *events: str, combination: Combination = Combination.LATEST) -> CutOff:
    return CutOff("a-rule", events or ("termination",), combination, day)


def work(of: TableMapping, **changes: Any) -> Work:
    return replace(Work(of, cut_off(), secret=SECRET), **changes)


def ground(database: BusinessDatabase, of: TableMapping) -> SqlGround:
    return SqlGround(database.engine, of)


def treat(name: str, treatment: Treatment, **changes: Any) -> ColumnMapping:
    return ColumnMapping(name, treatment, **changes)


def words(name: str, length: int = 80, **options: Any) -> Column[Any]:
    return Column(name, String(length), **options)


def instant(name: str) -> Column[Any]:
    """A column of instants: PostgreSQL's timestamptz, MySQL's TIMESTAMP."""
    return Column(name, DateTime(timezone=True).with_variant(TIMESTAMP(), "mysql", "mariadb"), nullable=True)


def number(name: str = "id") -> Column[Any]:
    return Column(name, Integer, primary_key=True, autoincrement=False)
