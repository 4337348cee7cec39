"""Transfers to third countries (art. 44-49, 30(1)(e), 30(2)(c)): where, to whom, under which safeguard."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.history import tracked
from register.models import Organisation, ProcessingActivity
from register.models.base import Entry


@tracked()
class Transfer(Entry):
    """A transfer, or the declaration that there is none; the safeguard's dates let any day be asked about."""

    class Destination(models.TextChoices):
        COUNTRY = "country", _("a country")
        REGION = "region", _("a region, not a country")
        UNKNOWN_COUNTRY = "unknown_country", _("a foreign country, not named")
        ZONES = "zones", _("zones (EU, EEA, adequate countries)")
        NONE_DECLARED = "none_declared", _("none (declared)")

    class Safeguard(models.TextChoices):
        ADEQUACY = "adequacy", _("adequacy decision (art. 45)")
        PRIVACY_SHIELD = "privacy_shield", _("Privacy Shield")
        STANDARD_CLAUSES = "standard_clauses", _("standard contractual clauses (art. 46(2)(c))")
        APPROPRIATE = "appropriate", _("appropriate safeguards (art. 46), not specified")

    class Permission(models.TextChoices):
        PRIOR_INFORMATION = "prior_information", _("after informing the client")
        PRIOR_AUTHORISATION = "prior_authorisation", _("after authorisation by the client")

    destination_kind = models.CharField(_("destination"), max_length=20, choices=Destination)
    destination = models.CharField(_("destination in words"), max_length=200, blank=True)
    country = models.CharField(_("country (ISO code)"), max_length=2, blank=True)
    recipient = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("recipient")
    )
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    data = models.CharField(_("data"), max_length=300, blank=True)
    safeguard = models.CharField(_("safeguard"), max_length=30, choices=Safeguard, blank=True)
    safeguard_valid_from = models.DateField(_("safeguard valid from"), null=True, blank=True)
    safeguard_valid_until = models.DateField(
        _("safeguard valid until"), null=True, blank=True, help_text=_("Last day on which it held.")
    )
    permission = models.CharField(_("permission"), max_length=30, choices=Permission, blank=True)
    activities = models.ManyToManyField(
        ProcessingActivity, blank=True, related_name="transfers", verbose_name=_("activities")
    )

    class Meta(Entry.Meta):
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(safeguard_valid_from__isnull=True)
                | models.Q(safeguard_valid_until__isnull=True)
                | models.Q(safeguard_valid_from__lte=models.F("safeguard_valid_until")),
                name="transfer_safeguard_dates_in_order",
                violation_error_code="order",
                violation_error_message=_("The safeguard ends before it begins."),
            )
        ]

    def __str__(self) -> str:
        return self.destination or self.country or str(self.get_destination_kind_display())
