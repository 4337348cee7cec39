"""A business database as the engine's ground: PostgreSQL, MySQL, MariaDB or SQLite."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, func, select

from retention.ground import Counts, Done, Work, nothing_more
from retention.mapping import Key, TableMapping
from retention.sources.schema import read_schema
from retention.statements import carrying_out, counting, looking, refusing
from retention.statements.failures import told_in_words
from retention.statements.plan import Plan
from retention.statements.tables import Place, Tables, place_of, tables_of
from retention.statements.transactions import reading


class SqlGround:
    """Rows in a business database, by one mapping. The tables are described once, when they are first needed.

    The engine comes with its time-outs; `zone` is the register's, in which days begin.
    """

    def __init__(self, engine: Engine, mapping: TableMapping, *, zone: str = "Europe/Paris") -> None:
        self.engine = engine
        self.mapping = mapping
        self.zone = ZoneInfo(zone)
        self._place: Place | None = None
        self._tables: Tables | None = None

    def fingerprint(self) -> str:
        """Return a hash of the tables, columns, keys, foreign keys and triggers that the mapping relies on."""
        with reading(self.engine) as connection:
            schema = read_schema(connection)
        children = [child.table for child in self.mapping.children]
        return schema.fingerprint(
            [self.mapping.table, *children, *([self.mapping.archive] if self.mapping.archive else [])]
        )

    def clock(self) -> datetime:
        """Return the time by the database's own clock; SQLite has that of this machine."""
        with reading(self.engine) as connection:
            return _clock(connection)

    def refuse(self, work: Work) -> None:
        """Raise `MappingRefused` with every reason why this mapping may not run here."""
        with reading(self.engine) as connection:
            refusing.refuse(connection, work, self._where(connection))

    def count(self, work: Work) -> Counts:
        """Count what a pass would do; nothing is written."""
        with reading(self.engine) as connection:
            return counting.count(connection, self._plan(connection, work))

    def next_keys(self, work: Work, *, after: Key | None, limit: int) -> list[Key]:
        """Return the next keys that are due, in the order of the key, after this one."""
        with reading(self.engine) as connection:
            return looking.next_keys(connection, self._plan(connection, work), after=after, limit=limit)

    def carry_out(self, work: Work, keys: Sequence[Key], *, make_sure: Callable[[], None] = nothing_more) -> Done:
        """Erase or treat these rows, in one transaction, where the predicate still holds; rows locked are left."""
        if self._tables is None:
            with reading(self.engine) as connection:
                self._plan(connection, work)
        return carrying_out.carry_out(self.engine, self._known_plan(work), keys, make_sure=make_sure)

    def still_due(self, work: Work, keys: Sequence[Key]) -> list[Key]:
        """Return which of these keys would still be touched."""
        with reading(self.engine) as connection:
            return looking.still_due(connection, self._plan(connection, work), keys)

    def gone(self, work: Work, keys: Sequence[Key]) -> list[Key]:
        """Return which of these keys the promise is kept for: the row is absent, or all due treatment stands in it."""
        with reading(self.engine) as connection:
            return looking.gone(connection, self._plan(connection, work), keys)

    def close(self) -> None:
        """Let go of every connection."""
        with told_in_words():
            self.engine.dispose()

    def _where(self, connection: Connection) -> Place:
        if self._place is None:
            self._place = place_of(connection, zone=self.zone, wall=ZoneInfo(self.mapping.zone))
        return self._place

    def _plan(self, connection: Connection, work: Work) -> Plan:
        self._where(connection)
        if self._tables is None:
            self._tables = tables_of(connection, self.mapping)
        return self._known_plan(work)

    def _known_plan(self, work: Work) -> Plan:
        if work.mapping != self.mapping:
            raise RuntimeError("A ground speaks of one mapping: make another one for this work.")
        assert self._tables is not None, "the tables are described before a plan is made"
        assert self._place is not None, "the place is known before a plan is made"
        return Plan(work, self._tables, self._place)


def _clock(connection: Connection) -> datetime:
    name = connection.dialect.name
    if name == "sqlite":
        return datetime.now(UTC)
    now = connection.scalar(select(func.clock_timestamp() if name == "postgresql" else func.utc_timestamp(6)))
    assert isinstance(now, datetime), "a database tells the time as a timestamp"
    return now.astimezone(UTC) if now.tzinfo else now.replace(tzinfo=UTC)
