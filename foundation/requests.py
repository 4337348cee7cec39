"""Request types: who is behind a request is known once the login middleware has let it pass."""

from django.http import HttpRequest

from foundation.accounts.models import User


class SignedInRequest(HttpRequest):
    user: User
