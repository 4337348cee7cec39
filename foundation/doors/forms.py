"""allauth's forms with labels of ours: one name per field, beside it and not inside it."""

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as codes
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import Register


class Labelled:
    """A form whose fields are called as we call them."""

    labels: ClassVar[dict[str, Any]] = {}
    helps: ClassVar[dict[str, Any]] = {}
    first: ClassVar[str] = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, forms.Field] = self.fields  # type: ignore[attr-defined]
        for name, field in fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, field.help_text)
        if self.first:
            fields[self.first].widget.attrs["autofocus"] = True


class SignIn(Labelled, account.LoginForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {"login": _("E-mail address"), "password": _("Password")}
    helps: ClassVar[dict[str, Any]] = {"password": ""}
    first = "login"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ChangePassword(Labelled, account.ChangePasswordForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("New password, once more"),
    }
    helps: ClassVar[dict[str, Any]] = {"oldpassword": ""}


class SetPassword(Labelled, account.SetPasswordForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {"password1": _("New password"), "password2": _("New password, once more")}


class NewPassword(Labelled, account.ResetPasswordKeyForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {"password1": _("New password"), "password2": _("New password, once more")}


class AskForReset(Labelled, account.ResetPasswordForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {"email": _("E-mail address")}
    first = "email"


class ConfirmPassword(Labelled, account.ReauthenticateForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {"password": _("Password")}
    helps: ClassVar[dict[str, Any]] = {"password": ""}
    first = "password"


class _Code(Labelled):
    labels: ClassVar[dict[str, Any]] = {"code": _("Code")}
    first = "code"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "class": "code"}  # type: ignore[attr-defined]


class SignInCode(_Code, codes.AuthenticateForm):  # type: ignore[misc]
    helps: ClassVar[dict[str, Any]] = {"code": _("Six digits from your application, or one of your recovery codes.")}


class ConfirmCode(_Code, codes.ReauthenticateForm):  # type: ignore[misc]
    helps: ClassVar[dict[str, Any]] = {"code": _("Six digits from your application, or one of your recovery codes.")}


class FirstCode(_Code, totp.ActivateTOTPForm):  # type: ignore[misc]
    helps: ClassVar[dict[str, Any]] = {"code": _("The six digits that the application shows now.")}
    first = ""  # the person reads the picture first


class AddPasskey(Labelled, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {"name": _("Name"), "passwordless": _("Sign in with this passkey alone")}
    helps: ClassVar[dict[str, Any]] = {
        "name": _("So that you tell your passkeys apart: “Work computer”, “Blue key”."),
        "passwordless": _("The device then asks for your finger, your face or its own code."),
    }


class LanguageForm(forms.Form):
    """The language in which a person reads Greffier."""

    language = forms.ChoiceField(label=_("Language"), choices=Register.Language.choices)
