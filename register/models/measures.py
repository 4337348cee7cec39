"""Technical and organisational measures (art. 32, 30(1)(g), 30(2)(d))."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.history import tracked
from register.models.activities import ProcessingActivity
from register.models.base import Entry
from register.models.parties import Organisation


@tracked()
class Measure(Entry):
    """A measure: what it is, who applies it, on which platform, against what."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("user access control")
        TRACEABILITY = "traceability", _("traceability (logging)")
        SOFTWARE = "software", _("software protection")
        BACKUP = "backup", _("data backup")
        ENCRYPTION = "encryption", _("data encryption")
        PROCESSORS = "processors", _("control of processors")
        PHYSICAL = "physical", _("physical security")
        STAFF = "staff", _("awareness and duties of the staff")
        CONTINUITY = "continuity", _("continuity and monitoring")
        GENERAL = "general", _("general commitment")
        OTHER = "other", _("other measures")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    description = models.CharField(_("measure"), max_length=300)
    applied_by = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("applied by")
    )
    platform = models.CharField(_("platform"), max_length=100, blank=True)
    threats = models.CharField(_("against"), max_length=300, blank=True)
    standard = models.CharField(
        _("standard"), max_length=200, blank=True, help_text=_("Such as: reasonable, state of the art, means only.")
    )
    evidence_url = models.CharField(_("evidence"), max_length=300, blank=True)
    activities = models.ManyToManyField(
        ProcessingActivity,
        blank=True,
        related_name="measures",
        verbose_name=_("activities"),
        help_text=_("Empty: the whole organisation."),
    )

    class Meta(Entry.Meta):
        verbose_name = _("security measure")
        verbose_name_plural = _("security measures")

    def __str__(self) -> str:
        return self.description
