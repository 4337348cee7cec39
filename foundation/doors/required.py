"""Some roles sign in with a second factor: whoever has such a role and none is led to set one up first."""

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from foundation.accounts.models import User
from foundation.doors.factors import has_second_factor

OPEN: Final = frozenset(  # what a person needs to set one up, or to leave
    {
        "account_logout",
        "account_reauthenticate",
        "account_set_password",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "openid_connect_login",
        "openid_connect_callback",
    }
)


def is_required(user: User) -> bool:
    """Whether one of this person's roles asks for a second factor."""
    return bool(settings.SECOND_FACTOR_ROLES & set(user.roles_by_register().values()))


class SecondFactorMiddleware:
    """No page opens before the second factor is there; requests that carry a token sign in elsewhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        user = request.user
        if not isinstance(user, User) or not user.is_authenticated or not settings.SECOND_FACTOR_ROLES:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in OPEN or not is_required(user) or has_second_factor(user):
            return None
        return HttpResponseRedirect(reverse("mfa_activate_totp"))
