"""What the engine did, is doing and may do: previews, armings, runs and their batches, and the lists of what went."""

from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.accounts.models import User
from foundation.jobs.models import Job
from foundation.rows import OwnedQuerySet, OwnedRow
from retention.models.targets import Target


class Preview(OwnedRow):
    """What a run would do on a day: counts only, nothing of a person; made before anything can be armed."""

    access_resource: ClassVar[str] = permissions.RUNS
    frozen_except: ClassVar[tuple[str, ...]] = ("counted_at", "counts", "refusals", "schema_fingerprint", "job_id")

    target = models.ForeignKey(Target, models.CASCADE, related_name="previews", verbose_name=_("target"))
    as_of = models.DateField(_("as of"))
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"), db_default=Now())
    rule_version = models.CharField(_("version of the rule"), max_length=64)
    mapping_version = models.CharField(_("version of the mapping"), max_length=64)
    schema_fingerprint = models.CharField(_("fingerprint of the schema"), max_length=64, blank=True)
    cut_off = models.JSONField(_("cut-off"), default=dict)  # events, combination, day
    # filled in by the job: `retention.ground.Counts` as JSON; or the reasons why nothing may run
    counts = models.JSONField(_("counts"), null=True)
    refusals = models.JSONField(_("refusals"), default=list)
    counted_at = models.DateTimeField(_("counted at"), null=True)
    job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("job"))

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("preview")
        verbose_name_plural = _("previews")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.target} · {self.as_of:%Y-%m-%d}"

    @property
    def is_counted(self) -> bool:
        return self.counted_at is not None

    @property
    def may_be_armed(self) -> bool:
        """Whether it was counted and nothing speaks against a run."""
        return self.is_counted and not self.refusals


class ArmingQuerySet(OwnedQuerySet["Arming"]):
    def standing(self) -> Self:
        """The armings that are not void."""
        return self.filter(void_at=None)


class Arming(OwnedRow):
    """A person's order that a target may run, on what a preview showed; void as soon as that changes."""

    access_resource: ClassVar[str] = permissions.RUNS
    frozen_except: ClassVar[tuple[str, ...]] = ("void_at", "void_code", "void_by_id")

    class Void(models.TextChoices):
        DISARMED = "disarmed", _("disarmed by a person")
        RULE = "rule_changed", _("the rule, or a decision about it, changed")
        MAPPING = "mapping_changed", _("the mapping changed")
        SCHEMA = "schema_changed", _("the schema of the database changed")
        COUNT = "count_drifted", _("far more rows are due than the preview showed")

    target = models.ForeignKey(Target, models.CASCADE, related_name="armings", verbose_name=_("target"))
    preview = models.OneToOneField(Preview, models.PROTECT, related_name="arming", verbose_name=_("preview"))
    armed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("armed by"))
    armed_at = models.DateTimeField(_("armed at"), db_default=Now())
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    runs_from = models.DateTimeField(_("runs from"), help_text=_("After the notice period."))
    void_at = models.DateTimeField(_("void since"), null=True)
    void_code = models.CharField(_("why"), max_length=20, choices=Void, blank=True)
    void_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("disarmed by"))

    objects = ArmingQuerySet.as_manager()

    class Meta:
        verbose_name = _("arming")
        verbose_name_plural = _("armings")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint("target", condition=models.Q(void_at=None), name="arming_one_stands"),
            models.CheckConstraint(
                condition=models.Q(void_at=None, void_code="")
                | (models.Q(void_at__isnull=False) & ~models.Q(void_code="")),
                name="arming_void_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} · {self.armed_at:%Y-%m-%d %H:%M}"


class RunQuerySet(OwnedQuerySet["Run"]):
    def open(self) -> Self:
        """The runs that have not ended."""
        return self.filter(state=Run.State.RUNNING)


class Run(OwnedRow):
    """One pass over a target: cut-off and versions pinned when it is created, so that what it did can be told."""

    access_resource: ClassVar[str] = permissions.RUNS

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped: a person is asked")
        INCOMPLETE = "incomplete", _("incomplete: goes on at the next run")
        NOTHING = "nothing", _("nothing done")

    class Why(models.TextChoices):
        """Why a run did nothing, stopped, or did not end; the words on pages come from here."""

        NOTHING_DUE = "nothing_due", _("nothing is due")
        NOT_ARMED = "not_armed", _("the target is not armed")
        NOTICE = "notice_period", _("the notice period lasts")
        ARMING_VOID = "arming_void", _("what was armed has changed: it must be previewed and armed again")
        REFUSED = "mapping_refused", _("the mapping may not run")
        HELD = "held", _("the rule, its activity, or a person whom the table cannot tell is held")
        UNDECIDED = "undecided", _("the text allows two readings and nobody has decided")
        CONFLICT = "conflict", _("rules contradict each other and nobody has decided")
        NOT_EXECUTABLE = "not_executable", _("the text gives no date")
        VISA = "visa_missing", _("public archives: the visa is missing")
        BREAKER_ROWS = "breaker_rows", _("more rows are due than one run may touch")
        BREAKER_PERCENT = "breaker_percent", _("a larger part of the table is due than one run may touch")
        CLOCKS = "clocks_differ", _("the clocks of Greffier and of the database differ by more than a minute")
        UNREACHABLE = "unreachable", _("the database cannot be reached")
        LOCKED = "rows_locked", _("rows are locked by others")
        STOPPED_BY_PERSON = "stopped_by_person", _("stopped by a person")
        COUNT_DIFFERS = "count_differs", _("rows that should be gone are still there")
        FAILED = "failed", _("the database refused")

    target = models.ForeignKey(Target, models.PROTECT, related_name="runs", verbose_name=_("target"))
    arming = models.ForeignKey(Arming, models.PROTECT, null=True, related_name="runs", verbose_name=_("arming"))
    day = models.DateField(_("day"), help_text=_("By the register's time zone; the rule is counted as of it."))
    cut_off = models.JSONField(_("cut-off"), default=dict)
    free_days = models.JSONField(_("documents that the law lets go"), default=dict)  # by domain
    rule_version = models.CharField(_("version of the rule"), max_length=64)
    mapping_version = models.CharField(_("version of the mapping"), max_length=64)
    schema_fingerprint = models.CharField(_("fingerprint of the schema"), max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.RUNNING)
    why = models.CharField(_("why"), max_length=30, choices=Why, blank=True)
    rows_due = models.PositiveIntegerField(_("rows due"), null=True)
    rows_erased = models.PositiveIntegerField(_("rows erased"), default=0)
    rows_treated = models.PositiveIntegerField(_("rows treated"), default=0)
    rows_kept = models.PositiveIntegerField(_("rows left"), default=0)  # planned, and no longer due when they came up
    rows_locked = models.PositiveIntegerField(_("rows locked by others"), default=0)
    child_rows = models.JSONField(_("child rows"), default=dict)  # {table: [erased, treated]}
    sealed_key = models.BinaryField(_("key of the run"), default=b"")  # HMAC key of the digests
    sealed_last = models.BinaryField(_("last key handed out"), default=b"")
    started_at = models.DateTimeField(_("started at"), db_default=Now())
    finished_at = models.DateTimeField(_("ended at"), null=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("job"))

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint("target", condition=models.Q(state="running"), name="run_one_per_target"),
            models.CheckConstraint(
                condition=models.Q(state="running", finished_at=None)
                | (~models.Q(state="running") & models.Q(finished_at__isnull=False)),
                name="run_ended_when_it_ended",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["running", "done"]) | ~models.Q(why=""), name="run_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} · {self.day:%Y-%m-%d}"


class Batch(OwnedRow):
    """A key range of a run: its keys are written, sealed, before the rows go, and replaced by digests afterwards."""

    access_resource: ClassVar[str] = permissions.RUNS

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        DONE = "done", _("done")

    run = models.ForeignKey(Run, models.CASCADE, related_name="batches", verbose_name=_("run"))
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)
    rows = models.PositiveIntegerField(_("rows planned"))
    rows_erased = models.PositiveIntegerField(_("rows erased"), default=0)
    rows_treated = models.PositiveIntegerField(_("rows treated"), default=0)
    rows_kept = models.PositiveIntegerField(_("rows left"), default=0)
    rows_locked = models.PositiveIntegerField(_("rows locked by others"), default=0)
    sealed_keys = models.BinaryField(_("keys"), default=b"")  # emptied once it is done
    root = models.CharField(_("root of the digests"), max_length=64, blank=True)
    token = models.BigIntegerField(_("fencing token"))
    is_recovered = models.BooleanField(_("recovered after a crash"), default=False)
    planned_at = models.DateTimeField(_("planned at"), db_default=Now())
    done_at = models.DateTimeField(_("done at"), null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["run", "number"]
        constraints = [
            models.UniqueConstraint("run", "number", name="batch_number_once_per_run"),
            models.CheckConstraint(
                condition=models.Q(state="planned", done_at=None) | models.Q(state="done", done_at__isnull=False),
                name="batch_done_when_it_is",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} · {self.number}"


class ErasureList(OwnedRow):
    """The digests of the keys that went with a batch: HMAC-SHA-256 under the run's key, 32 bytes each, sorted.

    Pseudonymous personal data (art. 4(5)) with a retention rule of their own; counts and root outlive them.
    """

    access_resource: ClassVar[str] = permissions.RUNS

    batch = models.OneToOneField(Batch, models.CASCADE, related_name="erasure_list", verbose_name=_("batch"))
    digests = models.BinaryField(_("digests"))
    made_on = models.DateField(_("made on"))

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("list of what was erased")
        verbose_name_plural = _("lists of what was erased")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.batch)
