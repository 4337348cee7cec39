"""The world of the records: a register with an activity, two states and a rule of three years."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from foundation.models import Register
from register.models import ProcessingActivity, Purpose, RelationshipState
from retention.models import DataSource, RetentionRule, StartEvent, Target
from subjects.actions import Given, Happened, add_event, put_record
from subjects.models import EventKind, SubjectRecord

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)


def world_of(register: Register) -> Any:
    """Return what records of this register point at."""
    activity = ProcessingActivity.objects.create(register=register, ref="A1", name="Prospection", role="controller")
    other = ProcessingActivity.objects.create(register=register, ref="A2", name="Clients", role="controller")
    purpose = Purpose.objects.create(register=register, ref="lettre", activity=activity, description="lettre")
    occasional = RelationshipState.objects.create(
        register=register, ref="occasionnel", name="contact occasionnel", messages_at_most=1
    )
    regular = RelationshipState.objects.create(register=register, ref="regulier", name="contact régulier")
    rule = RetentionRule.objects.create(
        register=register, ref="trois-ans", description="contacts", kind="exact", duration="P3Y", action="erase"
    )
    rule.activities.add(activity)
    rule.combination = "latest"
    rule.save()
    for event in ("data_collection", "last_inbound_contact"):
        StartEvent.objects.create(register=register, rule=rule, event=event)
    source = DataSource.objects.create(register=register, name="Fiches", kind="records")
    target = Target.objects.create(
        register=register, name="Fiches", rule=rule, source=source, table="subject_records", key_columns=["key"]
    )
    return SimpleNamespace(
        register=register,
        activity=activity,
        other=other,
        purpose=purpose,
        occasional=occasional,
        regular=regular,
        rule=rule,
        target=target,
    )


@pytest.fixture
def world(acme: Register) -> Any:
    return world_of(acme)


def record(world: Any, key: str = "c-1", *, state: RelationshipState | None = None, **given: Any) -> SubjectRecord:
    """Return a record of the world's first activity."""
    what = Given(key, given.pop("activity", world.activity), state, **given)
    return put_record(world.register, what, at=NOW, by=None)[0]


def happens(row: SubjectRecord, kind: str, on: date, direction: str = "", **more: Any) -> Any:
    return add_event(row, Happened(EventKind(kind), on, direction, **more), at=NOW, by=None)
