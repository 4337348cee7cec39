"""The parties (art. 4(7)-(10), 30(1)(a), 30(2)(a)): organisations, where they are, how to reach them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.history import tracked
from register.models.base import Entry, ReferencedEntry


@tracked(never=("legal_representative", "union_representative", "data_protection_officer"))
class Organisation(ReferencedEntry):
    """A party as the policy names it: a legal person, a brand, a category without names, or a mere designation."""

    class Nature(models.TextChoices):
        LEGAL_PERSON = "legal_person", _("legal person")
        BRAND = "brand", _("brand or service name, legal entity not given")
        CATEGORY = "category", _("category of organisations, not named")
        DESIGNATION = "designation", _("designated by its part only, not named")
        AUTHORITY = "authority", _("authority")

    name = models.CharField(_("name"), max_length=200, blank=True)
    designation = models.CharField(
        _("designation in the policy"), max_length=200, blank=True, help_text=_("The words that stand for the party.")
    )
    nature = models.CharField(_("nature"), max_length=20, choices=Nature, blank=True)
    legal_form = models.CharField(_("legal form"), max_length=100, blank=True)
    capital_euros = models.PositiveBigIntegerField(_("share capital (€)"), null=True, blank=True)
    registration_number = models.CharField(_("registration number"), max_length=60, blank=True)
    registration_place = models.CharField(_("place of registration"), max_length=100, blank=True)
    activity_code = models.CharField(_("activity code (APE)"), max_length=10, blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True)
    founded_in = models.PositiveSmallIntegerField(_("founded in (year)"), null=True, blank=True)
    former_name = models.CharField(_("former name"), max_length=200, blank=True)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="subsidiaries", verbose_name=_("parent company")
    )
    parent_share_percent = models.DecimalField(
        _("share held by the parent (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    legal_representative = models.CharField(
        _("legal representative"),
        max_length=150,
        blank=True,
        help_text=_(
            "The officer who represents the company; the function is enough. Not the representative of art. 27."
        ),
    )
    union_representative = models.CharField(
        _("representative in the Union (art. 27)"),
        max_length=200,
        blank=True,
        help_text=_("Only for an organisation established outside the Union: art. 30(1)(a), 30(2)(a)."),
    )

    data_protection_officer = models.CharField(
        _("data protection officer"),
        max_length=200,
        blank=True,
        help_text=_(
            "Who it is: the function or the company; how to reach them stands among the contacts (art. 37(7))."
        ),
    )

    class Meta(ReferencedEntry.Meta):
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return self.name or self.designation or self.ref


@tracked()
class Address(Entry):
    """One address of an organisation, with what it serves for (R: several per party, each with a function)."""

    class Function(models.TextChoices):
        SEAT = "seat", _("registered office")
        REQUESTS = "requests", _("correspondence and requests")
        REPRESENTATIVE = "representative", _("address of the representative")
        SERVICE = "service", _("place of the service")
        UNSPECIFIED = "unspecified", _("function not stated")

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="addresses", verbose_name=_("organisation")
    )
    function = models.CharField(_("serves for"), max_length=20, choices=Function)
    street = models.CharField(_("street"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    locality = models.CharField(_("town"), max_length=100, blank=True)
    country = models.CharField(_("country (ISO code)"), max_length=2, blank=True)

    class Meta(Entry.Meta):
        verbose_name = _("address")
        verbose_name_plural = _("addresses")

    def __str__(self) -> str:
        return ", ".join(part for part in (self.street, f"{self.postcode} {self.locality}".strip()) if part)


@tracked(never=("value",))
class Contact(Entry):
    """One way to reach an organisation, and for what; the mailbox may belong to another organisation."""

    class Function(models.TextChoices):
        GENERAL = "general", _("general contact")
        DPO = "dpo", _("data protection officer")
        SECURITY = "security", _("security reports")
        SUPPORT = "support", _("support")

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("telephone")
        POST = "post", _("post")
        WEB = "web", _("website")
        TOOL = "tool", _("ticket tool")

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="contacts", verbose_name=_("organisation")
    )
    function = models.CharField(_("serves for"), max_length=20, choices=Function)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    value = models.CharField(_("address or number"), max_length=200)
    held_by = models.ForeignKey(
        Organisation,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("held by"),
        help_text=_(
            "The other organisation whose domain or premises it is, as with a group's data protection officer."
        ),
    )

    class Meta(Entry.Meta):
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self) -> str:
        return f"{self.get_function_display()}: {self.value}"
