"""A business database as a value: its schema, and a function that makes its rows from a seed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from examples.databases.expected import Expected
from examples.databases.writing import Row, of_schema, write

ORIGIN = sa.Table(  # in each database: what it was made from, so that what is expected of it can be told again
    "origine",
    sa.MetaData(),
    sa.Column("au", sa.Date, primary_key=True),
    sa.Column("echelle", sa.Integer, nullable=False),
    sa.Column("graine", sa.Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Built:
    """The rows of each table, and what the rules should do with them."""

    rows: Mapping[str, Sequence[Row]]
    expected: Expected


@dataclass(frozen=True, slots=True)
class BusinessDatabase:
    """The database of one example register; `build(scale=, seed=, as_of=)` makes about `scale` people and their data.

    The same arguments always give the same rows. Whatever the scale, every edge is there once. `archives` are tables
    for people with a database role of their own.
    """

    slug: str
    metadata: sa.MetaData
    build: Callable[..., Built]
    archives: tuple[str, ...] = ()

    def generate(
        self, engine: sa.Engine, *, as_of: date, scale: int = 200, seed: int = 1, schema: str = ""
    ) -> Expected:
        """Create the tables, fill them, and return what the rules should do there on `as_of`."""
        built = self.build(scale=scale, seed=seed, as_of=as_of)
        made_from = {ORIGIN.name: [(as_of, scale, seed)]}
        write(engine, (self.metadata, built.rows), (ORIGIN.metadata, made_from), schema=schema)
        return built.expected

    def expected(self, *, as_of: date, scale: int = 200, seed: int = 1) -> Expected:
        """Return the same without a database."""
        return self.build(scale=scale, seed=seed, as_of=as_of).expected

    def expected_of(self, engine: sa.Engine, *, schema: str = "") -> Expected | None:
        """Return what the rules should do in a database that was generated earlier, or None where none was."""
        if not sa.inspect(engine).has_table(ORIGIN.name, schema=schema or None):
            return None
        with of_schema(engine, schema).connect() as connection:
            as_of, scale, seed = connection.execute(sa.select(ORIGIN)).one()
        return self.expected(as_of=as_of, scale=scale, seed=seed)
