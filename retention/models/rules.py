"""Retention (art. 5(1)(e), 13(2)(a), 30(1)(f)): what the policy promises, as data that a job can carry out later."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.history import tracked
from register.models import DataItem, ProcessingActivity, Purpose, RelationshipState
from register.models.base import Entry, ReferencedEntry
from register.models.duration_field import DurationField, TermKind


class StartEventKind(models.TextChoices):
    """The events from which or until which the five policies count."""

    ACCOUNT_CREATION = "account_creation", _("creation of the account")
    DATA_COLLECTION = "data_collection", _("collection of the data")
    LAST_INBOUND_CONTACT = "last_inbound_contact", _("last contact coming from the person")
    PAYMENT = "payment", _("payment")
    SUBSCRIPTION_END = "subscription_end", _("end of the subscription")
    CONTRACT_END = "contract_end", _("end of the contract")
    SERVICES_END = "services_end", _("end of the services")
    TERMINATION = "termination", _("termination")
    UNSUBSCRIPTION = "unsubscription", _("unsubscription")
    DISPUTE_RESOLVED = "dispute_resolved", _("resolution of the dispute")
    ACCOUNT_DELETION = "account_deletion", _("deletion of the personal space")
    CONTROLLER_REQUEST = "controller_request", _("express request of the controller")
    DEFINITIVE_END = "definitive_end", _("definitive end of operation by the controller")
    TRACKER_DEPOSIT = "tracker_deposit", _("deposit of the tracker")
    NO_LONGER_USEFUL = "no_longer_useful", _("when the identifying form is no longer useful")


@tracked()
class RetentionRule(ReferencedEntry):
    """How long data are kept, counted from which events, and what happens then. Conflicting rules are all kept."""

    class Combination(models.TextChoices):
        LATEST = "latest", _("the latest of the events")
        EARLIEST = "earliest", _("the earliest of the events")
        UNDETERMINED = "undetermined", _("the policy does not say which of the events")

    class Phase(models.TextChoices):
        ACTIVE = "active", _("active database")
        INTERMEDIATE = "intermediate", _("intermediate archive")
        AFTER_CONTRACT = "after_contract", _("after the contract")

    class Action(models.TextChoices):
        ERASE = "erase", _("erase")
        DESTROY = "destroy", _("destroy")
        ANONYMISE = "anonymise", _("anonymise")
        ERASE_OR_ANONYMISE = "erase_or_anonymise", _("erase or anonymise, as the controller chooses")
        ERASE_OR_RETURN = "erase_or_return", _("erase or return")
        RETURN = "return", _("return")
        RETURN_THEN_DESTROY = "return_then_destroy", _("return, then destroy")
        CHANGE_STATE = "change_state", _("the person passes to another state")

    description = models.CharField(_("data concerned"), max_length=300)
    kind = models.CharField(_("kind of duration"), max_length=30, choices=TermKind)
    duration = DurationField(_("duration"), blank=True)
    until_event = models.CharField(_("until"), max_length=30, choices=StartEventKind, blank=True)
    criterion = models.CharField(_("criterion"), max_length=300, blank=True)
    reference = models.CharField(
        _("set by"), max_length=300, blank=True, help_text=_("The text or contract that sets it.")
    )
    combination = models.CharField(
        _("when there are several start events"), max_length=20, choices=Combination, blank=True
    )
    is_within_or_after = models.BooleanField(
        _("“within” or “after”: ambiguous"),
        default=False,
        help_text=_("The text may mean that data go within the duration or after it; both readings are dated."),
    )
    phase = models.CharField(_("phase"), max_length=20, choices=Phase, blank=True)
    state = models.ForeignKey(
        RelationshipState,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="retention_rules",
        verbose_name=_("state"),
    )
    action = models.CharField(_("action at the end"), max_length=30, choices=Action, blank=True)
    claimed_authority = models.CharField(
        _("authority claimed by the policy"), max_length=200, blank=True, help_text=_("Kept as a claim, not as a fact.")
    )
    data_items = models.ManyToManyField(
        DataItem,
        blank=True,
        related_name="retention_rules",
        verbose_name=_("data"),
        help_text=_("Empty: all data of the activities."),
    )
    purposes = models.ManyToManyField(
        Purpose,
        blank=True,
        related_name="retention_rules",
        verbose_name=_("purposes allowed meanwhile"),
        help_text=_("Empty: those of the activities."),
    )
    activities = models.ManyToManyField(
        ProcessingActivity, blank=True, related_name="retention_rules", verbose_name=_("activities")
    )

    class Meta(ReferencedEntry.Meta):
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")

    def __str__(self) -> str:
        return self.description


@tracked()
class StartEvent(Entry):
    """An event from which a rule counts."""

    rule = models.ForeignKey(
        RetentionRule, models.CASCADE, related_name="start_events", verbose_name=_("retention rule")
    )
    event = models.CharField(_("counted from"), max_length=30, choices=StartEventKind)

    class Meta(Entry.Meta):
        verbose_name = _("start event")
        verbose_name_plural = _("start events")
        constraints = [models.UniqueConstraint("rule", "event", name="startevent_once_per_rule")]

    def __str__(self) -> str:
        return str(self.get_event_display())


@tracked()
class RetentionException(Entry):
    """Why data may be kept longer than a rule says, on what ground and until when."""

    class Ground(models.TextChoices):
        DISPUTE = "dispute", _("open difficulty or dispute")
        LEGAL_OBLIGATION = "legal_obligation", _("legal obligation")
        USER_SECURITY = "user_security", _("security of the users")

    ground = models.CharField(_("ground"), max_length=20, choices=Ground)
    description = models.CharField(_("case"), max_length=300)
    ends_with = models.CharField(_("ends with"), max_length=30, choices=StartEventKind, blank=True)
    reference = models.CharField(_("set by"), max_length=300, blank=True)
    rules = models.ManyToManyField(
        RetentionRule,
        blank=True,
        related_name="exceptions",
        verbose_name=_("retention rules"),
        help_text=_("Empty: every rule."),
    )

    class Meta(Entry.Meta):
        verbose_name = _("exception to retention")
        verbose_name_plural = _("exceptions to retention")

    def __str__(self) -> str:
        return self.description
