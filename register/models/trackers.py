"""Cookies and other trackers (ePrivacy art. 5(3); French act art. 82)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.history import tracked
from register.models.activities import ProcessingActivity
from register.models.base import ReferencedEntry
from register.models.duration_field import DurationField, TermKind
from register.models.parties import Organisation


@tracked()
class Tracker(ReferencedEntry):
    """One kind of tracker: what it is for, who lays it, how long it lasts, whether consent is asked first."""

    class Technology(models.TextChoices):
        COOKIE = "cookie", _("cookie")
        PIXEL = "pixel", _("pixel or web beacon")
        EMAIL_PIXEL = "email_pixel", _("pixel in e-mails")
        LOCAL_STORAGE = "local_storage", _("local storage")
        TAG = "tag", _("tag")
        PLUG_IN = "plug_in", _("plug-in or social button")
        OTHER = "other", _("other tracker")

    class Category(models.TextChoices):
        NECESSARY = "necessary", _("strictly necessary")
        FUNCTIONAL = "functional", _("functional")
        PREFERENCES = "preferences", _("preferences")
        AUDIENCE = "audience", _("audience measurement")
        ADVERTISING = "advertising", _("advertising")
        SOCIAL = "social", _("social networks")
        SECURITY = "security", _("security")
        UNSPECIFIED = "unspecified", _("not specified")

    class Party(models.TextChoices):
        FIRST = "first", _("first party")
        THIRD = "third", _("third party")

    class Consent(models.TextChoices):
        PRIOR = "prior", _("prior consent")
        EXEMPT = "exempt", _("exempt from consent")
        IMPLIED = "implied", _("deposit unless refused")

    technology = models.CharField(_("technology"), max_length=20, choices=Technology)
    category = models.CharField(_("category"), max_length=20, choices=Category)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    party = models.CharField(_("laid by"), max_length=10, choices=Party, blank=True)
    emitter = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("emitter")
    )
    data_collected = models.CharField(_("data collected"), max_length=300, blank=True)
    lifetime_kind = models.CharField(_("kind of lifetime"), max_length=30, choices=TermKind, blank=True)
    lifetime = DurationField(_("lifetime"), blank=True)
    lifetime_event = models.CharField(_("lifetime ends with"), max_length=100, blank=True)
    consent = models.CharField(_("consent"), max_length=20, choices=Consent, blank=True)
    control = models.CharField(_("how the person controls it"), max_length=300, blank=True)
    refusal_effect = models.CharField(_("effect of a refusal"), max_length=300, blank=True)
    is_cross_site = models.BooleanField(_("follows across sites"), null=True, blank=True)
    activities = models.ManyToManyField(
        ProcessingActivity, blank=True, related_name="trackers", verbose_name=_("activities")
    )

    class Meta(ReferencedEntry.Meta):
        verbose_name = _("tracker")
        verbose_name_plural = _("trackers")

    def __str__(self) -> str:
        return self.purpose or f"{self.get_technology_display()} ({self.get_category_display()})"
