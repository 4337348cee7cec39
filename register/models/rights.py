"""Rights of the data subjects (art. 7(3), 12-22, 77; French act art. 85), their conditions, channels and procedure."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.history import tracked
from register.models.activities import ProcessingActivity
from register.models.base import Entry, ReferencedEntry
from register.models.duration_field import DurationField


@tracked()
class Right(ReferencedEntry):
    """A right as the policy grants it, with the conditions it sets."""

    class Kind(models.TextChoices):
        INFORMATION = "information", _("information (art. 13, 14)")
        ACCESS = "access", _("access (art. 15)")
        COPY = "copy", _("copy (art. 15(3))")
        RECTIFICATION = "rectification", _("rectification (art. 16)")
        ERASURE = "erasure", _("erasure (art. 17)")
        ACCOUNT_DELETION = "account_deletion", _("deletion of the account")
        ERASURE_OR_ANONYMISATION = "erasure_or_anonymisation", _("erasure or anonymisation on request")
        RESTRICTION = "restriction", _("restriction of processing (art. 18)")
        PORTABILITY = "portability", _("portability (art. 20)")
        DIRECT_TRANSMISSION = "direct_transmission", _("direct transmission (art. 20(2))")
        OBJECTION = "objection", _("objection (art. 21(1))")
        MARKETING_OBJECTION = "marketing_objection", _("objection to direct marketing (art. 21(2))")
        NO_AUTOMATED_DECISION = "no_automated_decision", _("no solely automated decision (art. 22)")
        WITHDRAWAL = "withdrawal", _("withdrawal of consent (art. 7(3))")
        POST_MORTEM = "post_mortem", _("directives after death (French act, art. 85)")
        INTERNAL_COMPLAINT = "internal_complaint", _("complaint to the organisation")
        AUTHORITY_COMPLAINT = "authority_complaint", _("complaint to the supervisory authority (art. 77)")
        JUDICIAL_REMEDY = "judicial_remedy", _("judicial remedy (art. 79)")

    kind = models.CharField(_("right"), max_length=30, choices=Kind)
    condition = models.CharField(_("condition or limit in the policy"), max_length=300, blank=True)
    effect = models.CharField(_("effect"), max_length=300, blank=True)
    activities = models.ManyToManyField(
        ProcessingActivity, blank=True, related_name="rights", verbose_name=_("activities")
    )

    class Meta(ReferencedEntry.Meta):
        verbose_name = _("right")
        verbose_name_plural = _("rights")

    def __str__(self) -> str:
        return str(self.get_kind_display())


@tracked(never=("value",))
class RightsChannel(Entry):
    """Where a right is exercised: several channels may serve one right, one channel several rights."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        POST = "post", _("post")
        PHONE = "phone", _("telephone")
        SELF_SERVICE = "self_service", _("personal space")
        WEB = "web", _("website")
        DEPARTMENT = "department", _("any of our departments")
        SETTINGS = "settings", _("settings")

    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    value = models.CharField(_("address or number"), max_length=200, blank=True)
    rights = models.ManyToManyField(
        Right, blank=True, related_name="channels", verbose_name=_("rights"), help_text=_("Empty: every right.")
    )
    required_content = models.CharField(_("what the request must say"), max_length=300, blank=True)

    class Meta(Entry.Meta):
        verbose_name = _("channel")
        verbose_name_plural = _("channels")

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.value}".strip()


@tracked()
class RequestProcedure(Entry):
    """How a request is handled: time to answer (art. 12(3)), identification (art. 12(6)), what a refusal opens."""

    answer_within = DurationField(_("answer within"), blank=True)
    clock_start = models.CharField(_("counted from"), max_length=200, blank=True)
    identification_fields = ArrayField(
        models.CharField(max_length=60), verbose_name=_("identification asked for"), default=list, blank=True
    )
    identity_proof = models.CharField(_("proof of identity"), max_length=300, blank=True)
    refusal = models.CharField(_("when the request is refused"), max_length=300, blank=True)
    exercise_period = models.CharField(_("when rights may be exercised"), max_length=200, blank=True)
    activities = models.ManyToManyField(
        ProcessingActivity, blank=True, related_name="request_procedures", verbose_name=_("activities")
    )

    class Meta(Entry.Meta):
        verbose_name = _("procedure for requests")
        verbose_name_plural = _("procedures for requests")

    def __str__(self) -> str:
        return str(_("procedure for requests"))
