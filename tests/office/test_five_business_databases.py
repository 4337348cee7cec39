"""The five policies in five business databases: by night, worker and beat carry out what is armed, and no more."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from django.conf import settings as project
from django.utils import timezone

from editions.load import load
from examples.databases.catalogue import DATABASES
from foundation.models import Event, Membership, Register, User
from foundation.permissions import Role
from office import demo_databases, demo_retention
from retention.models import Preview, RetentionSettings, Run, Target
from retention.places import login_of
from retention.sources.connecting import engine_for, places
from tests.conftest import example, until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not project.TRY_OUT, reason="outside servers: no place for business databases"),
]
CELERY = ("celery", "-A", "config", "--quiet")
WORKER = (*CELERY, "worker", "--loglevel", "ERROR", "--concurrency", "2", "--without-gossip")
SCALE = 60


@pytest.fixture
def processes(real_servers, tmp_path):
    """A worker, and a beat that ticks each second."""
    quick = {"GREFFIER_TICK_SECONDS": "1", "GREFFIER_SOURCE_HOSTS": "127.0.0.1"}
    beat = (*CELERY, "beat", "--loglevel", "ERROR", "--schedule", str(tmp_path / "beat"))
    running = [real_servers.start(*command, **quick) for command in (WORKER, beat)]
    yield running
    for process in running:
        process.kill()
        process.wait()


def rows_left(source, tables):
    engine = engine_for(login_of(source), places=places())
    with engine.connect() as connection:
        found = {
            name: connection.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one()
            for name in tables
        }
    engine.dispose()
    return found


def tonight_is_in_a_moment(registers):
    for register in registers:
        at = timezone.now().astimezone(ZoneInfo(register.time_zone)) + timedelta(seconds=1)
        RetentionSettings.objects.filter(register=register).update(runs_at=at.time())


def test_what_is_armed_goes_by_night_and_what_the_law_keeps_or_nobody_decided_stays(real_servers, prefix, processes):
    registers: list[Register] = [load(example(slug)) for slug in DATABASES]
    dpo = User.objects.create_user("dpo@greffier.example")
    Membership.objects.bulk_create(Membership(user=dpo, register=each, role=Role.DPO) for each in registers)
    sources = {each.slug: demo_databases.prepare(each, actor=dpo, scale=SCALE) for each in registers}
    expected = {each.slug: demo_databases.expected(each.slug) for each in registers}

    asked = [one for each in registers for one in demo_retention.begin(each, by=dpo, expected=expected[each.slug])]
    until(lambda: not Preview.objects.filter(counted_at=None).exists(), 60)
    armed = demo_retention.arm(asked, by=dpo)
    assert {target.name for target in armed} == {
        name for numbers in expected.values() for name, target in numbers.targets.items() if not target.blocked
    }

    tonight_is_in_a_moment(registers)
    until(lambda: Run.objects.exclude(state=Run.State.RUNNING).count() == len(armed), 60)

    for register in registers:
        numbers = expected[register.slug]
        found = demo_retention.outcomes(register, numbers)
        assert [(each.target.name, demo_retention.said(each)) for each in found if not each.is_as_expected] == []
        left = {name: numbers.after_runs(name) for name in numbers.tables}
        assert rows_left(sources[register.slug], numbers.tables) == left
    assert sum(target.kept_by_law.get("invoice", 0) for target in expected["sofacto"].targets.values()) > 0
    assert not Run.objects.filter(target__in=Target.objects.exclude(pk__in=[each.pk for each in armed])).exists()

    told = Event.objects.filter(verb=Event.Verb.RUN_ENDED).values_list("details", flat=True)
    assert sum(each["erased"] for each in told) == sum(run.rows_erased for run in Run.objects.all())
