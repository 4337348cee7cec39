"""Single sign-on (OpenID Connect): an identity opens the account with its verified address, and never makes one."""

import time
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect import views as openid
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from foundation.accounts.models import User

PROVIDER = "oidc"  # the one provider; its name stands in the address that the provider calls back


def sign_in_address() -> str:
    """Return the address at which signing in with the identity provider begins."""
    return reverse("openid_connect_login", args=[PROVIDER])


class IdentityAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """What allauth asks about identities from elsewhere."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the account of this identity, or refuse it: by its address the first time, bound to it from then on."""
        address = verified_address(sociallogin.account.extra_data)
        user = User.objects.with_address(address) if address else None
        bound = sociallogin.account if sociallogin.account.pk else None
        if user is None or (bound and bound.user_id != user.pk) or (not bound and is_bound(user)):
            raise ImmediateHttpResponse(render(request, "account/identity_refused.html", status=403))
        if request.user.is_authenticated and not proved_recently(sociallogin.account.extra_data):
            raise ImmediateHttpResponse(render(request, "account/identity_failed.html", status=401))
        sociallogin.user = sociallogin.account.user = user
        sociallogin.account.extra_data = {}  # who vouches is enough; what they tell about the person is not kept
        sociallogin.account.save()

    def on_authentication_error(self, request: HttpRequest, provider: Any, **told: Any) -> None:
        """Say what happened on a page of ours; the reason stands in the log of the identity provider."""
        raise ImmediateHttpResponse(render(request, "account/identity_failed.html", status=401))


def verified_address(told: dict[str, Any]) -> str:
    """Return the address that the provider says is verified, or nothing."""
    claims = told.get("userinfo") or told.get("id_token") or {}
    address = claims.get("email")
    return address if claims.get("email_verified") is True and isinstance(address, str) else ""


def proved_recently(told: dict[str, Any]) -> bool:
    """Whether the provider asked this person who they are a moment ago, and did not only remember them."""
    at = (told.get("id_token") or {}).get("auth_time")
    return isinstance(at, int) and time.time() - at < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def is_bound(user: User) -> bool:
    """Whether another identity opened this account before: an address may pass to another person, an account not."""
    return bool(SocialAccount.objects.filter(user=user, provider=PROVIDER).exists())


def forget_identity(user: User) -> None:
    """Unbind the account of this person from its identity."""
    SocialAccount.objects.filter(user=user, provider=PROVIDER).delete()


class SignedIdentity(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """An identity token is believed for its signature only, also when it came over TLS."""

    def _decode_id_token(self, app: SocialApp, id_token: str) -> Any:
        return jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> SocialLogin:
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("the provider sent no identity token")
        login = super().complete_login(request, app, token, **kwargs)
        told = login.account.extra_data
        if "userinfo" in told and told["userinfo"].get("sub") != told["id_token"].get("sub"):
            raise OAuth2Error("the identity token and the user's page speak of two people")
        return login


@login_not_required
@require_safe
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where signing in with the identity provider begins; of what the address says, only where to go on counts."""
    asked = QueryDict(mutable=True)
    if "next" in request.GET:
        asked["next"] = request.GET["next"]
    if request.user.is_authenticated:  # who confirms proves it to the provider too: its open session is not enough
        asked["auth_params"] = "prompt=login&max_age=0"
    request.GET = asked  # type: ignore[assignment]
    answer: HttpResponse = openid.login(request, provider_id)
    return answer


@login_not_required
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where the identity provider sends people back."""
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(SignedIdentity(request, provider_id))(request)
    except SocialApp.DoesNotExist as unknown:
        raise Http404 from unknown
    return answer
