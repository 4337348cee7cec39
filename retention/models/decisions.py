"""What persons decide about retention: how the engine may act, readings and conflicts, holds, what no job can do."""

from datetime import time
from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.accounts.models import User
from foundation.history import tracked
from foundation.rows import OwnedQuerySet, OwnedRow
from register.models import ProcessingActivity
from retention.models.rules import RetentionRule
from retention.models.targets import Target

NIGHT = time(3, 0)


@tracked()
class RetentionSettings(OwnedRow):
    """How the engine acts for one register; without a row, the values written here."""

    access_resource: ClassVar[str] = permissions.RETENTION

    runs_at = models.TimeField(_("runs at"), default=NIGHT, help_text=_("By the clock of the register's time zone."))
    notice_days = models.PositiveSmallIntegerField(
        _("notice (days)"), default=7, help_text=_("Between the arming of a target and its first run.")
    )
    preview_days = models.PositiveSmallIntegerField(
        _("a preview may be armed for (days)"), default=14, validators=[MinValueValidator(1)]
    )
    most_rows = models.PositiveIntegerField(
        _("most rows in one run"), default=10_000, help_text=_("A run that would touch more stops and asks.")
    )
    most_percent = models.PositiveSmallIntegerField(
        _("most rows in one run (% of the table)"),
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("A run that would touch more stops and asks."),
    )
    is_public_body = models.BooleanField(
        _("public body"),
        default=False,
        help_text=_("Its archives are public: nothing is destroyed without a visa (Code du patrimoine, art. L212-2)."),
    )
    fiscal_year_ends_month = models.PositiveSmallIntegerField(
        _("month in which the fiscal year ends"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text=_("With its last day; accounting documents are kept from there."),
    )

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("settings of the retention")
        verbose_name_plural = _("settings of the retention")
        constraints = [models.UniqueConstraint("register", name="retentionsettings_once_per_register")]

    def __str__(self) -> str:
        return str(self.register)


class DecisionQuerySet(OwnedQuerySet["Decision"]):
    def standing(self) -> Self:
        """The decisions that have not been withdrawn."""
        return self.filter(withdrawn_at=None)


@tracked()
class Decision(OwnedRow):
    """A person's decision where the policy leaves a choice; it stands until it is withdrawn, and is never rewritten."""

    access_resource: ClassVar[str] = permissions.RETENTION
    frozen_except: ClassVar[tuple[str, ...]] = ("withdrawn_at", "withdrawn_by_id")

    class Kind(models.TextChoices):
        COMBINATION = "combination", _("which of the start events counts")
        MOMENT = "moment", _("“within” or “after”")
        PRECEDENCE = "precedence", _("which of two rules counts")
        FATE = "fate", _("erase or anonymise, erase or return")

    class Choice(models.TextChoices):
        LATEST = "latest", _("the latest event")
        EARLIEST = "earliest", _("the earliest event")
        WITHIN = "within", _("within the period")
        AFTER = "after", _("after the period")
        PREVAILS = "prevails", _("prevails over the other rule")
        BOTH = "both", _("both apply: the first to be over counts")
        ERASE = "erase", _("erase")
        ANONYMISE = "anonymise", _("anonymise")
        RETURN = "return", _("return")

    CHOICES: ClassVar[dict[str, tuple[str, ...]]] = {
        Kind.COMBINATION: (Choice.LATEST, Choice.EARLIEST),
        Kind.MOMENT: (Choice.WITHIN, Choice.AFTER),
        Kind.PRECEDENCE: (Choice.PREVAILS, Choice.BOTH),
        Kind.FATE: (Choice.ERASE, Choice.ANONYMISE, Choice.RETURN),
    }

    rule = models.ForeignKey(RetentionRule, models.CASCADE, related_name="+", verbose_name=_("retention rule"))
    kind = models.CharField(_("about"), max_length=20, choices=Kind)
    choice = models.CharField(_("decision"), max_length=20, choices=Choice)
    over = models.ForeignKey(
        RetentionRule, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("the other rule")
    )
    reason = models.CharField(_("reason"), max_length=500)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("by")
    )
    decided_at = models.DateTimeField(_("decided at"), editable=False, db_default=Now())
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("withdrawn by")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, editable=False)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-decided_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "rule",
                "kind",
                condition=models.Q(withdrawn_at=None) & ~models.Q(kind="precedence"),
                name="decision_one_stands",
            ),
            models.UniqueConstraint(
                "rule",
                "over",
                condition=models.Q(withdrawn_at=None, kind="precedence"),
                name="decision_one_precedence_stands",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="precedence", over__isnull=False)
                | (~models.Q(kind="precedence") & models.Q(over=None)),
                name="decision_names_the_rule_that_yields",
                violation_error_message=_(
                    "A decision between two rules names the other one; other decisions name none."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(kind="combination", choice__in=["latest", "earliest"])
                | models.Q(kind="moment", choice__in=["within", "after"])
                | models.Q(kind="precedence", choice__in=["prevails", "both"])
                | models.Q(kind="fate", choice__in=["erase", "anonymise", "return"]),
                name="decision_choice_fits",
                violation_error_message=_("This decision does not answer that question."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.get_choice_display()}"


class LegalHoldQuerySet(OwnedQuerySet["LegalHold"]):
    def open(self) -> Self:
        """The holds that have not been released."""
        return self.filter(released_on=None)


@tracked(never=("record_key", "person", "reason", "release_reason"))
class LegalHold(OwnedRow):
    """Data that must not go while a dispute or a difficulty lasts (art. 17(3)(e)): the data concerned, nothing more."""

    access_resource: ClassVar[str] = permissions.RETENTION

    class Scope(models.TextChoices):
        PERSON = "person", _("a person")
        RECORD = "record", _("a record")
        RULE = "rule", _("a rule")
        ACTIVITY = "activity", _("an activity")

    scope = models.CharField(_("what is held"), max_length=20, choices=Scope)
    rule = models.ForeignKey(
        RetentionRule, models.PROTECT, null=True, blank=True, related_name="holds", verbose_name=_("retention rule")
    )
    activity = models.ForeignKey(
        ProcessingActivity, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("activity")
    )
    target = models.ForeignKey(
        Target, models.PROTECT, null=True, blank=True, related_name="holds", verbose_name=_("target")
    )
    identity = models.CharField(
        _("kind of identifier"), max_length=20, blank=True, help_text=_("Of a person: email, phone, number…")
    )
    # sealed: what identifies the person or the record stands nowhere in clear
    person = models.TextField(_("identifier of the person"), blank=True)
    record_key = models.TextField(_("key of the record"), blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    opened_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("by")
    )
    opened_on = models.DateField(_("held since"))
    review_on = models.DateField(_("to be reviewed on"))
    released_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("released by")
    )
    released_on = models.DateField(_("released on"), null=True, editable=False)
    release_reason = models.CharField(_("reason of the release"), max_length=500, blank=True, editable=False)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        ordering = ["released_on", "review_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope="person") & ~models.Q(identity="")
                | models.Q(scope="record", target__isnull=False)
                | models.Q(scope="rule", rule__isnull=False)
                | models.Q(scope="activity", activity__isnull=False),
                name="legalhold_says_what_it_holds",
                violation_error_message=_("Say what is held: a person, a record of a target, a rule or an activity."),
            ),
            models.CheckConstraint(
                condition=models.Q(review_on__gte=models.F("opened_on")),
                name="legalhold_reviewed_after_opening",
                violation_error_message=_("The day of the review lies before the beginning of the hold."),
            ),
            models.CheckConstraint(
                condition=models.Q(released_on=None) | models.Q(released_on__gte=models.F("opened_on")),
                name="legalhold_released_after_opening",
                violation_error_message=_("The release lies before the beginning of the hold."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} · {self.opened_on:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.released_on is None


@tracked()
class NotExecutable(OwnedRow):
    """A promise that no job can carry out, and why: shown beside those that run, never silently left out."""

    access_resource: ClassVar[str] = permissions.RETENTION

    rule = models.OneToOneField(
        RetentionRule, models.CASCADE, related_name="not_executable", verbose_name=_("retention rule")
    )
    reason = models.CharField(_("reason"), max_length=500)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule that no job can carry out")
        verbose_name_plural = _("rules that no job can carry out")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.rule)
