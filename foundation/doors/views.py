"""The pages of doors: allauth's views, with evidence in the transaction of the act and a new session key after it."""

import json
from typing import Any

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context as current
from allauth.core.internal.ratelimit import get_ip
from allauth.core.ratelimit import consume, consume_or_429
from allauth.mfa.base import views as codes
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from fido2.webauthn import AuthenticationResponse

from foundation.doors import letters
from foundation.doors.emptying import end_all
from foundation.doors.headers import forget_everything
from foundation.doors.identity import sign_in_address
from foundation.doors.recent import recently_authenticated, rotate
from foundation.doors.required import is_required
from foundation.evidence.models import Event
from foundation.members import tell_account


class Told:
    """A form whose success is evidence, appended in the same transaction."""

    verb: Event.Verb
    request: Any

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
            owner = getattr(self, "reset_user", None) or self.request.user
            tell_account(self.verb, owner, actor=owner)
        return response


class Rotating:
    """A form after which one may do more than before: the session gets another key."""

    request: Any

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        if self.request.user.is_authenticated:
            rotate(self.request)
        return response


class Adding:
    """A second factor that was added is one that this session used; the others were opened without it, and end."""

    request: Any

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        record_authentication(self.request, self.request.user, "mfa", added=True)
        end_all(self.request.user, but=self.request.session.session_key)
        return response


class PasskeysOnly:
    """A page that stands where passkeys are switched on."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.PASSKEYS:
            raise Http404
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response


class SignIn(account.LoginView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        identity = {"name": settings.OIDC_NAME, "address": sign_in_address()} if settings.OIDC_ISSUER else None
        return {**super().get_context_data(**kwargs), "identity": identity}


@method_decorator(login_not_required, name="dispatch")
class SignOut(account.LogoutView):  # type: ignore[misc]
    """Also for someone who stands before the second factor and turns back."""

    http_method_names = ["post"]

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return forget_everything(super().post(*args, **kwargs))


class ChangePassword(Told, account.PasswordChangeView):  # type: ignore[misc]
    verb = Event.Verb.PASSWORD_CHANGED
    success_url = reverse_lazy("account")


@method_decorator(recently_authenticated, name="dispatch")
class SetPassword(Told, account.PasswordSetView):  # type: ignore[misc]
    verb = Event.Verb.PASSWORD_CHANGED
    success_url = reverse_lazy("account")


class AskForReset(account.PasswordResetView):  # type: ignore[misc]
    """Ask for a new password: the same page, in the same time, whether or not the address is known."""

    def form_valid(self, form: Any) -> HttpResponse:
        request, write, address = self.request, form.save, form.cleaned_data["email"].lower()
        too_many: HttpResponse | None = consume_or_429(
            request, action="reset_password_asked", key=f"{address}|{get_ip(request)}"
        )
        if too_many:
            return too_many
        form.save = lambda _request: None
        response: HttpResponse = super().form_valid(form)

        def send() -> None:
            # in silence: who asks from everywhere floods no mailbox, and keeps nobody from the mails there are
            if not consume(request, action="reset_password_mailed", key=address):
                return
            with current.request_context(request):
                write(request)

        if response.status_code == 302:  # not the page that says “too many”
            letters.afterwards(response, send)
        return response


class NewPassword(Told, account.PasswordResetFromKeyView):  # type: ignore[misc]
    verb = Event.Verb.PASSWORD_CHANGED

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        get_adapter().forget_failures(self.request, self.reset_user)
        return response


class Confirm(Rotating, account.ReauthenticateView):  # type: ignore[misc]
    """Confirm with the password."""


class ConfirmCode(Rotating, codes.ReauthenticateView):  # type: ignore[misc]
    """Confirm with a code."""


class ConfirmPasskey(PasskeysOnly, Rotating, webauthn.ReauthenticateWebAuthnView):  # type: ignore[misc]
    """Confirm with a passkey."""


class AddApplication(Told, Rotating, Adding, totp.ActivateTOTPView):  # type: ignore[misc]
    verb = Event.Verb.SECOND_FACTOR_ADDED

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        data = super().get_context_data(**kwargs)
        secret = data["form"].secret
        groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        required = is_required(self.request.user)
        return {**data, "secret": groups, "required": required, "passkeys": settings.PASSKEYS}


class RemoveApplication(Told, Rotating, totp.DeactivateTOTPView):  # type: ignore[misc]
    verb = Event.Verb.SECOND_FACTOR_REMOVED


class RenewCodes(Told, Rotating, recovery.GenerateRecoveryCodesView):  # type: ignore[misc]
    verb = Event.Verb.RECOVERY_CODES_RENEWED


class AddPasskey(PasskeysOnly, Told, Rotating, Adding, webauthn.AddWebAuthnView):  # type: ignore[misc]
    verb = Event.Verb.SECOND_FACTOR_ADDED


class RemovePasskey(PasskeysOnly, Told, Rotating, webauthn.RemoveWebAuthnView):  # type: ignore[misc]
    verb = Event.Verb.SECOND_FACTOR_REMOVED

    def get_success_url(self) -> str:
        return reverse("account")


@method_decorator(login_not_required, name="dispatch")
class SignInWithPasskey(PasskeysOnly, webauthn.LoginWebAuthnView):  # type: ignore[misc]
    """Sign in with a passkey alone: one that was made for it, and that asked for its owner this time."""

    def form_valid(self, form: Any) -> HttpResponse:
        # allauth takes a challenge of the second step too, where no passkey has to ask for its owner
        answer = AuthenticationResponse.from_dict(json.loads(self.request.POST["credential"]))
        alone = form.cleaned_data["credential"].wrap().is_passwordless
        if not (alone and answer.response.authenticator_data.is_user_verified()):
            form.add_error("credential", get_adapter().error_messages["incorrect_passkey"])
            refused: HttpResponse = self.form_invalid(form)
            return refused
        response: HttpResponse = super().form_valid(form)
        return response
