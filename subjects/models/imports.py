"""Files of records that somebody looks at before they are taken over."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.accounts.models import User
from foundation.rows import OwnedQuerySet, OwnedRow


class RecordImport(OwnedRow):
    """A file between its preview and its confirmation; its content is sealed, and gone a day later at the latest."""

    access_resource: ClassVar[str] = permissions.SUBJECT_RECORDS
    KEY_PURPOSE: ClassVar[str] = "record import"

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"

    format = models.CharField(_("format"), max_length=10, choices=Format)
    content = models.BinaryField(_("content"), default=b"")  # sealed; emptied once it is over
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    added = models.PositiveIntegerField(_("records added"), null=True)
    changed = models.PositiveIntegerField(_("records changed"), null=True)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    asked_at = models.DateTimeField(_("asked at"), db_default=Now())
    taken_at = models.DateTimeField(_("taken over at"), null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of records")
        verbose_name_plural = _("imports of records")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_format_display()} · {self.asked_at:%Y-%m-%d %H:%M}"
