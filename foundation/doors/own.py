"""“My account”: what one keeps oneself, on one page."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from foundation.doors.forms import LanguageForm
from foundation.doors.required import is_required
from foundation.requests import SignedInRequest


@require_http_methods(["GET", "POST"])
def account(request: SignedInRequest) -> HttpResponse:
    """My language, my password, my second factor and where I am signed in."""
    form = LanguageForm(request.POST or None, initial={"language": translation.get_language()})
    if request.method == "POST" and form.is_valid():
        request.user.language = form.cleaned_data["language"]
        request.user.save(update_fields=["language"])
        with translation.override(request.user.language):
            messages.success(request, _("Your language is kept."))
        return redirect("account")
    factors = Authenticator.objects.filter(user=request.user).order_by("pk")
    by_type = {factor.type: factor for factor in factors}
    codes = by_type.get(Authenticator.Type.RECOVERY_CODES)
    context = {
        "form": form,
        "application": by_type.get(Authenticator.Type.TOTP),
        "passkeys": [factor for factor in factors if factor.type == Authenticator.Type.WEBAUTHN],
        "passkeys_on": settings.PASSKEYS,
        "codes_left": settings.MFA_RECOVERY_CODE_COUNT - codes.data["used_mask"].bit_count() if codes else None,
        "required": is_required(request.user),
        "sessions": len(UserSession.objects.purge_and_list(request.user)),
    }
    return render(request, "account/account.html", context)
