"""Evidence: what was done, appended in the transaction of the act. No personal data stands in it."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.accounts.models import Register
from foundation.accounts.tokens import Caller


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, user: Caller) -> Self:
        """The events of the registers whose evidence this person may read."""
        return self.filter(register__in=permissions.registers_readable(user, self.model))


class Event(models.Model):
    """One act, by ids and hashes only; its leaf hash covers every other column."""

    access_resource: ClassVar[str] = permissions.EVIDENCE
    append_only: ClassVar[bool] = True

    class Verb(models.TextChoices):
        PUBLISHED = "edition_published", _("edition published")
        PRINTED = "document_printed", _("document printed")
        DOWNLOADED = "document_downloaded", _("document downloaded")
        TEXT_ATTACHED = "policy_text_attached", _("text of a policy attached")
        MEMBER_ADDED = "membership_added", _("membership added")
        MEMBER_CHANGED = "membership_changed", _("membership changed")
        MEMBER_WITHDRAWN = "membership_withdrawn", _("membership withdrawn")
        PASSWORD_SET = "password_set", _("password set by an administrator")
        ACTIVATED = "account_activated", _("account activated")
        DEACTIVATED = "account_deactivated", _("account deactivated")
        JOB_ORDERED = "job_ordered", _("order given to a job")
        WORK_STOPPED = "work_stopped", _("work stopped")
        WORK_RESUMED = "work_resumed", _("work let go on")
        KEY_ROTATED = "key_rotated", _("data key rotated")
        KEYS_REWRAPPED = "keys_rewrapped", _("data keys wrapped anew")
        KEY_DESTROYED = "key_destroyed", _("data key destroyed")
        MAIL_HANDED_OVER = "mail_handed_over", _("mail handed over to the mail server")
        MAIL_ARRIVED = "mail_arrived", _("mail said to have arrived")
        MAIL_AGAIN = "mail_sent_again", _("mail to be sent again")
        PRINT_ASKED = "document_asked", _("document asked for by a programme")
        TOKEN_MADE = "service_token_made", _("service token made")
        TOKEN_REVOKED = "service_token_revoked", _("service token revoked")

    register = models.ForeignKey(Register, models.PROTECT, related_name="events", verbose_name=_("register"))
    verb = models.CharField(_("act"), max_length=40, choices=Verb)
    subject_type = models.CharField(_("kind of object"), max_length=60)
    subject_id = models.BigIntegerField(_("object"))
    actor_id = models.BigIntegerField(_("person (number)"), null=True)
    details = models.JSONField(_("details"), default=dict)
    occurred_at = models.DateTimeField(_("time"))
    leaf_hash = models.CharField(_("leaf hash"), max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        app_label = "foundation"
        verbose_name = _("piece of evidence")
        verbose_name_plural = _("evidence")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} · {self.occurred_at:%Y-%m-%d %H:%M}"
