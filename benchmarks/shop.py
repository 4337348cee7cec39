"""A shop's database to erase in: customers with orders and events, copies of it, and the same work written by hand.

Nothing of Django is imported here, so that the process that runs the hand-written statement is as small as it can be.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

SHARE = 5  # one customer in so many is expired, scattered over every page
KEPT_YEARS = 3
EXPIRED = f"id % {SHARE} = 0"  # how rows are told apart without the predicate that is measured
SALT = "a salt of the hand-written statement"

TABLES = """
CREATE TABLE customers (
    id bigint NOT NULL, reference varchar(20) NOT NULL, email varchar(120), first_name varchar(60),
    last_name varchar(60), phone varchar(30), street varchar(120), postcode varchar(10), city varchar(60),
    country varchar(2), born_on date, language varchar(5), status varchar(12) NOT NULL, marketing boolean NOT NULL,
    notes varchar(300), created_at timestamptz NOT NULL, last_contact_on date NOT NULL
) WITH (autovacuum_enabled = off);
CREATE TABLE orders (
    id bigint NOT NULL, customer_id bigint NOT NULL, placed_on date NOT NULL, amount numeric(10, 2) NOT NULL,
    status varchar(12) NOT NULL, label varchar(80)
) WITH (autovacuum_enabled = off);
CREATE TABLE events (
    id bigint NOT NULL, customer_id bigint NOT NULL, kind varchar(20) NOT NULL, happened_at timestamptz NOT NULL,
    detail varchar(120)
) WITH (autovacuum_enabled = off);
"""
CUSTOMERS = f"""
INSERT INTO customers
SELECT n, 'C-' || lpad(n::text, 10, '0'), 'customer' || n || '@shop.example', 'First' || n %% 5000,
       'Last' || (n * 7) %% 90000, '+33 1 ' || lpad((n %% 100000000)::text, 8, '0'), n %% 300 || ' rue de la Paix',
       lpad((n %% 95000)::text, 5, '0'), 'Ville ' || n %% 36000, 'FR', DATE '1950-01-01' + (n %% 20000)::int, 'fr',
       'client', n %% 3 = 0, repeat('A note. ', (n %% 9)::int), %(today)s::timestamptz - make_interval(days => 3000),
       %(today)s - CASE WHEN n %% {SHARE} = 0 THEN 1400 + (n %% 700)::int ELSE (n %% 1000)::int END
FROM generate_series(1, %(rows)s::bigint) AS n
"""
ORDERS = """
INSERT INTO orders
SELECT n, 1 + (n - 1) %% %(rows)s::bigint, %(today)s - (n %% 900)::int, (n %% 10000) / 7.0, 'sent',
       'Order number ' || n || ' of the shop'
FROM generate_series(1, 2 * %(rows)s::bigint) AS n
"""
EVENTS = """
INSERT INTO events
SELECT n, n, 'visit', %(today)s::timestamptz - make_interval(mins => (n %% 500000)::int), 'Page ' || n %% 5000
FROM generate_series(1, %(rows)s::bigint) AS n
"""
KEYS = """
ALTER TABLE customers ADD PRIMARY KEY (id);
CREATE INDEX ON customers (reference);
CREATE INDEX ON customers (email);
CREATE INDEX ON customers (last_name);
CREATE INDEX ON customers (last_contact_on);
ALTER TABLE orders ADD PRIMARY KEY (id);
CREATE INDEX ON orders (customer_id);
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE;
ALTER TABLE events ADD PRIMARY KEY (id);
CREATE INDEX ON events (customer_id);
ALTER TABLE events ADD FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE;
"""
BY_HAND = {
    "erase": "DELETE FROM customers WHERE last_contact_on <= %(day)s",
    "anonymise": """
        UPDATE customers
        SET first_name = '-', last_name = '-', phone = NULL, street = NULL,
            email = 'gr1:' || left(encode(sha256(convert_to(%(salt)s || email, 'UTF8')), 'hex'), 32),
            born_on = date_trunc('year', born_on)::date
        WHERE last_contact_on <= %(day)s
    """,
}
# what has to be so afterwards: how many expired rows still stand, or stand treated; and the sum over all the others
STANDING = f"SELECT count(*) FROM customers WHERE {EXPIRED}"
TREATED = f"""{STANDING} AND first_name = '-' AND last_name = '-' AND phone IS NULL AND street IS NULL
    AND email ~ '^gr1:[0-9a-f]{{32}}$' AND born_on = date_trunc('year', born_on)::date"""
SUM = "SELECT coalesce(sum(hashtextextended(row::text, 0)::numeric), 0) FROM {} AS row WHERE {}"
CHILD_EXPIRED = f"customer_id % {SHARE} = 0"


def last_day(today: date) -> date:
    """Return the last day of a contact after which the period of three years is over today."""
    try:
        return today.replace(year=today.year - KEPT_YEARS) - timedelta(days=1)
    except ValueError:  # the 29th of February
        return today.replace(year=today.year - KEPT_YEARS, day=28) - timedelta(days=1)


@dataclass(frozen=True)
class Shop:
    """The server and its login, the database that copies are made of, and what stands in it."""

    login: dict[str, object]
    template: str
    rows: int
    today: date
    sums: dict[str, int] = field(default_factory=dict)

    @property
    def expired(self) -> int:
        return self.rows // SHARE

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple]":
        return psycopg.connect(**self.login, dbname=database, autocommit=True)

    def drop(self, database: str) -> None:
        with self.connect() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def fill(self) -> None:
        """Make the database that every measurement begins with."""
        with self.connect() as admin:
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(self.template)))
        with self.connect(self.template) as connection:
            connection.execute(TABLES)
            for statement in (CUSTOMERS, ORDERS, EVENTS):
                connection.execute(statement, {"rows": self.rows, "today": self.today})
            connection.execute(KEYS)
            connection.execute("VACUUM ANALYZE")
            self.sums.update(_sums(connection))

    @contextmanager
    def copy(self, name: str) -> Iterator[str]:
        """Make a fresh copy for the length of the block; copying files makes a checkpoint, before and after."""
        with self.connect() as admin:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
            admin.execute(statement.format(sql.Identifier(name), sql.Identifier(self.template)))
        try:
            yield name
        finally:
            self.drop(name)

    def check(self, database: str, act: str) -> None:
        """Raise AssertionError unless exactly the expired rows are gone, or treated, and no other row has changed."""
        with self.connect(database) as connection:
            standing = _number(connection, STANDING)
            assert standing == (0 if act == "erase" else self.expired), f"{act}: {standing} expired customers stand"
            if act == "anonymise":
                treated = _number(connection, TREATED)
                assert treated == self.expired, f"{treated} of {self.expired} customers are treated"
            else:
                for table in ("orders", "events"):
                    left = _number(connection, f"SELECT count(*) FROM {table} WHERE {CHILD_EXPIRED}")
                    assert left == 0, f"{left} {table} of expired customers are left"
            assert _sums(connection) == self.sums, f"{act}: rows that are not expired have changed"


def _number(connection: "psycopg.Connection[tuple]", query: str) -> int:
    return int(connection.execute(query).fetchone()[0])


def _sums(connection: "psycopg.Connection[tuple]") -> dict[str, int]:
    """Return a sum over the rows of each table that are to stay as they are."""
    kept = {"customers": EXPIRED, "orders": CHILD_EXPIRED, "events": CHILD_EXPIRED}
    return {table: _number(connection, SUM.format(table, f"NOT ({expired})")) for table, expired in kept.items()}


# -- by hand ----------------------------------------------------------------------------------------------------------


def by_hand(shop: Shop, database: str, act: str, told) -> None:
    """Run the hand-written statement in this process; tell how long it took, and the most memory it had."""
    with psycopg.connect(**shop.login, dbname=database) as connection:
        connection.execute("SELECT 1")
        connection.rollback()
        given = {"day": last_day(shop.today), **({"salt": SALT} if act == "anonymise" else {})}
        began = time.perf_counter()
        connection.execute(BY_HAND[act], given)
        connection.commit()
        told.put((time.perf_counter() - began, peak_memory()))


# -- memory -----------------------------------------------------------------------------------------------------------


def peak_memory() -> int:
    """Return the most resident memory that this process ever had, in kB."""
    return _status("self")["VmHWM"]


def forget_peak() -> None:
    """Have the peak of this process begin anew: a child begins with its parent's pages."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _status(process: int | str) -> dict[str, int]:
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    found = (line.partition(":") for line in lines)
    return {name: int(value.split()[0]) for name, _colon, value in found if value.strip().endswith("kB")}


class Backends:
    """The most private memory of one database process that works in a database; 0 where it cannot be seen."""

    def __init__(self, shop: Shop, database: str) -> None:
        self.peak = 0
        self._shop, self._database, self._ended = shop, database, threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Backends":
        self._watch.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._watch.join()

    def _look(self) -> None:
        with self._shop.connect() as connection:
            while not self._ended.wait(0.2):
                query = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
                for (process,) in connection.execute(query, [self._database]).fetchall():
                    self.peak = max(self.peak, _private(process))


def _private(process: int) -> int:
    try:
        if not Path(f"/proc/{process}/comm").read_text(encoding="utf-8").startswith("postgres"):
            return 0  # the server has other numbers for its processes than this machine
        return _status(process).get("RssAnon", 0)
    except OSError:
        return 0
