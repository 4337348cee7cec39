"""Processing activities (art. 30(1), 30(2)), who takes part in them, and their purposes (art. 30(1)(b))."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.history import tracked
from register.models.base import Entry, ReferencedEntry
from register.models.parties import Organisation


@tracked()
class ProcessingActivity(ReferencedEntry):
    """One entry of the record: as controller (art. 30(1)) or as processor (art. 30(2)); the role is the activity's."""

    class Role(models.TextChoices):
        CONTROLLER = "controller", _("controller")
        PROCESSOR = "processor", _("processor")

    name = models.CharField(_("name"), max_length=200)
    role = models.CharField(_("role of the organisation"), max_length=20, choices=Role)
    processing_categories = models.TextField(
        _("categories of processing"),
        blank=True,
        help_text=_("What is done on behalf of the controllers: art. 30(2)(b)."),
    )
    special_categories = models.TextField(
        _("special categories of data"),
        blank=True,
        help_text=_("Data of art. 9(1) or 10; “none (declared)” is an answer of its own."),
    )
    automated_decisions = models.TextField(
        _("automated decisions and profiling"),
        blank=True,
        help_text=_("Logic, significance and consequences: art. 13(2)(f), 14(2)(g), 22."),
    )
    joint_arrangement = models.TextField(
        _("essence of the joint controllers' arrangement"), blank=True, help_text=_("Art. 26(2).")
    )
    legacy_formality = models.CharField(
        _("former formality"),
        max_length=200,
        blank=True,
        help_text=_("A declaration made before 25 May 2018, with its number."),
    )

    class Meta(ReferencedEntry.Meta):
        verbose_name = _("processing activity")
        verbose_name_plural = _("processing activities")
        constraints = [
            *ReferencedEntry.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(role__in=["controller", "processor"]), name="processingactivity_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} · {self.name}"


@tracked()
class Participation(Entry):
    """What an organisation is to one activity: the role belongs to the pair, never to the organisation alone."""

    class Part(models.TextChoices):
        CONTROLLER = "controller", _("controller")
        JOINT_CONTROLLER = "joint_controller", _("joint controller")
        PROCESSOR = "processor", _("processor")
        CLIENT_CONTROLLER = "client_controller", _("controller on whose behalf the processing is done")
        SUCCESSOR = "successor", _("controller after a transfer of the business")

    activity = models.ForeignKey(ProcessingActivity, models.CASCADE, related_name="parties", verbose_name=_("activity"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="participations", verbose_name=_("organisation")
    )
    part = models.CharField(_("part"), max_length=20, choices=Part)
    data_scope = models.CharField(
        _("for which data"), max_length=300, blank=True, help_text=_("When the part holds for some of the data only.")
    )

    class Meta(Entry.Meta):
        verbose_name = _("party")
        verbose_name_plural = _("parties")

    def __str__(self) -> str:
        return f"{self.organisation} ({self.get_part_display()})"


@tracked()
class Purpose(ReferencedEntry):
    """Why the data are processed; purposes form a tree and may hold for one phase of the relationship only."""

    class Phase(models.TextChoices):
        BEFORE_CONTRACT = "before_contract", _("before the contract")
        CONTRACT = "contract", _("during the contract")
        AFTER_CONTRACT = "after_contract", _("after the contract")

    activity = models.ForeignKey(
        ProcessingActivity, models.CASCADE, related_name="purposes", verbose_name=_("activity")
    )
    description = models.CharField(_("purpose"), max_length=300)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="sub_purposes", verbose_name=_("part of")
    )
    phase = models.CharField(_("phase of the relationship"), max_length=20, choices=Phase, blank=True)
    is_prohibited = models.BooleanField(
        _("prohibited"), default=False, help_text=_("The policy promises not to pursue this purpose in this role.")
    )
    is_profiling = models.BooleanField(
        _("may be profiling"), default=False, help_text=_("Segmentation, comparison, personalisation: art. 4(4).")
    )

    class Meta(ReferencedEntry.Meta):
        verbose_name = _("purpose")
        verbose_name_plural = _("purposes")

    def __str__(self) -> str:
        return self.description


@tracked()
class CollectionEvent(Entry):
    """When and by which way data are collected."""

    class Event(models.TextChoices):
        ACCOUNT_CREATION = "account_creation", _("creation of an account")
        REGISTRATION = "registration", _("registration to a service or an event")
        FORM = "form", _("contact form")
        PAYMENT = "payment", _("payment")
        SUBSCRIPTION = "subscription", _("subscription")
        NEWSLETTER = "newsletter", _("subscription to a newsletter")
        BROWSING = "browsing", _("browsing (automatic)")
        CORRESPONDENCE = "correspondence", _("correspondence")
        TRAINING = "training", _("training")
        FAIR = "fair", _("fair or event")
        SUPPORT = "support", _("support request")
        COMMERCIAL_RELATIONSHIP = "commercial_relationship", _("commercial relationship")
        OTHER = "other", _("other")

    activity = models.ForeignKey(
        ProcessingActivity, models.CASCADE, related_name="collection_events", verbose_name=_("activity")
    )
    event = models.CharField(_("event"), max_length=30, choices=Event)
    description = models.CharField(_("description"), max_length=300, blank=True)

    class Meta(Entry.Meta):
        verbose_name = _("collection")
        verbose_name_plural = _("collections")

    def __str__(self) -> str:
        return self.description or self.get_event_display()
