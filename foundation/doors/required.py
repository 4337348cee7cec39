"""Whoever has a second factor used it in this session; whoever needs one for a role and has none sets one up first."""

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.api.problems import is_api, problem
from foundation.doors.factors import has_second_factor
from foundation.doors.recent import confirm_address, used_second_factor

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
PROVING: Final = frozenset(  # what a person needs to show the one there is, or to leave
    {"account_logout", "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
)


def is_required(user: User) -> bool:
    """Whether one of this person's roles asks for a second factor."""
    return bool(settings.SECOND_FACTOR_ROLES & set(user.roles_by_register().values()))


class SecondFactorMiddleware:
    """No page opens before the second factor is there and was used; requests that carry a token sign in elsewhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        user = request.user
        if not isinstance(user, User) or not user.is_authenticated:
            return None
        required = bool(settings.SECOND_FACTOR_ROLES) and is_required(user)
        used = used_second_factor(request)
        if used and not required:
            return None
        has = has_second_factor(user)
        name = request.resolver_match.view_name if request.resolver_match else ""
        needs_proof = has and not used and name not in PROVING
        needs_factor = required and not has and name not in OPEN
        if (needs_proof or needs_factor) and is_api(request):
            return problem(
                403, "second_factor_needed", _("Sign in with a second factor first, or show a service token.")
            )
        if needs_proof:
            return HttpResponseRedirect(confirm_address(request, None if request.method == "GET" else reverse("home")))
        if needs_factor:
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return None
