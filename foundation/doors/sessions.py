"""Where a person is signed in, and signing out there."""

from allauth.account.internal.flows.logout import logout
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from foundation.doors.browsers import in_words
from foundation.doors.emptying import end_all
from foundation.doors.headers import forget_everything
from foundation.doors.recent import recently_authenticated
from foundation.evidence.models import Event
from foundation.members import tell_account
from foundation.requests import SignedInRequest


@recently_authenticated
@require_http_methods(["GET", "POST"])
def sessions(request: SignedInRequest) -> HttpResponse:
    """Where I am signed in; each session can be ended, and all at once."""
    if request.method == "POST":
        return _everywhere(request) if "everywhere" in request.POST else _one(request)
    found = UserSession.objects.purge_and_list(request.user)
    found.sort(key=lambda session: (not session.is_current(), -session.created_at.timestamp()))
    for session in found:
        session.browser = in_words(session.user_agent)
    return render(request, "account/sessions.html", {"sessions": found})


def _one(request: SignedInRequest) -> HttpResponse:
    key = request.POST.get("session", "")
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0
    session = get_object_or_404(UserSession, pk=number, user=request.user)
    end_sessions(request, [session])
    if not request.user.is_authenticated:
        return forget_everything(redirect("account_login"))
    messages.success(request, _("That session is ended."))
    return redirect("account_sessions")


def _everywhere(request: SignedInRequest) -> HttpResponse:
    user = request.user
    with transaction.atomic():
        end_all(user)
        tell_account(Event.Verb.SESSIONS_ENDED, user, actor=user)
    logout(request, show_message=False)
    return forget_everything(redirect("account_login"))
