"""The page on which a person changes their own password."""

from django.contrib.auth.views import PasswordChangeView
from django.contrib.messages.views import SuccessMessageMixin
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


class ChangePassword(SuccessMessageMixin, PasswordChangeView):  # type: ignore[type-arg]
    success_url = reverse_lazy("home")
    success_message = _("Your password is changed.")
