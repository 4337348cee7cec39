"""What happens to service tokens: made, shown once, recognised, revoked."""

import hashlib
import re
import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.accounts.models import User
from foundation.accounts.tokens import LONGEST_LIFE, ServiceToken
from foundation.errors import RuleViolation
from foundation.evidence.models import Event
from foundation.evidence.record import record

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
PREFIX_LENGTH = 8
SECRET_BYTES = 32
SHAPE = re.compile(r"greffier_([a-z0-9]{8})_([A-Za-z0-9_-]{43})", re.ASCII)


class TokenLife(RuleViolation):
    """A token ends after its making, and within a year."""

    code = "token_life"

    def __init__(self) -> None:
        super().__init__(_("A token works for a year at most: choose a day between tomorrow and a year from now."))


class TokenScope(RuleViolation):
    """A token opens something, and never more than its maker can."""

    code = "token_scope"

    def __init__(self) -> None:
        super().__init__(_("Choose at least one scope, and only what you may do in this register yourself."))


class NotRecognised(RuleViolation):
    """What was shown opens nothing; `is_known` says that the secret was right and the token is not."""

    def __init__(self, code: str, detail: "str | Promise", *, is_known: bool = False) -> None:
        super().__init__(detail)
        self.code, self.is_known = code, is_known


@transaction.atomic
def make(token: ServiceToken, *, by: User, at: datetime) -> str:
    """Save the token and return its text, which is shown this once and kept nowhere."""
    if not at < token.expires_at <= at + LONGEST_LIFE:
        raise TokenLife
    if not token.scopes or not all(_has_itself(by, scope, token) for scope in token.scopes):
        raise TokenScope
    secret = secrets.token_urlsafe(SECRET_BYTES)
    token.prefix = "".join(secrets.choice(LETTERS) for _letter in range(PREFIX_LENGTH))
    token.secret_hash = _hash(secret)
    token.made_at, token.made_by = at, by
    token.save(force_insert=True)
    details = {"scopes": sorted(token.scopes), "expires_at": token.expires_at.isoformat(timespec="seconds")}
    record(Event.Verb.TOKEN_MADE, token, register=token.register, actor=by, at=at, details=details)
    return f"{token.shown_prefix}_{secret}"


@transaction.atomic
def revoke(token_id: int, *, by: User, at: datetime) -> ServiceToken:
    """End a token now and for good; revoking it once more changes nothing."""
    token = ServiceToken.objects.select_for_update().get(pk=token_id)
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        details = {"scopes": sorted(token.scopes)}
        record(Event.Verb.TOKEN_REVOKED, token, register=token.register, actor=by, at=at, details=details)
    return token


def recognise(text: str, *, address: str, at: datetime) -> ServiceToken:
    """Return the token of this text, if it works now and from there; note the day of its use."""
    shown = SHAPE.fullmatch(text)
    prefix, secret = shown.groups() if shown else ("", "")
    token = ServiceToken.objects.select_related("register").filter(prefix=prefix).first() if prefix else None
    if not constant_time_compare(_hash(secret), token.secret_hash if token else "") or token is None:
        raise NotRecognised("token_unknown", _("This token is not known: have one made in Greffier."))
    if token.revoked_at is not None:
        raise NotRecognised("token_revoked", _("This token was revoked: have another one made in Greffier."))
    if not token.works_at(at):
        raise NotRecognised("token_expired", _("This token has expired: have another one made in Greffier."))
    if not token.accepts(address):
        raise NotRecognised(
            "token_network",
            _("This token does not work from your network: have one made that names it."),
            is_known=True,
        )
    _note_use(token, at)
    return token


def _note_use(token: ServiceToken, at: datetime) -> None:
    today = timezone.localdate(at)
    if token.last_used_on != today:
        unsaid = Q(last_used_on=None) | Q(last_used_on__lt=today)
        ServiceToken.objects.filter(unsaid, pk=token.pk).update(last_used_on=today)


def _has_itself(by: User, scope: str, token: ServiceToken) -> bool:
    resource, verb = permissions.SCOPES.get(scope, (None, ""))
    return permissions.allows(by.roles_by_register().get(token.register_id, ""), resource, verb)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
