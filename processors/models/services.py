"""Service levels, service calendars and backups: availability and resilience (art. 32(1)(b)-(c))."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.history import tracked
from register.models import Organisation, ProcessingActivity
from register.models.base import Entry, ReferencedEntry
from register.models.duration_field import DurationField, TermKind


@tracked()
class ServiceCalendar(ReferencedEntry):
    """A named calendar of opening hours, in which business time is counted."""

    name = models.CharField(_("name"), max_length=100)
    excludes_public_holidays = models.BooleanField(_("closed on public holidays"), default=True)
    is_always_open = models.BooleanField(_("open at all hours"), default=False)

    class Meta(ReferencedEntry.Meta):
        verbose_name = _("service calendar")
        verbose_name_plural = _("service calendars")

    def __str__(self) -> str:
        return self.name


@tracked()
class OpeningHours(Entry):
    """One opening of a calendar on one day of the week."""

    class Weekday(models.IntegerChoices):
        MONDAY = 1, _("Monday")
        TUESDAY = 2, _("Tuesday")
        WEDNESDAY = 3, _("Wednesday")
        THURSDAY = 4, _("Thursday")
        FRIDAY = 5, _("Friday")
        SATURDAY = 6, _("Saturday")
        SUNDAY = 7, _("Sunday")

    calendar = models.ForeignKey(ServiceCalendar, models.CASCADE, related_name="openings", verbose_name=_("calendar"))
    weekday = models.PositiveSmallIntegerField(_("day of the week"), choices=Weekday)
    opens_at = models.TimeField(_("opens at"))
    closes_at = models.TimeField(_("closes at"))

    class Meta(Entry.Meta):
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opens_at__lt=models.F("closes_at")),
                name="openinghours_open_before_closing",
                violation_error_code="order",
                violation_error_message=_("The opening ends before it begins."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens_at:%H:%M}-{self.closes_at:%H:%M}"


@tracked()
class ServiceLevel(Entry):
    """One commitment, for one platform and one scenario; several may stand side by side, or be left empty."""

    class Indicator(models.TextChoices):
        RECOVERY_TIME = "recovery_time", _("recovery time (RTO)")
        RECOVERY_POINT = "recovery_point", _("recovery point (RPO)")
        AVAILABILITY = "availability", _("availability")
        INTERVENTION = "intervention", _("time to intervene")
        MONITORING = "monitoring", _("monitoring")
        SUPPORT = "support", _("support hours")

    class Unit(models.TextChoices):
        CALENDAR = "calendar", _("elapsed time")
        BUSINESS_HOURS = "business_hours", _("business hours")
        BUSINESS_DAYS = "business_days", _("business days")

    indicator = models.CharField(_("indicator"), max_length=20, choices=Indicator)
    platform = models.CharField(_("platform"), max_length=100, blank=True)
    scenario = models.CharField(_("scenario"), max_length=200, blank=True)
    commitment_kind = models.CharField(_("kind of commitment"), max_length=30, choices=TermKind, blank=True)
    duration = DurationField(_("commitment"), blank=True)
    unit = models.CharField(_("counted in"), max_length=20, choices=Unit, blank=True)
    description = models.CharField(_("in words"), max_length=300, blank=True)
    availability_percent = models.DecimalField(
        _("availability (%)"), max_digits=6, decimal_places=3, null=True, blank=True
    )
    calendar = models.ForeignKey(
        ServiceCalendar,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="service_levels",
        verbose_name=_("calendar"),
    )
    provided_by = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("provided by")
    )
    activities = models.ManyToManyField(
        ProcessingActivity, blank=True, related_name="service_levels", verbose_name=_("activities")
    )

    class Meta(Entry.Meta):
        verbose_name = _("service level")
        verbose_name_plural = _("service levels")

    def __str__(self) -> str:
        return f"{self.get_indicator_display()} {self.scenario}".strip()


@tracked()
class Backup(Entry):
    """How a platform is backed up: how often, how deep (a time or a number of versions), where, by whom."""

    platform = models.CharField(_("platform"), max_length=100, blank=True)
    frequency = DurationField(_("every"), blank=True)
    depth = DurationField(_("kept for"), blank=True)
    depth_versions = models.PositiveSmallIntegerField(_("number of versions kept"), null=True, blank=True)
    depth_in_words = models.CharField(_("depth in words"), max_length=200, blank=True)
    method = models.CharField(_("method"), max_length=200, blank=True)
    location = models.CharField(_("place"), max_length=200, blank=True)
    is_encrypted = models.BooleanField(_("encrypted"), null=True, blank=True)
    responsible = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("responsible")
    )
    monitoring = models.CharField(_("monitoring"), max_length=200, blank=True)
    activities = models.ManyToManyField(
        ProcessingActivity, blank=True, related_name="backups", verbose_name=_("activities")
    )

    class Meta(Entry.Meta):
        verbose_name = _("backup")
        verbose_name_plural = _("backups")

    def __str__(self) -> str:
        return self.platform or self.method or str(_("backup"))
