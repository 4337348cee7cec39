"""What stops a run between two batches: a person, a hold, or something that is no longer as it was armed."""

from django.db.models import Sum
from django.utils import timezone

from foundation.jobs.held import HeldJob
from retention.exclusions import unseen_since
from retention.ground import Ground, Work
from retention.models import Arming, Run, Target
from retention.planning import Blocked, Plan, plan_of
from retention.running.beginning import most
from retention.running.pinned import is_as_pinned
from retention.running.voiding import void
from retention.settled import settings_of


def why_to_stop(run: Run, target: Target, *, secret: bytes) -> tuple[Run.Why | None, Work | None]:
    """Return why the locked run may not go on, and else its work with the holds of this moment."""
    if run.why:
        return Run.Why(run.why), None
    plan = plan_of(target, as_of=run.day, secret=secret)
    why = _why(run, plan)
    if why is not None:
        run.why = why
        run.save(update_fields=["why"])
        return why, None
    assert isinstance(plan.outcome, Work)
    return None, plan.outcome


def breaks(run: Run, rows: int) -> bool:
    """Whether the locked run would go too far with these rows more, so that it stops before them.

    What becomes due while it runs was not counted when it began: the breaker holds for it too.
    """
    planned = run.batches.aggregate(rows=Sum("rows"))["rows"] or 0
    if planned + rows <= min(settings_of(run.register).most_rows, most(run.rows_due or 0)):
        return False
    run.why = Run.Why.BREAKER_ROWS
    run.save(update_fields=["why"])
    return True


def stop(job: HeldJob, run: Run, why: Run.Why) -> None:
    """Have a run stop for this reason before its next batch, unless another reason stands already."""
    with job.writing(heed_orders=False):
        Run.objects.open().filter(pk=run.pk, why="").update(why=why)


def check_schema(job: HeldJob, run: Run, ground: Ground) -> None:
    """Have a run that goes on after a pause stop, if the tables are not those that it was armed for."""
    if ground.fingerprint() == run.schema_fingerprint:
        return
    with job.writing(heed_orders=False):
        for arming in Arming.objects.standing().filter(runs=run):
            void(arming, Arming.Void.SCHEMA, at=timezone.now())
    stop(job, run, Run.Why.ARMING_VOID)


def _why(run: Run, plan: Plan) -> Run.Why | None:
    arming = Arming.objects.standing().filter(runs=run).select_related("preview").first()
    if arming is None:
        return Run.Why.ARMING_VOID
    for ours, theirs, code in (
        (run.rule_version, plan.rule_version, Arming.Void.RULE),
        (run.mapping_version, plan.mapping_version, Arming.Void.MAPPING),
    ):
        if ours != theirs:
            void(arming, code, at=timezone.now())
            return Run.Why.ARMING_VOID
    if isinstance(plan.outcome, Blocked):
        return plan.outcome.why
    if unseen_since(arming.preview.counts, plan.outcome.exclusions):
        return Run.Why.HELD
    if not is_as_pinned(run, plan.outcome):  # the fiscal year, or the version of Greffier
        void(arming, Arming.Void.RULE, at=timezone.now())
        return Run.Why.ARMING_VOID
    return None
