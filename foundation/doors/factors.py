"""Second factors as allauth sees them: whose, sealed how, and whether a person has one."""

from typing import Any, ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.keys import vault

REAL = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes stand in for one of these

STORED = vault.Place("mfa_authenticator", "data")


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What allauth asks about second factors."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not valid now. Type the one that your phone shows at this moment."),
    }

    def generate_authenticator_name(self, user: Any, type: str) -> str:  # noqa: A002 - allauth's signature
        number: int = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey %d") % number

    def build_totp_svg(self, url: str) -> str:
        """Return the picture as markup for inside the page: the policy lets no data: address in."""
        svg: str = super().build_totp_svg(url)
        return svg[svg.index("<svg") :]

    def encrypt(self, text: str) -> str:
        """Seal what opens an account before it is stored; allauth tells no row, so it stands in row 0."""
        return vault.seal_text(text, key=vault.data_key("account"), place=STORED)

    def decrypt(self, encrypted_text: str) -> str:
        return vault.open_text(encrypted_text, place=STORED)


def has_second_factor(user: User) -> bool:
    """Whether this person signs in with more than a password."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=REAL).exists())


def count_all(user: User) -> int:
    """Return how many second factors a person has; the recovery codes are one."""
    return int(Authenticator.objects.filter(user_id=user.pk).count())


def remove_all(user: User) -> int:
    """Remove every second factor of a person, recovery codes too; return how many there were."""
    return int(Authenticator.objects.filter(user_id=user.pk).delete()[0])
