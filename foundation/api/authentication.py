"""Who calls: a programme with its service token, or a person with their session."""

from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from foundation import tokens
from foundation.accounts.tokens import Caller, ServiceToken
from foundation.api.problems import NotAllowed


class BearerAuthentication(BaseAuthentication):
    """A service token in the Authorization header, and nowhere else."""

    def authenticate(self, request: Request) -> tuple[ServiceToken, ServiceToken] | None:
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            token = tokens.recognise(text.strip(), address=client_address(request._request), at=timezone.now())
        except tokens.NotRecognised as refusal:
            if refusal.is_known:
                raise NotAllowed(refusal.code, refusal.detail) from refusal
            raise exceptions.AuthenticationFailed(str(refusal.detail), refusal.code) from refusal
        return token, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Greffier"'


def client_address(request: HttpRequest) -> str:
    """Return the address of the client: behind a proxy, the one that the proxy itself added."""
    if settings.SECURE_PROXY_SSL_HEADER is None:
        return str(request.META.get("REMOTE_ADDR", ""))
    return str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()


def caller(request: Request) -> Caller:
    """Return who calls; the permission classes have let nobody else pass."""
    return cast("Caller", request.user)
