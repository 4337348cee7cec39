"""The demo DPO's acts: holds, previews, armings and first runs in the business databases of the example registers.

Only registers of `examples/` are ever armed here, and in the name of the try-out's DPO.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from examples.databases.expected import Expected, Hold, TargetExpected
from foundation import history
from foundation.models import Job, Register, User
from retention import actions
from retention.errors import NotArmable
from retention.models import Arming, DataSource, LegalHold, Preview, RetentionSettings, Run, Target
from retention.models.targets import TargetQuerySet
from retention.settled import local_day

REASON = "démonstration"
REVIEW_AFTER = timedelta(days=90)
SETTINGS = {"notice_days": 0, "most_percent": 50}  # the tables are small, and nobody waits a week for a demo
ROW = "{:<14} {:<50} {:>6} {:>6} {:>6} {:>7} {:>7} {:>5} {:>5}  {}"
HEADING = ROW.format("register", "target", "rows", "due", "gone", "treated", "by law", "held", "open", "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One target of the demo: what the generator of its database expects, and what its latest run did."""

    target: Target
    expected: TargetExpected | None
    preview: Preview | None
    run: Run | None

    @property
    def is_as_expected(self) -> bool:
        """Whether preview and first run say what the generator of the database does, by the numbers."""
        if self.expected is None or self.expected.blocked:
            return self.expected is not None and self.run is None
        counts = (self.preview.counts if self.preview else None) or {}
        wanted = (self.expected.due, self.expected.erased, self.expected.treated)
        if self.run is None:
            return False
        done = (self.run.rows_erased, self.run.rows_treated)
        return done == wanted[1:] and (counts.get("due"), counts.get("erased"), counts.get("treated")) == wanted


def begin(register: Register, *, by: User, expected: Expected) -> list[Preview]:
    """Let the demo's register run without notice, hold its open disputes, and ask for previews of what never ran."""
    now = timezone.now()
    with history.because(REASON, actor=by):
        RetentionSettings.objects.get_or_create(register=register, defaults=SETTINGS)
    _hold(register, expected.holds, by=by)
    never_ran = targets(register).filter(runs=None)
    return [
        actions.ask_preview(target, as_of=local_day(register, now), by=by, at=now)
        for target in never_ran.order_by("pk")
    ]


def arm(previews: Iterable[Preview], *, by: User) -> list[Target]:
    """Arm what the previews let run; return the targets that are armed."""
    armed = []
    for preview in previews:
        seen = Preview.objects.select_related("target__register").get(pk=preview.pk)
        if not Arming.objects.standing().filter(target=seen.target).exists():
            try:
                actions.arm(seen, reason=REASON, by=by, at=timezone.now())
            except NotArmable:
                continue  # undecided, contradicted or not executable: the summary says why
        armed.append(seen.target)
    return armed


def run(armed: Iterable[Target], *, by: User) -> list[Job]:
    """Ask for the first runs now instead of tonight."""
    return [actions.run_now(target, by=by, at=timezone.now()) for target in armed]


def outcomes(register: Register, expected: Expected) -> list[Outcome]:
    """Return what became of each target of the demo."""
    return [
        Outcome(
            target,
            expected.targets.get(target.name),
            target.previews.order_by("pk").first(),
            target.runs.order_by("pk").first(),
        )
        for target in targets(register).order_by("source__name", "name")
    ]


def targets(register: Register) -> TargetQuerySet:
    """Return the targets in the business databases of a register."""
    return Target.objects.with_mapping().filter(register=register, source__kind=DataSource.Kind.DATABASE)


def said(outcome: Outcome) -> str:
    """Return in words what became of a target: the run's state, or why nothing may run."""
    run = outcome.run
    if run is not None:
        return f"{run.get_state_display()}: {run.get_why_display()}" if run.why else str(run.get_state_display())
    refusals = outcome.preview.refusals if outcome.preview else []
    return refusals[0] if refusals else _("not armed")


def lines(register: Register, found: Iterable[Outcome]) -> Iterator[str]:
    """Yield one line per target: rows of its table and what was due, gone, treated, kept by law, held, still open."""
    for outcome in found:
        counts = (outcome.preview.counts if outcome.preview else None) or {}
        run = outcome.run
        words = said(outcome) if outcome.is_as_expected else f"{said(outcome)} (NOT AS EXPECTED)"
        yield ROW.format(
            register.slug,
            outcome.target.name[:50],
            counts.get("rows", "–"),
            counts.get("due", "–"),
            run.rows_erased if run else 0,
            run.rows_treated if run else 0,
            sum(counts.get("kept_by_law", {}).values()),
            counts.get("held", 0),
            counts.get("without_events", 0),
            words,
        ).rstrip()


def _hold(register: Register, holds: Iterable[Hold], *, by: User) -> None:
    """Record the open disputes of the generated database, once."""
    if LegalHold.objects.filter(register=register).exists():
        return
    today = local_day(register, timezone.now())
    for person in {(hold.identity, hold.value) for hold in holds}:
        actions.open_hold(
            register,
            scope=LegalHold.Scope.PERSON,
            reason=REASON,
            opened_on=today,
            review_on=today + REVIEW_AFTER,
            by=by,
            identity=person[0],
            person=person[1],
        )
