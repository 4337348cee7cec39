"""Who works for whom (art. 28): the graph of engagements, of any depth, with what each one allows and promises."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.history import tracked
from register.models import Organisation, ProcessingActivity
from register.models.base import Entry, ReferencedEntry


@tracked()
class Engagement(ReferencedEntry):
    """A principal engages a provider for a service; the same provider may stand at several places of the graph."""

    class Declared(models.TextChoices):
        DECLARED = "declared", _("declared")
        UNDECLARED = "undeclared", _("appears in the text, absent from the list")

    principal = models.ForeignKey(
        Organisation, models.PROTECT, related_name="engagements_given", verbose_name=_("principal")
    )
    provider = models.ForeignKey(
        Organisation, models.PROTECT, related_name="engagements_taken", verbose_name=_("provider")
    )
    parent = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="sub_engagements",
        verbose_name=_("under the engagement"),
        help_text=_("The engagement on whose behalf the principal engages this provider in turn: art. 28(4)."),
    )
    service = models.CharField(_("service"), max_length=300, blank=True)
    platform = models.CharField(_("platform"), max_length=100, blank=True)
    role_label = models.CharField(_("called in the policy"), max_length=100, blank=True)
    declared = models.CharField(_("declared"), max_length=20, choices=Declared, default=Declared.DECLARED)
    contract = models.CharField(_("contract"), max_length=300, blank=True, help_text=_("Art. 28(3)."))
    activities = models.ManyToManyField(
        ProcessingActivity, blank=True, related_name="engagements", verbose_name=_("activities")
    )

    class Meta(ReferencedEntry.Meta):
        verbose_name = _("engagement")
        verbose_name_plural = _("engagements")
        constraints = [
            *ReferencedEntry.Meta.constraints,
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="engagement_not_under_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.principal} → {self.provider}"


@tracked()
class DataLocation(Entry):
    """Where an engagement keeps or handles data, and for which function."""

    class Function(models.TextChoices):
        HOSTING = "hosting", _("hosting")
        PROCESSING = "processing", _("processing")
        STORAGE = "storage", _("storage")
        BACKUP = "backup", _("backup")
        UNSPECIFIED = "unspecified", _("function not stated")

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="locations", verbose_name=_("engagement"))
    place = models.CharField(_("place"), max_length=100)
    country = models.CharField(_("country (ISO code)"), max_length=2, blank=True)
    function = models.CharField(_("function"), max_length=20, choices=Function, default=Function.UNSPECIFIED)

    class Meta(Entry.Meta):
        verbose_name = _("place of the data")
        verbose_name_plural = _("places of the data")

    def __str__(self) -> str:
        return self.place


@tracked()
class Authorisation(Entry):
    """An authorisation to engage other processors (art. 28(2)); contradictory ones are both kept."""

    class Kind(models.TextChoices):
        GENERAL = "general", _("general written authorisation")
        SPECIFIC = "specific", _("prior specific authorisation")
        IMPLICIT = "implicit", _("implicit")
        PROHIBITED = "prohibited", _("engaging others is prohibited")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    instrument = models.CharField(_("given by"), max_length=200, blank=True)
    beneficiaries = models.CharField(_("for whom"), max_length=300, blank=True)
    limit = models.CharField(_("limits and exceptions"), max_length=300, blank=True)
    objection_within = models.CharField(
        _("objection"), max_length=300, blank=True, help_text=_("Window, start of the clock, form and effect.")
    )
    engagements = models.ManyToManyField(
        Engagement, blank=True, related_name="authorisations", verbose_name=_("engagements")
    )
    activities = models.ManyToManyField(
        ProcessingActivity, blank=True, related_name="authorisations", verbose_name=_("activities")
    )

    class Meta(Entry.Meta):
        verbose_name = _("authorisation")
        verbose_name_plural = _("authorisations")

    def __str__(self) -> str:
        return str(self.get_kind_display())


@tracked()
class ContractTerm(Entry):
    """A term of the contract with the controllers or with a processor, by the clause of art. 28(3) it answers."""

    class Clause(models.TextChoices):
        SUBJECT_MATTER = "subject_matter", _("subject-matter, duration, nature (28(3))")
        INSTRUCTIONS = "instructions", _("documented instructions (28(3)(a))")
        CONFIDENTIALITY = "confidentiality", _("confidentiality (28(3)(b))")
        SECURITY = "security", _("security (28(3)(c))")
        SUB_PROCESSORS = "sub_processors", _("sub-processors (28(3)(d))")
        RIGHTS_ASSISTANCE = "rights_assistance", _("help with requests (28(3)(e))")
        ASSISTANCE = "assistance", _("help with art. 32 to 36 (28(3)(f))")
        END_OF_CONTRACT = "end_of_contract", _("deletion or return (28(3)(g))")
        AUDIT = "audit", _("information and audits (28(3)(h))")
        BREACH_NOTICE = "breach_notice", _("notice of breaches (33(2))")
        RECORD = "record", _("record of processing (30)")
        NO_FURTHER_USE = "no_further_use", _("no use of its own, no disclosure")
        CONTACT_PERSON = "contact_person", _("contact person of the contract")
        CLIENT_DUTIES = "client_duties", _("duties of the controller")

    clause = models.CharField(_("clause"), max_length=30, choices=Clause)
    description = models.CharField(_("what is promised"), max_length=400)
    activities = models.ManyToManyField(
        ProcessingActivity, blank=True, related_name="contract_terms", verbose_name=_("activities")
    )

    class Meta(Entry.Meta):
        verbose_name = _("contract term")
        verbose_name_plural = _("contract terms")

    def __str__(self) -> str:
        return str(self.get_clause_display())


@tracked()
class Certification(Entry):
    """A certification claimed for an organisation, with its scope (art. 28(5), 42)."""

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="certifications", verbose_name=_("organisation")
    )
    name = models.CharField(_("standard"), max_length=100)
    scope = models.CharField(_("scope"), max_length=300, blank=True)

    class Meta(Entry.Meta):
        verbose_name = _("certification")
        verbose_name_plural = _("certifications")

    def __str__(self) -> str:
        return self.name
