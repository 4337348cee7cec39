"""Service tokens: what a programme shows to read one register through the API."""

import ipaddress
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.accounts.models import Register, User

LONGEST_LIFE = timedelta(days=366)


def validate_network(text: str) -> None:
    """Refuse what is not a network in CIDR notation."""
    try:
        ipaddress.ip_network(text)
    except ValueError as fault:
        raise ValidationError(
            _("“%(text)s” is no network: write it like 192.0.2.0/24, 2001:db8::/32 or 192.0.2.7."),
            params={"text": text},
        ) from fault


class ServiceTokenQuerySet(models.QuerySet["ServiceToken"]):
    def visible_to(self, user: "Caller") -> Self:
        """The tokens of the registers whose tokens this person keeps."""
        return self.filter(register__in=permissions.registers_readable(user, self.model))


class ServiceToken(models.Model):
    """The right of one programme in one register, until a day; the secret itself is kept nowhere.

    A token is a caller of the API, as a person is: `visible_to` and `permissions.may` take either.
    """

    access_resource: ClassVar[str] = permissions.SERVICE_TOKENS
    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False
    is_active: ClassVar[bool] = True

    register = models.ForeignKey(
        Register, models.CASCADE, related_name="service_tokens", editable=False, verbose_name=_("register")
    )
    name = models.CharField(
        _("name"), max_length=100, help_text=_("Which programme uses it. Name no person: it stands in lists.")
    )
    prefix = models.CharField(_("prefix"), max_length=8, unique=True, editable=False)
    secret_hash = models.CharField(_("hash of the secret"), max_length=64, editable=False)
    scopes = ArrayField(models.CharField(max_length=40, choices=permissions.SCOPE_CHOICES), verbose_name=_("scopes"))
    networks = ArrayField(
        models.CharField(max_length=43, validators=[validate_network]),
        verbose_name=_("networks"),
        default=list,
        blank=True,
        help_text=_("One on each line, like 192.0.2.0/24. Empty: the token works from everywhere."),
    )
    expires_at = models.DateTimeField(_("works until"))
    last_used_on = models.DateField(_("last used on"), null=True, editable=False)
    made_at = models.DateTimeField(_("made at"), editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("made by"),
    )
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)

    objects = ServiceTokenQuerySet.as_manager()

    class Meta:
        app_label = "foundation"
        verbose_name = _("service token")
        verbose_name_plural = _("service tokens")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(scopes__len__gt=0), name="service_token_has_a_scope"),
            models.CheckConstraint(
                condition=models.Q(expires_at__lte=models.F("made_at") + LONGEST_LIFE),
                name="service_token_lives_a_year_at_most",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.shown_prefix})"

    @property
    def shown_prefix(self) -> str:
        """What tells this token from others without giving it away."""
        return f"greffier_{self.prefix}"

    def allows(self, resource: str | None, verb: str) -> bool:
        """Whether one of its scopes opens this."""
        return any(permissions.SCOPES.get(scope) == (resource, verb) for scope in self.scopes)

    def works_at(self, now: datetime) -> bool:
        """Whether it is neither revoked nor past its day."""
        return self.revoked_at is None and now < self.expires_at

    def accepts(self, address: str) -> bool:
        """Whether a client at this address may use it."""
        if not self.networks:
            return True
        try:
            client = ipaddress.ip_address(address)
        except ValueError:
            return False
        client = getattr(client, "ipv4_mapped", None) or client
        return any(client in ipaddress.ip_network(network) for network in self.networks)


Caller = User | ServiceToken
