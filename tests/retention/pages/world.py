"""What the tests of the engine's pages share: a rule, a business database in a file, and its source and target."""

import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils import timezone

from foundation.jobs import running
from foundation.models import Job, Register, User
from retention import actions, grounds
from retention.models import (
    DataSource,
    Preview,
    RetentionRule,
    StartEvent,
    Target,
    TargetChild,
    TargetColumn,
    TargetEvent,
)
from retention.settled import local_day

OLD, YOUNG = "2015-03-10", "2200-01-01"
FILE = "clients.sqlite"


def business_file(folder: Path, *, old: int = 7, young: int = 3) -> Path:
    """Make a database of clients: some ended their contract long ago, some will in a long time."""
    path = folder / FILE
    base = sqlite3.connect(path)
    base.executescript(
        "CREATE TABLE client (id INTEGER NOT NULL PRIMARY KEY, nom TEXT NOT NULL, email TEXT, resilie_le DATE);"
        "CREATE TABLE facture (id INTEGER NOT NULL PRIMARY KEY, client_id INTEGER NOT NULL REFERENCES client (id),"
        " note TEXT, emise_le DATE);"
    )
    days = [OLD] * old + [YOUNG] * young
    rows = [(n, f"Nom {n}", f"client{n}@example.test", day) for n, day in enumerate(days, start=1)]
    base.executemany("INSERT INTO client VALUES (?, ?, ?, ?)", rows)
    base.commit()
    base.close()
    return path


def clients(folder: Path) -> list[int]:
    """Return the clients that are left."""
    base = sqlite3.connect(folder / FILE)
    try:
        return [key for (key,) in base.execute("SELECT id FROM client ORDER BY id")]
    finally:
        base.close()


def rule_of(register: Register, *, ref: str = "clients", **changes: Any) -> RetentionRule:
    """Return a rule: three years from the termination, then erased."""
    values = {"description": "données des clients", "kind": "exact", "duration": "P3Y", "action": "erase", **changes}
    rule = RetentionRule.objects.create(register=register, ref=ref, **values)
    StartEvent.objects.create(register=register, rule=rule, event="termination")
    return rule


def source_of(register: Register, *, by: User | None = None) -> DataSource:
    source = DataSource.objects.create(register=register, name="Base commerciale")
    return grounds.set_url(source, f"sqlite:///{FILE}", by=by)


def target_of(rule: RetentionRule, source: DataSource, *, name: str = "Clients résiliés") -> Target:
    target = Target.objects.create(
        register=rule.register, name=name, rule=rule, source=source, table="client", key_columns=["id"], step="erase"
    )
    TargetEvent.objects.create(register=rule.register, target=target, event="termination", column="resilie_le")
    TargetChild.objects.create(
        register=rule.register, target=target, table="facture", foreign_key=["client_id"], fate="erase"
    )
    TargetColumn.objects.create(register=rule.register, target=target, name="email", treatment="null", identity="email")
    return target


def act(row: Any, name: str) -> str:
    """Return the address of a button or page of a row."""
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=[row.pk])


def worked(job: Job) -> Job:
    """Have a job done in this process."""
    assert running.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    return job


def counted(target: Target, on: date | None = None) -> Preview:
    """Return a preview that a worker has counted."""
    now = timezone.now()
    preview = actions.ask_preview(target, as_of=on or local_day(target.register, now), by=None, at=now)
    worked(preview.job)
    preview.refresh_from_db()
    return preview
