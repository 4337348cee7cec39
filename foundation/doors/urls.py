"""The addresses of doors: only these of allauth's exist, under allauth's names. No sign-up, no change of address."""

from allauth.account import views as account
from allauth.mfa.base import views as codes
from allauth.mfa.recovery_codes import views as recovery
from django.urls import path, re_path

from foundation.doors import identity, views
from foundation.doors.own import account as own_account
from foundation.doors.sessions import sessions

RESET = "account/password/reset/"

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("login/code/", codes.authenticate, name="mfa_authenticate"),
    path("login/passkey/", views.SignInWithPasskey.as_view(), name="mfa_login_webauthn"),
    path("login/inactive/", account.account_inactive, name="account_inactive"),
    path("login/with/<slug:provider_id>/", identity.begin, name="openid_connect_login"),
    path("login/with/<slug:provider_id>/callback/", identity.callback, name="openid_connect_callback"),
    path("logout/", views.SignOut.as_view(), name="account_logout"),
    path(RESET, views.AskForReset.as_view(), name="account_reset_password"),
    path(f"{RESET}asked/", account.password_reset_done, name="account_reset_password_done"),
    path(f"{RESET}done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        rf"^{RESET}(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.NewPassword.as_view(),
        name="account_reset_password_from_key",
    ),
    path("account/", own_account, name="account"),
    path("account/", own_account, name="mfa_index"),  # allauth's name for the page to come back to
    path("account/password/", views.ChangePassword.as_view(), name="account_change_password"),
    path("account/password/first/", views.SetPassword.as_view(), name="account_set_password"),
    path("account/confirm/", views.Confirm.as_view(), name="account_reauthenticate"),
    path("account/confirm/code/", views.ConfirmCode.as_view(), name="mfa_reauthenticate"),
    path("account/confirm/passkey/", views.ConfirmPasskey.as_view(), name="mfa_reauthenticate_webauthn"),
    path("account/application/", views.AddApplication.as_view(), name="mfa_activate_totp"),
    path("account/application/remove/", views.RemoveApplication.as_view(), name="mfa_deactivate_totp"),
    path("account/recovery-codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/renew/", views.RenewCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("account/recovery-codes/download/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("account/passkeys/add/", views.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", views.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("account/sessions/", sessions, name="account_sessions"),
]
