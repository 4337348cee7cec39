"""A register with one rule that bites in one table of a real business database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from sqlalchemy import Engine, create_engine, text

from foundation.accounts.models import Register, User
from foundation.jobs import running
from foundation.jobs.models import Job
from retention import actions, grounds
from retention.models import (
    Arming,
    DataSource,
    Preview,
    RetentionRule,
    RetentionSettings,
    Run,
    StartEvent,
    Target,
    TargetChild,
    TargetColumn,
    TargetEvent,
)
from retention.settled import local_day
from tests.retention.servers import BusinessDatabase

CLIENTS = """CREATE TABLE client (
    id integer NOT NULL PRIMARY KEY, email varchar(200), last_contact date,
    state varchar(20) NOT NULL DEFAULT 'client')"""
ORDERS = """CREATE TABLE orders (
    id integer NOT NULL PRIMARY KEY, client_id integer NOT NULL REFERENCES client (id), note varchar(200))"""
LONG_AGO, TOO_YOUNG = timedelta(days=4 * 366), timedelta(days=30)


@dataclass
class World:
    """The register, its rule, and the table in which it bites."""

    register: Register
    rule: RetentionRule
    source: DataSource
    target: Target
    business: BusinessDatabase

    def fill(self, *, old: int, young: int, orders: int = 0, first: int = 1) -> None:
        """Add clients whose period is over, others whose period lasts, and orders of the first clients."""
        today = local_day(self.register, timezone.now())
        clients = [
            {"id": first + n, "email": f"u{first + n}@x.example", "on": today - (LONG_AGO if n < old else TOO_YOUNG)}
            for n in range(old + young)
        ]
        with self.business.engine.begin() as connection:
            insert = text("INSERT INTO client (id, email, last_contact) VALUES (:id, :email, :on)")
            connection.execute(insert, clients)
            if orders:
                lines = [{"id": first + n, "client": first + n} for n in range(orders)]
                connection.execute(text("INSERT INTO orders VALUES (:id, :client, 'x')"), lines)

    def ids(self, table: str = "client") -> set[int]:
        with self.business.engine.connect() as connection:
            return set(connection.execute(text(f"SELECT id FROM {table}")).scalars())

    def do(self, statement: str) -> None:
        self.business.run(statement)

    def settings(self, **values: Any) -> RetentionSettings:
        RetentionSettings.objects.filter(register=self.register).update(**values)
        return RetentionSettings.objects.get(register=self.register)

    def fresh(self) -> Target:
        return Target.objects.with_mapping().get(pk=self.target.pk)

    def previewed(self, *, as_of: date | None = None, by: User | None = None) -> Preview:
        """Return a preview of today, counted by its job."""
        now = timezone.now()
        day = as_of or local_day(self.register, now)
        preview = actions.ask_preview(self.target, as_of=day, by=by, at=now)
        assert preview.job is not None
        running.run(preview.job.pk)
        preview.refresh_from_db()
        return preview

    def armed(self, by: User) -> Arming:
        """Return the arming of a target that may run now."""
        preview = self.previewed(by=by)
        assert not preview.refusals, preview.refusals
        return actions.arm(preview, reason="Looks right.", by=by, at=timezone.now())

    def run(self) -> Run:
        """Run the target in this process, as the night would; return what the run says."""
        job = self.asked()
        running.run(job.pk)
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.error
        return self.last_run()

    def asked(self, name: str = "") -> Job:
        from foundation.jobs.asking import ask

        slot = name or f"retention-run-{self.target.pk}-{Job.objects.count()}"
        return ask("retention.run", slot=slot, subject=self.target.pk, register=self.register)

    def last_run(self) -> Run:
        return Run.objects.filter(target=self.target).latest("pk")

    @contextmanager
    def locked(self, *ids: int) -> Iterator[None]:
        """Hold rows as another program would."""
        listed = ", ".join(str(each) for each in ids)
        with self.business.engine.begin() as connection:
            connection.execute(text(f"SELECT id FROM client WHERE id IN ({listed}) FOR UPDATE"))
            yield


def make_world(register: Register, business: BusinessDatabase, *, url: str = "", **settings: Any) -> World:
    """Make the tables, and what a DPO would enter: clients and their orders go three years after the last contact."""
    business.run(CLIENTS, ORDERS)
    rule = RetentionRule.objects.create(
        register=register, ref="clients", description="Clients", kind="exact", duration="P3Y", action="erase"
    )
    StartEvent.objects.create(register=register, rule=rule, event="last_inbound_contact")
    source = DataSource.objects.create(register=register, name="Shop", batch_rows=10)
    target = Target.objects.create(
        register=register, name="Clients", rule=rule, source=source, table="client", key_columns=["id"]
    )
    TargetEvent.objects.create(register=register, target=target, event="last_inbound_contact", column="last_contact")
    TargetColumn.objects.create(register=register, target=target, name="email", treatment="null", identity="email")
    if url:
        source = grounds.set_url(source, url, by=None)
        target.source = source
    TargetChild.objects.create(register=register, target=target, table="orders", foreign_key=["client_id"])
    RetentionSettings.objects.create(
        register=register, **{"notice_days": 0, "most_rows": 10_000, "most_percent": 100, **settings}
    )
    return World(register, rule, source, target, business)


def reach_directly(business: BusinessDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every source lead to this database: that of the tests has a socket, and no host that could be allowed."""
    options = {"connect_args": {"options": "-c lock_timeout=300"}} if business.dialect == "postgresql" else {}

    def engine_of(_source: DataSource) -> Engine:
        return create_engine(business.url, pool_size=2, max_overflow=0, isolation_level="READ COMMITTED", **options)

    monkeypatch.setattr(grounds, "engine_of", engine_of)


def at_noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=timezone.get_current_timezone())
