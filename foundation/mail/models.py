"""Mails: content that is fixed when it is planned, and how far its way to the mail server is known."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.accounts.models import Register, User
from foundation.jobs.models import Job
from foundation.keys import vault


class MailQuerySet(models.QuerySet["Mail"]):
    def visible_to(self, user: User) -> Self:
        """The mails of the registers whose mails this person may read."""
        return self.filter(register__in=permissions.registers_readable(user, self.model))


class Mail(models.Model):
    """One message to one mailbox. The database refuses every change but of how far it came."""

    access_resource: ClassVar[str] = permissions.MAILS
    frozen_except: ClassVar[tuple[str, ...]] = (
        "state",
        "token",
        "words",
        "handed_over_at",
        "decided_by_id",
        "decided_at",
    )

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        HANDING_OVER = "handing_over", _("being handed over")
        HANDED_OVER = "handed_over", _("handed over")
        REFUSED = "refused", _("refused by the server")
        UNKNOWN = "unknown", _("unknown: did it arrive?")

    register = models.ForeignKey(
        Register, models.PROTECT, null=True, blank=True, related_name="mails", verbose_name=_("register")
    )
    job = models.OneToOneField(Job, models.PROTECT, related_name="mail", verbose_name=_("job"))
    recipient = models.EmailField(_("recipient"))
    sender = models.CharField(_("sender"), max_length=320)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    is_sealed = models.BooleanField(
        _("sealed"), default=False, help_text=_("The text opens something: it is stored under a key.")
    )
    message_id = models.CharField(_("message number"), max_length=320, unique=True)
    planned_at = models.DateTimeField(_("planned at"))

    state = models.CharField(_("state"), max_length=20, choices=State, default=State.PLANNED)
    token = models.BigIntegerField(_("fencing token"), null=True)
    words = models.TextField(_("words of the server"), blank=True, help_text=_("Without the addresses in them."))
    handed_over_at = models.DateTimeField(_("handed over at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        app_label = "foundation"
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-planned_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["planned", "handing_over", "handed_over", "refused", "unknown"]),
                name="mail_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state="handed_over", handed_over_at__isnull=False)
                | (~models.Q(state="handed_over") & models.Q(handed_over_at=None)),
                name="mail_handed_over_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="planned") | models.Q(token__isnull=False),
                name="mail_under_way_has_a_token",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def text(self) -> str:
        """What the recipient reads."""
        return vault.open_text(self.body, place=place_of_text(self.job_id)) if self.is_sealed else self.body


def place_of_text(job_id: int) -> vault.Place:
    """Return where the sealed text of a mail stands: its job is known before it has a number of its own."""
    return vault.Place("foundation_mail", "body", job_id)
