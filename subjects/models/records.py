"""Records whose clock Greffier keeps: one per person and activity, by an opaque key, and what happened to them."""

from typing import ClassVar, Final, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.history import tracked
from foundation.rows import OwnedQuerySet, OwnedRow
from register.models import ProcessingActivity, Purpose, RelationshipState
from retention.models import StartEventKind

KEY: Final = r"^[A-Za-z0-9][A-Za-z0-9_.:\-]{0,99}\Z"
opaque = RegexValidator(
    KEY,
    _(
        "A key is made of letters, digits and . _ : - and begins with a letter or digit: take the number that your own"
        " software gives the record, never an address or a name."
    ),
)


class Direction(models.TextChoices):
    """Who wrote to whom, as `retention.readings` has it."""

    INBOUND = "inbound", _("from the person")
    OUTBOUND = "outbound", _("to the person")


class EventKind(models.TextChoices):
    """What may happen to a record: the start events of the rules, contacts by their direction, and refusals."""

    CONTACT = "contact", _("contact")
    OBJECTION = "objection", _("objection")
    CONSENT = "consent", _("consent")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("withdrawal of the consent")
    ACCOUNT_CREATION = StartEventKind.ACCOUNT_CREATION.value, StartEventKind.ACCOUNT_CREATION.label
    DATA_COLLECTION = StartEventKind.DATA_COLLECTION.value, StartEventKind.DATA_COLLECTION.label
    PAYMENT = StartEventKind.PAYMENT.value, StartEventKind.PAYMENT.label
    SUBSCRIPTION_END = StartEventKind.SUBSCRIPTION_END.value, StartEventKind.SUBSCRIPTION_END.label
    CONTRACT_END = StartEventKind.CONTRACT_END.value, StartEventKind.CONTRACT_END.label
    SERVICES_END = StartEventKind.SERVICES_END.value, StartEventKind.SERVICES_END.label
    TERMINATION = StartEventKind.TERMINATION.value, StartEventKind.TERMINATION.label
    UNSUBSCRIPTION = StartEventKind.UNSUBSCRIPTION.value, StartEventKind.UNSUBSCRIPTION.label
    DISPUTE_RESOLVED = StartEventKind.DISPUTE_RESOLVED.value, StartEventKind.DISPUTE_RESOLVED.label
    ACCOUNT_DELETION = StartEventKind.ACCOUNT_DELETION.value, StartEventKind.ACCOUNT_DELETION.label
    CONTROLLER_REQUEST = StartEventKind.CONTROLLER_REQUEST.value, StartEventKind.CONTROLLER_REQUEST.label
    DEFINITIVE_END = StartEventKind.DEFINITIVE_END.value, StartEventKind.DEFINITIVE_END.label
    TRACKER_DEPOSIT = StartEventKind.TRACKER_DEPOSIT.value, StartEventKind.TRACKER_DEPOSIT.label
    NO_LONGER_USEFUL = StartEventKind.NO_LONGER_USEFUL.value, StartEventKind.NO_LONGER_USEFUL.label


class SubjectRecordQuerySet(OwnedQuerySet["SubjectRecord"]):
    def with_facts(self) -> Self:
        """The records with all that dates them, in four queries."""
        return self.select_related("register", "activity", "state").prefetch_related("events__purpose", "state_changes")


@tracked(never=("key", "personal"))
class SubjectRecord(OwnedRow):
    """One person in one activity, by the number that the organisation's own software gives them.

    What names the person is optional and sealed under a key of the record's own: erasing destroys that key.
    """

    access_resource: ClassVar[str] = permissions.SUBJECT_RECORDS
    KEY_PURPOSE: ClassVar[str] = "subject record"

    key = models.CharField(
        _("key"),
        max_length=100,
        db_collation="C",  # in the order of its bytes on every server: a run goes on after the last key
        validators=[opaque],
        help_text=_("The number that your own software gives it."),
    )
    activity = models.ForeignKey(
        ProcessingActivity, models.PROTECT, related_name="+", verbose_name=_("processing activity")
    )
    state = models.ForeignKey(
        RelationshipState,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("state of the relationship"),
    )
    personal = models.TextField(_("personal data"), blank=True, editable=False)  # sealed JSON, {name: text}
    created_at = models.DateTimeField(_("added at"), db_default=Now(), editable=False)

    objects = SubjectRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("subject record")
        verbose_name_plural = _("subject records")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                "register",
                "key",
                name="subjectrecord_key_once_per_register",
                violation_error_message=_("A record of this register has this key already."),
            ),
            models.CheckConstraint(condition=models.Q(key__regex=KEY), name="subjectrecord_key_is_opaque"),
        ]

    def __str__(self) -> str:
        return self.key


@tracked(never=("trigger",))
class StateChange(OwnedRow):
    """Since which day a record is in a state, and what brought it there: rules and purposes follow the state."""

    access_resource: ClassVar[str] = permissions.SUBJECT_RECORDS

    record = models.ForeignKey(
        SubjectRecord, models.CASCADE, related_name="state_changes", verbose_name=_("subject record")
    )
    state = models.ForeignKey(
        RelationshipState, models.PROTECT, null=True, related_name="+", verbose_name=_("state of the relationship")
    )
    on = models.DateField(_("since"))
    trigger = models.CharField(_("because of"), max_length=200, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of state")
        verbose_name_plural = _("changes of state")
        ordering = ["on", "pk"]

    def __str__(self) -> str:
        return f"{self.state or '—'} · {self.on:%Y-%m-%d}"


@tracked(never=("source", "external_id"))
class ContactEvent(OwnedRow):
    """What happened to a record on a day: contacts from the person start clocks anew, contacts to the person never."""

    access_resource: ClassVar[str] = permissions.SUBJECT_RECORDS

    record = models.ForeignKey(SubjectRecord, models.CASCADE, related_name="events", verbose_name=_("subject record"))
    kind = models.CharField(_("event"), max_length=30, choices=EventKind)
    on = models.DateField(_("on"))
    direction = models.CharField(_("direction"), max_length=10, choices=Direction, blank=True)
    purpose = models.ForeignKey(
        Purpose, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("for the purpose")
    )
    source = models.CharField(_("known from"), max_length=100, blank=True)
    external_id = models.CharField(
        _("number of the event"), max_length=100, blank=True, help_text=_("The same number is never counted twice.")
    )

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("event of a record")
        verbose_name_plural = _("events of records")
        ordering = ["on", "pk"]
        constraints = [
            models.UniqueConstraint(
                "record",
                "external_id",
                condition=~models.Q(external_id=""),
                name="contactevent_number_once_per_record",
                violation_error_message=_("This record has an event of this number already."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind="contact", direction__in=["inbound", "outbound"])
                | (~models.Q(kind="contact") & models.Q(direction="")),
                name="contactevent_contacts_have_a_direction",
                violation_error_message=_("Say of a contact who wrote to whom; nothing else has a direction."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.on:%Y-%m-%d}"
