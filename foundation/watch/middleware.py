"""Around every request: its number, its line in the log, its place in the figures; and probes before anything else."""

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.functional import LazyObject, empty
from structlog.contextvars import clear_contextvars

from foundation.accounts.models import User
from foundation.watch import traffic
from foundation.watch.context import context, note

logger = logging.getLogger("greffier.access")
WELL_FORMED: Final = re.compile(r"[0-9A-Za-z-]{16,64}")
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PROBES: Final = "/healthz/"


class RequestMiddleware:
    """Give each request a number that the response, the log and the error page show; log one line for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        clear_contextvars()  # of what this thread did before
        request.request_id = _number(request)  # type: ignore[attr-defined]
        with context(request_id=request.request_id):  # type: ignore[attr-defined]
            response = self.get_response(request)
            response.headers["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
            _tell(request, response, seconds=time.perf_counter() - started)
        return response

    def process_view(self, request: HttpRequest, view: Any, arguments: Any, options: Any) -> None:
        """Bind the route for the lines that the view logs."""
        note(route=route(request))


class ProbeMiddleware:
    """Answer probes at once: they come by address instead of by name, without TLS, and while the database is away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(PROBES):
            try:
                request.resolver_match = match = resolve(request.path_info)
            except Resolver404:
                return self.get_response(request)
            answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
            return answer
        return self.get_response(request)


def route(request: HttpRequest) -> str:
    """Return the name of the route, never the path: paths may hold what only one person may know."""
    match = request.resolver_match
    if match is not None:
        return match.view_name or "unnamed"
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"


def _number(request: HttpRequest) -> str:
    given = request.headers.get("X-Request-ID", "") if settings.TRUST_REQUEST_ID else ""
    return given if WELL_FORMED.fullmatch(given) else secrets.token_hex(16)


def _tell(request: HttpRequest, response: HttpResponseBase, *, seconds: float) -> None:
    method = request.method if request.method in METHODS else "other"
    name = route(request)
    traffic.count(route=name, method=str(method), status=response.status_code, seconds=seconds)
    facts: dict[str, int | str] = {
        "method": str(method),
        "route": name,
        "status": response.status_code,
        "milliseconds": round(seconds * 1000),
    }
    user = _user_number(request)
    if user is not None:
        facts["user"] = user
    logger.info("request", extra=facts)


def _user_number(request: HttpRequest) -> int | None:
    """Return the number of the person if the request has been asked for it; nobody is looked up for a log."""
    user: Any = getattr(request, "user", None)
    if isinstance(user, LazyObject) and user._wrapped is empty:
        return None
    number: int | None = user.pk if isinstance(user, User) else None  # a service token is no person
    return number
