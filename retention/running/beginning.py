"""Creating a run: everything that could speak against it is asked first, and what it will compare is pinned."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.jobs.errors import RetryLater
from foundation.jobs.held import HeldJob
from retention.errors import MappingRefused
from retention.exclusions import unseen_since
from retention.ground import Counts, Ground, Work
from retention.models import Arming, RetentionSettings, Run, Target
from retention.planning import Blocked, Plan, plan_of
from retention.running import digests, seals
from retention.running.pinned import cut_off_json, free_days_json, pinned
from retention.running.saying import end, state_for
from retention.running.voiding import void_standing
from retention.settled import local_day, settings_of

MOST_SKEW: Final = timedelta(seconds=60)
# a count that more than doubled since the preview, by more than chance: what was armed was something else
DRIFT_FACTOR: Final = 2
DRIFT_ROWS: Final = 100


class NothingToDo(Exception):
    """The run ends where it begins; `void` names what has changed since it was armed."""

    def __init__(self, why: Run.Why, *, void: Arming.Void | None = None, counts: Counts | None = None) -> None:
        super().__init__(why)
        self.why, self.void, self.counts = why, void, counts


@dataclass
class Beginning:
    """What is known of a run before its row is written."""

    target: Target
    day: date
    plan: Plan
    arming: Arming | None = None
    fingerprint: str = ""

    @property
    def work(self) -> Work:
        assert isinstance(self.plan.outcome, Work)
        return self.plan.outcome


def begin(job: HeldJob, target: Target, ground: Ground) -> Run | None:
    """Return the run that this job may work on, or None after writing why there is nothing to do."""
    start = before(target, timezone.now())
    try:
        _check_order(start, timezone.now())
        counts = _check_place(start, ground)
    except NothingToDo as nothing:
        _write_nothing(job, start, nothing)
        return None
    run = _write_run(job, start, counts)
    if run is None:  # disarmed at this moment
        _write_nothing(job, start, NothingToDo(Run.Why.NOT_ARMED))
    return run


def before(target: Target, now: datetime) -> Beginning:
    """Return what a run of this moment would rest on, before the place was asked anything."""
    day = local_day(target.register, now)
    return Beginning(target, day, plan_of(target, as_of=day), _standing(target))


def end_unreached(job: HeldJob, target: Target, why: Run.Why) -> None:
    """Write that the place could not be worked in, after everything that could be tried."""
    _write_nothing(job, before(target, timezone.now()), NothingToDo(why))


def _standing(target: Target) -> Arming | None:
    return Arming.objects.standing().filter(target=target).select_related("preview").first()


def _check_order(start: Beginning, now: datetime) -> None:
    """Ask what our own database says: the arming, and what has changed since."""
    arming = start.arming
    if arming is None:
        raise NothingToDo(Run.Why.NOT_ARMED)
    if arming.runs_from > now:
        raise NothingToDo(Run.Why.NOTICE)
    check_versions(arming, start.plan)
    if isinstance(start.plan.outcome, Blocked):
        raise NothingToDo(start.plan.outcome.why)


def check_versions(arming: Arming, plan: Plan) -> None:
    """Raise if the rule or the mapping is not the one that was previewed."""
    if plan.rule_version != arming.preview.rule_version:
        raise NothingToDo(Run.Why.ARMING_VOID, void=Arming.Void.RULE)
    if plan.mapping_version != arming.preview.mapping_version:
        raise NothingToDo(Run.Why.ARMING_VOID, void=Arming.Void.MAPPING)


def _check_place(start: Beginning, ground: Ground) -> Counts:
    """Ask the place: its clock, its schema, the mapping, and how many rows are due."""
    assert start.arming is not None
    _check_clock(start, ground)
    if unseen_since(start.arming.preview.counts, start.work.exclusions):
        raise NothingToDo(Run.Why.HELD)
    start.fingerprint = ground.fingerprint()
    if start.fingerprint != start.arming.preview.schema_fingerprint:
        raise NothingToDo(Run.Why.ARMING_VOID, void=Arming.Void.SCHEMA)
    try:
        ground.refuse(start.work)
    except MappingRefused:
        raise NothingToDo(Run.Why.REFUSED) from None
    counts = ground.count(start.work)
    _check_count(start.arming, counts, settings_of(start.target.register))
    return counts


def _check_clock(start: Beginning, ground: Ground) -> None:
    """The earlier of two clocks decides the day; clocks that differ by more than a minute decide nothing."""
    ours, theirs = timezone.now(), ground.clock()
    if abs(theirs - ours) > MOST_SKEW:
        raise NothingToDo(Run.Why.CLOCKS)
    day = min(start.day, local_day(start.target.register, theirs))
    if day != start.day:
        start.day, start.plan = day, plan_of(start.target, as_of=day)
        if isinstance(start.plan.outcome, Blocked):
            raise NothingToDo(start.plan.outcome.why)


def _due_in(arming: Arming) -> int:
    counts: dict[str, int] = arming.preview.counts or {}
    return counts.get("due", 0)


def most(counted: int) -> int:
    """Return how many rows are, by chance, as good as this many that were counted before."""
    return counted * DRIFT_FACTOR + DRIFT_ROWS


def _check_count(arming: Arming, counts: Counts, settings: RetentionSettings) -> None:
    if not counts.due:
        raise NothingToDo(Run.Why.NOTHING_DUE, counts=counts)
    if counts.due > most(_due_in(arming)):
        raise NothingToDo(Run.Why.ARMING_VOID, void=Arming.Void.COUNT, counts=counts)
    if counts.due > settings.most_rows:
        raise NothingToDo(Run.Why.BREAKER_ROWS, counts=counts)
    if counts.due * 100 > settings.most_percent * counts.rows:
        raise NothingToDo(Run.Why.BREAKER_PERCENT, counts=counts)


# -- the row ----------------------------------------------------------------------------------------------------------


def _row(job: HeldJob, start: Beginning) -> Run:
    work = start.plan.outcome
    return Run(
        register=start.target.register,
        target=start.target,
        arming=start.arming,
        day=start.day,
        cut_off=pinned(work) if isinstance(work, Work) else {},
        free_days=free_days_json(work) if isinstance(work, Work) else {},
        rule_version=start.plan.rule_version,
        mapping_version=start.plan.mapping_version,
        schema_fingerprint=start.fingerprint,
        job_id=job.pk,
        started_at=timezone.now(),
    )


def _write_run(job: HeldJob, start: Beginning, counts: Counts) -> Run | None:
    """Write the run, if the order still stands; the database refuses a second run of a target."""
    with job.writing():
        Target.objects.select_for_update(no_key=True).get(pk=start.target.pk)
        if Run.objects.open().filter(target=start.target).exists():
            raise RetryLater(_("Another run of this target is under way."))
        armed = Arming.objects.standing().filter(pk=start.arming.pk) if start.arming else Arming.objects.none()
        return _new_run(job, start, counts) if armed.select_for_update(no_key=True).first() else None


def _new_run(job: HeldJob, start: Beginning, counts: Counts) -> Run:
    run = _row(job, start)
    run.rows_due = counts.due
    run.save()
    seals.seal(run, "sealed_key", digests.new_key())
    run.save(update_fields=["sealed_key"])
    record(
        Event.Verb.RUN_STARTED,
        run,
        register=run.register,
        actor=None,
        details={
            "target": run.target_id,
            "arming": run.arming_id,
            "rule": start.work.cut_off.rule,
            "cut_off": cut_off_json(start.work.cut_off)["day"],
            "due": counts.due,
            "rule_version": run.rule_version,
            "mapping_version": run.mapping_version,
            "schema": run.schema_fingerprint,
        },
    )
    return run


def _write_nothing(job: HeldJob, start: Beginning, nothing: NothingToDo) -> None:
    """Write a run that ends where it began, with its job: a run that did nothing says why."""
    now = timezone.now()
    with job.finishing():
        run = _row(job, start)
        run.rows_due = nothing.counts.due if nothing.counts else None
        run.why, run.state, run.finished_at = nothing.why, state_for(nothing.why, has_begun=False), now
        run.save()
        end(run, state=run.state, why=run.why, at=now)
        if nothing.void:
            void_standing(start.target, nothing.void, at=now)
