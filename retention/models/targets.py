"""Where a rule bites: a table of a data source, with what becomes of each column and of the rows that hang on it."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.history import tracked
from foundation.rows import OwnedQuerySet, OwnedRow
from retention import mapping
from retention.models.rules import RetentionRule, StartEventKind
from retention.models.sources import DataSource


class TreatmentChoice(models.TextChoices):
    """The treatments of `retention.mapping`, each named for what it is."""

    KEEP = mapping.Treatment.KEEP.value, _("kept: says nothing about a person")
    NULL = mapping.Treatment.NULL.value, _("emptied")
    CONSTANT = mapping.Treatment.CONSTANT.value, _("replaced by a constant")
    YEAR_ONLY = mapping.Treatment.YEAR_ONLY.value, _("reduced to the year")
    TRUNCATED_POSTCODE = mapping.Treatment.TRUNCATED_POSTCODE.value, _("reduced to the département")
    KEYED_HASH = mapping.Treatment.KEYED_HASH.value, _("keyed hash (pseudonymisation)")
    FILLER = mapping.Treatment.FILLER.value, _("generated value (pseudonymisation)")
    ARCHIVE_ONLY = mapping.Treatment.ARCHIVE_ONLY.value, _("goes to the archive with the row")


class StepChoice(models.TextChoices):
    """The steps of `retention.mapping`."""

    LIMIT_ACCESS = mapping.Step.LIMIT_ACCESS.value, _("limit access")
    ARCHIVE = mapping.Step.ARCHIVE.value, _("move to the intermediate archive")
    ANONYMISE = mapping.Step.ANONYMISE.value, _("treat the columns, keep the row")
    ERASE = mapping.Step.ERASE.value, _("erase")
    RETURN_THEN_DESTROY = mapping.Step.RETURN_THEN_DESTROY.value, _("return, then destroy")
    SUPPRESSION_LIST = mapping.Step.SUPPRESSION_LIST.value, _("keep only what honours an objection")


class FateChoice(models.TextChoices):
    """What becomes of child rows."""

    ERASE = mapping.ChildFate.ERASE.value, _("erased")
    TREAT = mapping.ChildFate.TREAT.value, _("columns treated, rows kept")
    KEEP = mapping.ChildFate.KEEP.value, _("kept: says nothing about a person")


def names(verbose_name: object, **options: object) -> ArrayField:  # type: ignore[type-arg]
    """Return a field for a list of names of columns."""
    return ArrayField(models.CharField(max_length=128), verbose_name=verbose_name, **options)  # type: ignore[arg-type]


class TargetQuerySet(OwnedQuerySet["Target"]):
    def with_mapping(self) -> Self:
        """The targets with all that their mapping is made of, in four queries."""
        return self.select_related("register", "source", "rule", "rule__state").prefetch_related(
            "events", "columns", "children"
        )


@tracked()
class Target(OwnedRow):
    """A rule's place in one table of a source, for one step."""

    access_resource: ClassVar[str] = permissions.RETENTION

    name = models.CharField(_("name"), max_length=150)
    rule = models.ForeignKey(RetentionRule, models.PROTECT, related_name="targets", verbose_name=_("retention rule"))
    source = models.ForeignKey(DataSource, models.PROTECT, related_name="targets", verbose_name=_("data source"))
    step = models.CharField(_("step"), max_length=30, choices=StepChoice, default=StepChoice.ERASE)
    schema = models.CharField(_("schema"), max_length=128, blank=True)
    table = models.CharField(_("table"), max_length=128)
    key_columns = names(_("key"), default=list, blank=True)
    state_column = models.CharField(_("column of the state"), max_length=128, blank=True)
    state_values = names(
        _("values of the rule's state"), default=list, blank=True, help_text=_("One per line; the rows concerned.")
    )
    domain = models.CharField(_("statutory domain of the rows"), max_length=40, blank=True)
    domain_dated_by = models.CharField(_("dated by the column"), max_length=128, blank=True)
    archive_schema = models.CharField(_("schema of the archive"), max_length=128, blank=True)
    archive_table = models.CharField(
        _("table of the archive"), max_length=128, blank=True, help_text=_("Readable by another database role.")
    )
    access_column = models.CharField(_("column that limits access"), max_length=128, blank=True)
    access_value = models.CharField(_("its value"), max_length=200, blank=True)
    returned_column = models.CharField(_("column that confirms the return"), max_length=128, blank=True)
    zone = models.CharField(
        _("time zone of times without one"), max_length=50, blank=True, help_text=_("Empty: the register's.")
    )
    holds_public_archives = models.BooleanField(_("holds public archives"), default=False)
    visa_reference = models.CharField(
        _("visa of the archives"),
        max_length=200,
        blank=True,
        help_text=_("Reference of the approval without which public archives are not destroyed."),
    )

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint("register", "name", name="target_name_once_per_register"),
            models.CheckConstraint(condition=~models.Q(table=""), name="target_names_its_table"),
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class TargetEvent(OwnedRow):
    """The column that dates an event of the rule."""

    access_resource: ClassVar[str] = permissions.RETENTION

    target = models.ForeignKey(Target, models.CASCADE, related_name="events", verbose_name=_("target"))
    event = models.CharField(_("event"), max_length=30, choices=StartEventKind)
    column = models.CharField(_("column"), max_length=128)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("column of an event")
        verbose_name_plural = _("columns of events")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint("target", "event", name="targetevent_once_per_target")]

    def __str__(self) -> str:
        return f"{self.get_event_display()} · {self.column}"


@tracked()
class TargetChild(OwnedRow):
    """A table whose rows hang on the target's rows, and what becomes of them; erased in the order of `position`."""

    access_resource: ClassVar[str] = permissions.RETENTION

    target = models.ForeignKey(Target, models.CASCADE, related_name="children", verbose_name=_("target"))
    position = models.PositiveSmallIntegerField(_("order"), default=1)
    schema = models.CharField(_("schema"), max_length=128, blank=True)
    table = models.CharField(_("table"), max_length=128)
    foreign_key = names(_("columns that point at the target"), default=list)
    fate = models.CharField(_("what becomes of its rows"), max_length=20, choices=FateChoice, default=FateChoice.ERASE)
    domain = models.CharField(_("statutory domain of the rows"), max_length=40, blank=True)
    domain_dated_by = models.CharField(_("dated by the column"), max_length=128, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("child table")
        verbose_name_plural = _("child tables")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.table


@tracked()
class TargetColumn(OwnedRow):
    """A column of the target's table, or of a child's, and what becomes of it."""

    access_resource: ClassVar[str] = permissions.RETENTION

    class Identity(models.TextChoices):
        EMAIL = "email", _("e-mail address")
        PHONE = "phone", _("telephone number")
        NAME = "name", _("name")
        NUMBER = "number", _("number of a person (customer, contract…)")
        NATIONAL = "national", _("national identification number")
        ADDRESS = "address", _("postal address")
        OTHER = "other", _("other identifier")

    target = models.ForeignKey(Target, models.CASCADE, related_name="columns", verbose_name=_("target"))
    child = models.ForeignKey(
        TargetChild, models.CASCADE, null=True, blank=True, related_name="columns", verbose_name=_("child table")
    )
    name = models.CharField(_("column"), max_length=128)
    treatment = models.CharField(
        _("what becomes of it"), max_length=30, choices=TreatmentChoice, default=TreatmentChoice.NULL
    )
    constant = models.CharField(_("constant"), max_length=200, blank=True)
    identity = models.CharField(_("identifies a person by"), max_length=20, choices=Identity, blank=True)
    domain = models.CharField(_("statutory domain"), max_length=40, blank=True)
    domain_dated_by = models.CharField(_("dated by the column"), max_length=128, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("column")
        verbose_name_plural = _("columns")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                "target",
                "child",
                "name",
                name="targetcolumn_treated_once",
                nulls_distinct=False,
                violation_error_message=_("This column is mapped twice."),
            )
        ]

    def __str__(self) -> str:
        return self.name
