"""What persons order about retention: preview, arm, disarm, run, stop, hold, decide."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from foundation import history
from foundation.accounts.models import User
from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.jobs.asking import ask
from foundation.jobs.models import Job
from retention.deciding import decide, withdraw
from retention.errors import AlreadyArmed, NotArmable, NotArmed, NoticeLasts, RunHasEnded
from retention.exclusions import unseen_since
from retention.holding import open_hold, release_hold
from retention.models import Arming, Preview, RetentionSettings, Run, Target
from retention.planning import Blocked, plan_of
from retention.previewing import ask_preview, count
from retention.running import passes
from retention.running.holders import others_at_work
from retention.running.saying import end
from retention.running.voiding import void as make_void
from retention.settled import local_day, settings_of

__all__ = [
    "arm",
    "ask_preview",
    "count",
    "decide",
    "disarm",
    "open_hold",
    "release_hold",
    "run_now",
    "stop_run",
    "void",
    "withdraw",
]


@transaction.atomic
def arm(preview: Preview, *, reason: str, by: User, at: datetime) -> Arming:
    """Let a target run, on what a preview showed; the first run comes after the notice period."""
    target = Target.objects.select_for_update(no_key=True).get(pk=preview.target_id)
    seen = Preview.objects.get(pk=preview.pk)
    settings = settings_of(target.register)
    if Arming.objects.standing().filter(target=target).exists():
        raise AlreadyArmed(_("This target is armed already: disarm it first."))
    _refuse_to_arm(seen, settings, local_day(target.register, at), at)
    arming = Arming.objects.create(
        register=target.register,
        target=target,
        preview=seen,
        armed_by=by,
        armed_at=at,
        reason=reason,
        runs_from=at + timedelta(days=settings.notice_days),
    )
    details = {
        "target": target.pk,
        "preview": seen.pk,
        "due": (seen.counts or {}).get("due"),
        "rule_version": seen.rule_version,
        "mapping_version": seen.mapping_version,
        "schema": seen.schema_fingerprint,
        "notice_days": settings.notice_days,
    }
    record(Event.Verb.TARGET_ARMED, arming, register=target.register, actor=by, details=details, at=at)
    return arming


def _refuse_to_arm(preview: Preview, settings: RetentionSettings, today: date, at: datetime) -> None:
    if not preview.is_counted:
        raise NotArmable(_("This preview has not been counted yet: wait until it is."))
    if preview.refusals:
        raise NotArmable(_("This preview says that nothing may run: mend what it names, then preview again."))
    if Arming.objects.filter(preview=preview).exists():
        raise NotArmable(_("This preview has been armed once already: ask for another one."))
    oldest = timedelta(days=settings.preview_days)
    if at - preview.asked_at > oldest or not today - oldest <= preview.as_of <= today:
        raise NotArmable(
            _("A preview may be armed for %(days)d days, and only one that was counted as of these days: ask again.")
            % {"days": settings.preview_days}
        )
    plan = plan_of(Target.objects.with_mapping().get(pk=preview.target_id), as_of=today)
    if (plan.rule_version, plan.mapping_version) != (preview.rule_version, preview.mapping_version):
        raise NotArmable(_("The rule or the mapping has changed since: ask for another preview."))
    if isinstance(plan.outcome, Blocked):
        raise NotArmable(_("Nothing may run now: %(why)s.") % {"why": plan.outcome.why.label})
    if unseen_since(preview.counts, plan.outcome.exclusions):
        raise NotArmable(
            _("A person is held whom this table cannot tell: see whether it knows them, then ask for another preview.")
        )


@transaction.atomic
def disarm(arming: Arming, *, by: User | None, at: datetime) -> Arming:
    """Take an arming back; a run that is under way stops before its next batch."""
    if not make_void(arming, Arming.Void.DISARMED, at=at, by=by):
        raise NotArmed(_("This arming is void already."))
    return Arming.objects.get(pk=arming.pk)


@transaction.atomic
def void(arming: Arming, code: Arming.Void, at: datetime) -> Arming:
    """Make an arming void because what was armed has changed; one that is void stays as it is."""
    make_void(arming, code, at=at)
    return Arming.objects.get(pk=arming.pk)


@transaction.atomic
def run_now(target: Target, *, by: User | None, at: datetime) -> Job:
    """Ask for a run of an armed target now; one that is under way, or asked for, is that run."""
    locked = Target.objects.select_for_update(no_key=True).select_related("register").get(pk=target.pk)
    arming = Arming.objects.standing().filter(target=locked).first()
    if arming is None:
        raise NotArmed(_("This target is not armed: preview it, then arm it."))
    if arming.runs_from > at:
        raise NoticeLasts(_("The notice period lasts: nothing runs before it is over."))
    waiting = Job.objects.open().filter(kind=passes.RUN, subject=locked.pk).first()
    if waiting is not None:
        return waiting
    last = Job.objects.filter(kind=passes.RUN, subject=locked.pk).order_by("-pk").values_list("pk", flat=True).first()
    slot = f"retention-now-{locked.pk}-{last or 0}"
    return ask(passes.RUN, slot=slot, subject=locked.pk, register=locked.register, by=by)


@transaction.atomic
def stop_run(run: Run, *, by: User | None, at: datetime) -> Run:
    """Stop a run before its next batch; what is in the middle of a batch ends it first."""
    locked = Run.objects.select_for_update(no_key=True).select_related("register").get(pk=run.pk)
    if locked.state != Run.State.RUNNING:
        raise RunHasEnded(_("This run has ended already."))
    with history.because("retention.stop_run", actor=by):
        locked.why = Run.Why.STOPPED_BY_PERSON
        locked.save(update_fields=["why"])
        if not _is_held(locked):
            end(locked, state=Run.State.STOPPED, why=locked.why, at=at, actor=by)
    return locked


def _is_held(run: Run) -> bool:
    """Whether a worker is at the run, which will end it."""
    at_work = Job.objects.filter(state=Job.State.RUNNING)
    of_the_run = at_work.filter(pk=run.job_id or 0) | at_work.filter(kind=passes.HELP, subject=run.pk)
    return of_the_run.exists() or others_at_work(run, None)
