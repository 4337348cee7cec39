"""Dangerous acts ask who you are once more, before the form is filled in and never after."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from foundation.accounts.models import User
from foundation.doors.factors import has_second_factor

TIME_TO_FILL_IN_SECONDS = 1800  # how long a form that was opened in time may be sent


def is_recent(request: HttpRequest, seconds: float) -> bool:
    """Whether this person signed in, or confirmed who they are, within these seconds: with a second factor, if any."""
    records = get_authentication_records(request, request.user)
    if isinstance(request.user, User) and has_second_factor(request.user):
        records = [record for record in records if record["method"] == "mfa"]
    return time.time() - max((record["at"] for record in records), default=0) < seconds


def used_second_factor(request: HttpRequest) -> bool:
    """Whether a second factor was used in this session."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))


def recently_authenticated(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Have a page ask who one is before it opens; a form that was open for too long is answered in words."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return unconfirmed(request) or view(request, *args, **kwargs)

    return guarded


def unconfirmed(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to someone who has to confirm who they are, or None."""
    seconds = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    if request.method == "POST":
        if is_recent(request, seconds + TIME_TO_FILL_IN_SECONDS):
            return None
        page = {"confirm": confirm_address(request, request.get_full_path())}
        return render(request, "account/confirm_first.html", page, status=409)
    return None if is_recent(request, seconds) else HttpResponseRedirect(confirm_address(request, None))


def confirm_address(request: HttpRequest, back: str | None) -> str:
    """Return where this person confirms who they are, and comes back from."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    page = methods[0]["url"] if methods else reverse("account_login")
    return f"{page}?{urlencode({'next': back or request.get_full_path()})}"


def rotate(request: HttpRequest) -> None:
    """Give the session another key: what was known before more was allowed opens nothing now."""
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)
