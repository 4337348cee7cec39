"""What every request gets: the language of the person, and a name and a reason for what it writes."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.functional import Promise

from foundation import history
from foundation.api.problems import is_api, problem
from foundation.database import refusals
from foundation.errors import RuleViolation

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
REASON_FIELD = "change_reason"  # the form field in which a person says why


class OwnLanguageMiddleware:
    """The language of the page: the person's own, else what the browser asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = getattr(request.user, "language", "")
        if not language:
            return self.get_response(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers["Content-Language"] = language
            return response


class WhoAndWhyMiddleware:
    """What a request writes is recorded with the person who sent it and the reason they gave."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in SAFE or not request.user.is_authenticated:
            return self.get_response(request)
        reason = request.POST.get(REASON_FIELD, "").replace("\x00", "").strip() or f"{request.method} {request.path}"
        with history.because(reason, actor=request.user):
            return self.get_response(request)


class RefusalMiddleware:
    """A refusal, of a rule or of the database that holds it, is an answer (409) with its sentence, not a failure."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        detail: str | Promise | None
        if isinstance(exception, RuleViolation):
            code, detail = exception.code, exception.detail
        else:
            code, detail = refusals.CODE, refusals.sentence(exception)
        if detail is None:
            return None
        if is_api(request):
            return problem(409, code, detail)
        return render(request, "refusal.html", {"detail": detail}, status=409)


class NoStoreMiddleware:
    """What a signed-in person reads is kept by no cache: it is gone from the browser once they have signed out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-store"
        return response
