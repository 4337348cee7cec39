"""Accounts as allauth sees them: an address and a password, no sign-up, limits that lock nobody else out."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from allauth.core.internal.ratelimit import get_ip
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.doors import letters
from foundation.doors.factors import has_second_factor
from foundation.doors.identity import sign_in_address


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """What allauth asks about accounts."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "This address and password do not go together. Check both; capitals count in the password."
        ),
        "too_many_login_attempts": _(
            "Too many attempts that failed. Wait five minutes, or ask for a new password by e-mail."
        ),
        "rate_limited": _("Too many attempts. Wait a few minutes, then try again."),
        "incorrect_code": _("This code is not valid now. Type the one that your phone shows at this moment."),
        "incorrect_passkey": _("This passkey does not open the account alone. Sign in with your password first."),
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your current password."),
        "invalid_password_reset": _("This link is not valid any more. Ask for a new one."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # people are added by administrators and operators

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count failures by address *and* place: who guesses from elsewhere locks out nobody but themselves."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}|{get_ip(request)}"

    def forget_failures(self, request: HttpRequest, user: User) -> None:
        """Open the place again that failures had closed: this person chose a new password there."""
        self._delete_login_attempts_cached_email(request, email=user.email)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if isinstance(user, User) and has_second_factor(user):  # a password that was found out proves nothing more
            return [method for method in methods if method["id"].startswith("mfa_")]
        if settings.OIDC_ISSUER and SocialAccount.objects.filter(user_id=user.pk).exists():
            name = gettext("Sign in with %s once more") % settings.OIDC_NAME
            methods.append({"id": "identity", "description": name, "url": sign_in_address()})
        return methods

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever signed in a moment ago has proved who they are: allauth would ask once more."""
        from foundation.doors.recent import TIME_TO_FILL_IN_SECONDS, is_recent

        more = TIME_TO_FILL_IN_SECONDS if current.request.method == "POST" else 0
        return not is_recent(current.request, settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + more)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the mail in the language of its reader."""
        reader = User.objects.with_address(email)
        language = (reader and reader.language) or settings.LANGUAGE_CODE
        with translation.override(language):
            mail = self.render_mail(template_prefix, email, {"request": current.request, **context})
        letters.hand_over(mail)
