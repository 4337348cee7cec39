"""Where business data stand: databases that the engine reaches, each under a sealed address."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.history import tracked
from foundation.rows import OwnedQuerySet, OwnedRow


@tracked(never=("url",))
class DataSource(OwnedRow):
    """A place where rows stand; its address with the password is sealed, `place` says where it is without secrets."""

    access_resource: ClassVar[str] = permissions.RETENTION

    class Kind(models.TextChoices):
        DATABASE = "database", _("business database")
        RECORDS = "records", _("subject records kept in Greffier")
        OWN = "own", _("Greffier's own data")

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.DATABASE)
    place = models.CharField(
        _("place"), max_length=300, blank=True, editable=False, help_text=_("Engine, machine and database.")
    )
    url = models.TextField(_("address"), blank=True)  # sealed
    workers = models.PositiveSmallIntegerField(
        _("workers at once"), default=1, validators=[MinValueValidator(1), MaxValueValidator(8)]
    )
    batch_rows = models.PositiveIntegerField(
        _("rows per batch"), default=5_000, validators=[MinValueValidator(1), MaxValueValidator(50_000)]
    )
    backup_days = models.PositiveSmallIntegerField(
        _("backups are overwritten after (days)"),
        null=True,
        blank=True,
        help_text=_("Said by its owner: until then, erased data stand in backups."),
    )
    tried_at = models.DateTimeField(_("tried at"), null=True, editable=False)
    tried_code = models.CharField(_("answer"), max_length=40, blank=True, editable=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("data source")
        verbose_name_plural = _("data sources")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("register", "name", name="datasource_name_once_per_register"),
            models.UniqueConstraint(
                "register",
                "kind",
                condition=models.Q(kind__in=["records", "own"]),
                name="datasource_one_of_greffier_per_register",
            ),
        ]

    def __str__(self) -> str:
        return self.name
