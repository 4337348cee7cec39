"""Evidence: what was done, appended in the transaction of the act, sealed afterwards. No personal data stands in it."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.accounts.models import Register
from foundation.accounts.tokens import Caller
from foundation.evidence import verifier


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, user: Caller) -> Self:
        """The events of the registers whose evidence this person may read; those of no register are the operator's."""
        return self.filter(register__in=permissions.registers_readable(user, self.model))

    def unsealed(self) -> Self:
        """The events that no checkpoint holds yet, in the order of their numbers."""
        return self.filter(leaf=None).order_by("pk")

    def with_seal(self) -> Self:
        """The events with their place in the ledger: `leaf`, and its checkpoint."""
        return self.select_related("leaf__checkpoint")


class Event(models.Model):
    """One act, by ids and hashes only; its leaf hash covers every other column but its own number."""

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
        SIGNING_KEY_CHANGED = "signing_key_changed", _("signing key of the evidence changed")
        PASSWORD_CHANGED = "password_changed", _("password changed")
        SECOND_FACTOR_ADDED = "second_factor_added", _("second factor added")
        SECOND_FACTOR_REMOVED = "second_factor_removed", _("second factor removed")
        SECOND_FACTOR_RESET = "second_factor_reset", _("second factors removed by the operator")
        RECOVERY_CODES_RENEWED = "recovery_codes_renewed", _("recovery codes renewed")
        SESSIONS_ENDED = "sessions_ended", _("signed out everywhere")
        TARGET_ARMED = "target_armed", _("target armed")
        ARMING_VOID = "arming_void", _("arming void")
        RUN_STARTED = "run_started", _("run started")
        RUN_ENDED = "run_ended", _("run ended")
        BATCH_PLANNED = "batch_planned", _("batch planned")
        BATCH_DONE = "batch_done", _("batch done")
        HOLD_OPENED = "hold_opened", _("legal hold opened")
        HOLD_RELEASED = "hold_released", _("legal hold released")
        DECISION_MADE = "decision_made", _("decision about retention")
        DECISION_WITHDRAWN = "decision_withdrawn", _("decision about retention withdrawn")
        LIST_ERASED = "erasure_list_erased", _("list of what was erased, erased")
        REQUEST_FILED = "request_filed", _("rights request filed")
        REQUEST_CLOSED = "request_closed", _("rights request closed")
        RECORDS_IMPORTED = "records_imported", _("subject records imported")

    register = models.ForeignKey(
        Register, models.PROTECT, null=True, blank=True, related_name="events", verbose_name=_("register")
    )
    verb = models.CharField(_("act"), max_length=40, choices=Verb)
    subject_type = models.CharField(_("kind of object"), max_length=60)
    subject_id = models.BigIntegerField(_("object"))
    actor_id = models.BigIntegerField(_("person (number)"), null=True)
    details = models.JSONField(_("details"), default=dict)
    occurred_at = models.DateTimeField(_("time"))
    # random: whoever holds a neighbour's proof cannot guess what the hash stands for; empty in the oldest events
    salt = models.CharField(_("salt"), max_length=32, blank=True, default="")
    leaf_hash = models.CharField(_("leaf hash"), max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        app_label = "foundation"
        verbose_name = _("piece of evidence")
        verbose_name_plural = _("evidence")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(leaf_hash__regex="^[0-9a-f]{64}$"), name="event_leaf_hash_is_one")
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} · {self.occurred_at:%Y-%m-%d %H:%M}"

    @property
    def seal(self) -> "Checkpoint | None":
        """The checkpoint that holds this event, or None while it waits for one."""
        leaf = getattr(self, "leaf", None)
        return leaf.checkpoint if leaf else None


class Checkpoint(models.Model):
    """A signed seal over the leaves `first` to `last` and over the checkpoint before it; it belongs to no register."""

    append_only: ClassVar[bool] = True

    number = models.BigIntegerField(_("number"), primary_key=True)
    first = models.BigIntegerField(_("first leaf"))
    last = models.BigIntegerField(_("last leaf"))
    count = models.IntegerField(_("number of leaves"))
    root = models.CharField(_("root of the tree"), max_length=64)
    previous = models.CharField(_("hash of the checkpoint before"), max_length=64, blank=True)
    key = models.CharField(_("public key"), max_length=64)
    next_key = models.CharField(_("public key from now on"), max_length=64, blank=True)
    sealed_at = models.DateTimeField(_("sealed at"))
    signature = models.CharField(_("signature"), max_length=128)

    class Meta:
        app_label = "foundation"
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gt=0, first__gt=0), name="checkpoint_counts_from_1"),
            models.CheckConstraint(
                condition=models.Q(count__gt=0, count=models.F("last") - models.F("first") + 1),
                name="checkpoint_holds_its_leaves",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.sealed_at:%Y-%m-%d %H:%M}"

    @property
    def line(self) -> verifier.Line:
        """The checkpoint as exports and receipts write it."""
        return {
            "type": "checkpoint",
            "number": self.number,
            "first": self.first,
            "last": self.last,
            "count": self.count,
            "root": self.root,
            "previous": self.previous,
            "key": self.key,
            "next_key": self.next_key,
            "sealed_at": verifier.moment(self.sealed_at),
            "signature": self.signature,
        }


class Leaf(models.Model):
    """The place of one event in the ledger: positions have no gap, whatever numbers the events bear."""

    append_only: ClassVar[bool] = True

    position = models.BigIntegerField(_("position"), primary_key=True)
    event = models.OneToOneField(Event, models.PROTECT, related_name="leaf", verbose_name=_("piece of evidence"))
    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="leaves", verbose_name=_("checkpoint"))
    hash = models.CharField(_("leaf hash"), max_length=64)

    class Meta:
        app_label = "foundation"
        verbose_name = _("leaf")
        verbose_name_plural = _("leaves")
        ordering = ["position"]
        constraints = [models.CheckConstraint(condition=models.Q(position__gt=0), name="leaf_counts_from_1")]

    def __str__(self) -> str:
        return str(self.position)
