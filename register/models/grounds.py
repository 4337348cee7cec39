"""Legal bases (art. 6(1)), the claims a policy makes about them, and how consent is asked (art. 7)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.history import tracked
from register.models.activities import ProcessingActivity, Purpose
from register.models.base import Entry


class Basis(models.TextChoices):
    """The six bases of art. 6(1)."""

    CONSENT = "consent", _("consent (art. 6(1)(a))")
    CONTRACT = "contract", _("contract (art. 6(1)(b))")
    LEGAL_OBLIGATION = "legal_obligation", _("legal obligation (art. 6(1)(c))")
    VITAL_INTERESTS = "vital_interests", _("vital interests (art. 6(1)(d))")
    PUBLIC_TASK = "public_task", _("public task (art. 6(1)(e))")
    LEGITIMATE_INTERESTS = "legitimate_interests", _("legitimate interests (art. 6(1)(f))")


@tracked()
class LegalBasis(Entry):
    """A basis claimed for an activity; without a purpose it stays unallocated, as in the policy."""

    activity = models.ForeignKey(
        ProcessingActivity, models.CASCADE, related_name="legal_bases", verbose_name=_("activity")
    )
    basis = models.CharField(_("legal basis"), max_length=30, choices=Basis)
    purpose = models.ForeignKey(
        Purpose,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="bases",
        verbose_name=_("purpose"),
        help_text=_("Empty: the policy does not say for which purpose."),
    )
    interest = models.CharField(
        _("legitimate interest pursued"), max_length=300, blank=True, help_text=_("Art. 13(1)(d), 14(2)(b).")
    )

    class Meta(Entry.Meta):
        verbose_name = _("legal basis")
        verbose_name_plural = _("legal bases")
        constraints = [
            models.CheckConstraint(condition=models.Q(basis__in=Basis.values), name="legalbasis_basis_is_known")
        ]

    def __str__(self) -> str:
        return str(self.get_basis_display())


@tracked()
class LegalBasisClaim(Entry):
    """What the policy claims about the bases of all or some processing, without attaching them to a purpose."""

    class Quantifier(models.TextChoices):
        ONLY = "only", _("only this one")
        AT_LEAST_ONE = "at_least_one", _("at least one of these")
        AND_OR = "and_or", _("these, together or alternatively")
        ALL = "all", _("this one for everything")

    quantifier = models.CharField(_("extent of the claim"), max_length=20, choices=Quantifier)
    bases = ArrayField(models.CharField(max_length=30, choices=Basis), verbose_name=_("legal bases"))
    scope = models.CharField(_("for what"), max_length=300, blank=True)
    interest = models.CharField(_("legitimate interest pursued"), max_length=300, blank=True)
    activities = models.ManyToManyField(
        ProcessingActivity,
        blank=True,
        related_name="legal_basis_claims",
        verbose_name=_("activities"),
        help_text=_("Empty: the whole register."),
    )

    class Meta(Entry.Meta):
        verbose_name = _("claim about legal bases")
        verbose_name_plural = _("claims about legal bases")

    def __str__(self) -> str:
        return f"{self.get_quantifier_display()}: {', '.join(str(Basis(basis).label) for basis in self.bases)}"


@tracked()
class Consent(Entry):
    """How consent is asked for, proved and withdrawn (art. 4(11), 7)."""

    class Mechanism(models.TextChoices):
        EXPRESS_ACT = "express_act", _("express act")
        POLICY_ACCEPTANCE = "policy_acceptance", _("acceptance of the policy")
        MERE_VISIT = "mere_visit", _("mere visit or use")
        BANNER = "banner", _("banner")
        SETTINGS = "settings", _("settings of the browser or terminal")
        REGISTRATION = "registration", _("registration")

    mechanism = models.CharField(_("mechanism"), max_length=20, choices=Mechanism, blank=True)
    scope = models.CharField(_("consent to what"), max_length=300, blank=True)
    moment = models.CharField(_("moment"), max_length=200, blank=True)
    proof = models.CharField(_("proof"), max_length=200, blank=True)
    refusal = models.CharField(_("effect of a refusal"), max_length=300, blank=True)
    withdrawal = models.CharField(_("withdrawal"), max_length=300, blank=True)
    activities = models.ManyToManyField(
        ProcessingActivity, blank=True, related_name="consents", verbose_name=_("activities")
    )

    class Meta(Entry.Meta):
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self) -> str:
        return self.scope or str(self.get_mechanism_display())
