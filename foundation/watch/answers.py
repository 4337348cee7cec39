"""What is answered when a request fails: pages that need neither database nor sign-in, in the person's language."""

import sys
from typing import Any, Final

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import LazyObject, empty
from django.utils.translation import gettext as _

from foundation.api import problems
from foundation.watch import failures

RETRY_AFTER_SECONDS: Final = 5


def failed(request: HttpRequest) -> HttpResponse:
    """Answer a request that ended in an exception: 503 where trying again helps, 500 where it found a fault of ours.

    Django calls this for every exception, in a view or around it; it is the `handler500` of the addresses.
    """
    session: SessionBase | None = getattr(request, "session", None)
    if session is not None:
        session.modified = False  # what a failed request leaves in its session is not kept
    if failures.is_passing(sys.exc_info()[1]):
        return _unavailable(request)
    with translation.override(_language(request)):
        return _answer(
            request,
            500,
            "server_error",
            title=_("Something went wrong"),
            detail=_("Nothing you had saved is lost. Try again; if it happens once more, quote the number below."),
            template="500.html",
        )


def _unavailable(request: HttpRequest) -> HttpResponse:
    with translation.override(_language(request)):
        response = _answer(
            request,
            503,
            "unavailable",
            title=_("Back in a moment"),
            detail=_(
                "Greffier’s database is being restarted or is busy. Try again in a few seconds. If you were saving "
                "something, look first whether it was saved."
            ),
            template="503.html",
        )
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _answer(request: HttpRequest, status: int, code: str, *, title: str, detail: str, template: str) -> HttpResponse:
    request_id = getattr(request, "request_id", "")
    if problems.is_api(request):
        response = problems.problem(status, code, detail, request_id=request_id)
    else:
        facts = {"title": title, "detail": detail, "request_id": request_id}
        response = HttpResponse(render_to_string(template, facts), status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _language(request: HttpRequest) -> str:
    """Return the person's language if it is known already, else what the browser asks for."""
    user: Any = getattr(request, "user", None)
    is_known = user is not None and not (isinstance(user, LazyObject) and user._wrapped is empty)
    own: str = getattr(user, "language", "") if is_known else ""
    return own or translation.get_language_from_request(request)
