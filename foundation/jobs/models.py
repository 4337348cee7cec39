"""Jobs, the stops that hold them back, and the pulses by which silence is seen."""

from datetime import timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.accounts.models import Register, User
from foundation.jobs import kinds


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> Self:
        """The jobs of the registers whose work this person may see; work of no register is the operator's."""
        return self.filter(register__in=permissions.registers_readable(user, self.model))

    def takeable(self) -> Self:
        """The jobs that nobody holds and whose time has come, by the clock of the database."""
        return self.filter(
            models.Q(state=Job.State.ASKED, due_at__lte=Now())
            | models.Q(state=Job.State.RUNNING, lease_until__lt=Now())
        )

    def not_stopped(self) -> Self:
        """The jobs that no stop holds back."""
        stops = Halt.objects.filter(
            models.Q(register=None) | models.Q(register=models.OuterRef("register")),
            models.Q(kind="") | models.Q(kind=models.OuterRef("kind")),
        )
        return self.exclude(models.Exists(stops))

    def open(self) -> Self:
        """The jobs that are neither done nor given up."""
        return self.filter(state__in=Job.OPEN)


class Job(models.Model):
    """One piece of work. Who holds it has a lease and a token; a write with an older token is refused."""

    access_resource: ClassVar[str] = permissions.JOBS

    class State(models.TextChoices):
        ASKED = "asked", _("waiting")
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Order(models.TextChoices):
        PAUSE = "pause", _("to be paused")
        CANCEL = "cancel", _("to be cancelled")

    OPEN: ClassVar[tuple[str, ...]] = (State.ASKED, State.RUNNING, State.PAUSED)
    GIVEN_UP: ClassVar[tuple[str, ...]] = (State.FAILED, State.CANCELLED)

    register = models.ForeignKey(
        Register, models.PROTECT, null=True, blank=True, related_name="jobs", verbose_name=_("register")
    )
    kind = models.CharField(_("kind"), max_length=60)
    slot = models.CharField(
        _("slot"), max_length=120, unique=True, help_text=_("Asking twice for one slot is one job.")
    )
    subject = models.BigIntegerField(_("object"), null=True)
    arguments = models.JSONField(_("arguments"), default=dict, help_text=_("Numbers only."))
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.ASKED)
    order = models.CharField(_("order"), max_length=20, choices=Order, blank=True)
    due_at = models.DateTimeField(_("due at"))
    token = models.BigIntegerField(_("fencing token"), default=0)
    lease_until = models.DateTimeField(_("held until"), null=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    done = models.PositiveBigIntegerField(_("done so far"), null=True)
    total = models.PositiveBigIntegerField(_("of"), null=True)
    error = models.TextField(_("error"), blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked at"))
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        app_label = "foundation"
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-asked_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="job_by_state"),
            models.Index(fields=["kind", "subject"], name="job_by_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["asked", "running", "paused", "done", "failed", "cancelled"]),
                name="job_state_is_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="running") | models.Q(lease_until__isnull=False, token__gt=0),
                name="job_running_is_held",
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(work)s, no. %(number)d") % {"work": kinds.title(self.kind), "number": self.pk or 0}

    @property
    def took(self) -> timedelta:
        """How long the last attempt took, or nothing while it has not ended."""
        if self.started_at is None or self.finished_at is None:
            return timedelta()
        return self.finished_at - self.started_at


class HaltQuerySet(models.QuerySet["Halt"]):
    def visible_to(self, user: User) -> Self:
        """The stops of the registers whose work this person may see."""
        return self.filter(register__in=permissions.registers_readable(user, self.model))


class Halt(models.Model):
    """A kill switch: while it stands, no job of this register (or of any) and kind (or of any) begins or goes on."""

    access_resource: ClassVar[str] = permissions.HALTS

    register = models.ForeignKey(
        Register, models.CASCADE, null=True, blank=True, related_name="halts", verbose_name=_("register")
    )
    kind = models.CharField(_("kind of job"), max_length=60, blank=True, help_text=_("Empty: every kind."))
    reason = models.CharField(_("reason"), max_length=300)
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("ordered by")
    )
    ordered_at = models.DateTimeField(_("since"))

    objects = HaltQuerySet.as_manager()

    class Meta:
        app_label = "foundation"
        verbose_name = _("stop of work")
        verbose_name_plural = _("stops of work")
        ordering = ["-ordered_at"]
        constraints = [
            models.UniqueConstraint("register", "kind", name="halt_once_per_kind", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return f"{self.kind or '*'} · {self.reason}"


class Pulse(models.Model):
    """When something that must stay alive was last heard: the tick, and each worker."""

    name = models.CharField(max_length=150, primary_key=True)
    seen_at = models.DateTimeField()

    class Meta:
        app_label = "foundation"

    def __str__(self) -> str:
        return self.name
