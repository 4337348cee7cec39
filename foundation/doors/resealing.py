"""The secrets of second factors, as the keys see them: sealed texts within allauth's JSON."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from foundation.doors.factors import STORED
from foundation.keys.columns import Change, SealedField, text_changed


class FactorSecrets(SealedField):
    """The secret of a one-time code and the seed of recovery codes; a passkey has nothing to hide."""

    def rows(self) -> QuerySet[Any]:
        sealed_types = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
        return super().rows().filter(type__in=sealed_types)

    def change(self, row: Any, by: Change) -> None:
        for name in ("secret", "seed"):
            if name in row.data:
                row.data[name] = text_changed(row.data[name], STORED, by)


FACTOR_SECRETS = FactorSecrets(Authenticator, "data")
