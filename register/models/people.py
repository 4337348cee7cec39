"""Data subjects, data and recipients by category (art. 30(1)(c)-(d)): never a person."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.history import tracked
from register.models.activities import ProcessingActivity
from register.models.base import Entry, ReferencedEntry
from register.models.parties import Organisation


@tracked()
class RelationshipState(ReferencedEntry):
    """A state of the relationship with a person (prospect, active client…): retention and purposes depend on it."""

    name = models.CharField(_("name"), max_length=100)
    condition = models.CharField(_("condition"), max_length=300, blank=True)
    entered_by = models.CharField(_("entered by"), max_length=200, blank=True, help_text=_("The event that starts it."))
    contact_rule = models.CharField(
        _("rule on contacts"), max_length=300, blank=True, help_text=_("Such as: one message at most.")
    )
    messages_at_most = models.PositiveSmallIntegerField(
        _("messages at most"), null=True, blank=True, help_text=_("While the person is in this state; empty: no limit.")
    )

    class Meta(ReferencedEntry.Meta):
        verbose_name = _("state of the relationship")
        verbose_name_plural = _("states of the relationship")

    def __str__(self) -> str:
        return self.name


@tracked()
class SubjectGroup(Entry):
    """A category of data subjects of an activity (art. 30(1)(c))."""

    class Category(models.TextChoices):
        EMPLOYEES = "employees", _("employees")
        CUSTOMERS = "customers", _("customers")
        PROSPECTS = "prospects", _("prospects")
        SUPPLIERS = "suppliers", _("suppliers")
        PROVIDERS = "providers", _("service providers")
        USERS = "users", _("users")
        VISITORS = "visitors", _("visitors")
        CITIZENS = "citizens", _("citizens")
        MINORS = "minors", _("minors")
        RELATIVES = "relatives", _("relatives and legal representatives")
        PARTNERS = "partners", _("partners and business contacts")
        OTHERS = "others", _("others")

    activity = models.ForeignKey(
        ProcessingActivity, models.CASCADE, related_name="subject_groups", verbose_name=_("activity")
    )
    name = models.CharField(_("name in the policy"), max_length=200)
    category = models.CharField(_("category"), max_length=20, choices=Category)
    states = models.ManyToManyField(
        RelationshipState, blank=True, related_name="subject_groups", verbose_name=_("states of the relationship")
    )
    minimum_age_years = models.PositiveSmallIntegerField(
        _("minimum age (years)"), null=True, blank=True, help_text=_("From which a minor may consent alone: art. 8.")
    )
    age_rule = models.CharField(_("rule on age"), max_length=300, blank=True)

    class Meta(Entry.Meta):
        verbose_name = _("category of data subjects")
        verbose_name_plural = _("categories of data subjects")

    def __str__(self) -> str:
        return self.name


@tracked()
class DataItem(ReferencedEntry):
    """A category of personal data of an activity (art. 30(1)(c)), its source and whether it must be given."""

    class Category(models.TextChoices):
        CIVIL = "civil", _("civil status, identity, identification data, images")
        CONTACT = "contact", _("contact details")
        PERSONAL = "personal", _("personal life")
        PROFESSIONAL = "professional", _("professional life")
        ECONOMIC = "economic", _("economic and financial information")
        CONNECTION = "connection", _("connection data")
        LOCATION = "location", _("location data")
        INTERNET = "internet", _("internet (trackers, browsing, audience)")
        NATIONAL_NUMBER = "national_number", _("national identification number")
        SPECIAL = "special", _("special categories (art. 9, 10)")
        OTHER = "other", _("other")

    class Source(models.TextChoices):
        SUBJECT = "subject", _("the person")
        RELATIONSHIP = "relationship", _("the commercial relationship")
        AUTOMATIC = "automatic", _("collected automatically")
        THIRD_PARTY = "third_party", _("a third party")

    class Mandatory(models.TextChoices):
        MANDATORY = "mandatory", _("mandatory")
        OPTIONAL = "optional", _("optional")

    activity = models.ForeignKey(
        ProcessingActivity, models.CASCADE, related_name="data_items", verbose_name=_("activity")
    )
    name = models.CharField(_("data"), max_length=300)
    category = models.CharField(_("category"), max_length=20, choices=Category)
    source = models.CharField(_("source"), max_length=20, choices=Source, blank=True, help_text=_("Art. 14(2)(f)."))
    is_publicly_accessible = models.BooleanField(_("from a publicly accessible source"), null=True, blank=True)
    mandatory = models.CharField(
        _("mandatory or optional"), max_length=20, choices=Mandatory, blank=True, help_text=_("Art. 13(2)(e).")
    )
    consequence = models.CharField(
        _("consequence of not giving it"), max_length=300, blank=True, help_text=_("Art. 13(2)(e).")
    )
    is_free_text = models.BooleanField(_("free text"), default=False)
    is_client_defined = models.BooleanField(_("defined by each client"), default=False)
    concerns_legal_persons = models.BooleanField(_("may concern legal persons only"), default=False)

    class Meta(ReferencedEntry.Meta):
        verbose_name = _("data category")
        verbose_name_plural = _("data categories")

    def __str__(self) -> str:
        return self.name


@tracked()
class Recipient(Entry):
    """A category of recipients of an activity (art. 4(9), 30(1)(d)); processors stand in the engagements."""

    class Kind(models.TextChoices):
        INTERNAL = "internal", _("internal department")
        PROCESSOR = "processor", _("processors, by category")
        PARTNER = "partner", _("partners and other organisations")
        AUTHORITY = "authority", _("authorities")
        PUBLIC = "public", _("the public")
        ACQUIRER = "acquirer", _("acquirer of the business")
        SUBJECTS = "subjects", _("other data subjects")
        OTHER = "other", _("other")

    activity = models.ForeignKey(
        ProcessingActivity, models.CASCADE, related_name="recipients", verbose_name=_("activity")
    )
    name = models.CharField(_("name"), max_length=300)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )
    condition = models.CharField(_("condition"), max_length=300, blank=True)
    data_shared = models.CharField(_("data shared"), max_length=300, blank=True)

    class Meta(Entry.Meta):
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")

    def __str__(self) -> str:
        return self.name
