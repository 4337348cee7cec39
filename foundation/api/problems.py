"""Problem details (RFC 9457): every refusal of the API in one form, whoever refused."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import defaults
from rest_framework import exceptions

from foundation.errors import RuleViolation

PROBLEM_JSON: Final = "application/problem+json"
ROOT: Final = "/api/"
TITLES: Final[dict[int, "str | Promise"]] = {
    400: gettext_lazy("The request is not understood"),
    401: gettext_lazy("Sign in, or show a token"),
    403: gettext_lazy("This is not allowed"),
    404: gettext_lazy("There is nothing here"),
    405: gettext_lazy("This method does not exist here"),
    406: gettext_lazy("This form is not offered"),
    409: gettext_lazy("A rule refuses this"),
    413: gettext_lazy("The body is too large"),
    415: gettext_lazy("This form of body is not read"),
    429: gettext_lazy("Too many requests"),
    500: gettext_lazy("Something went wrong"),
    503: gettext_lazy("Back in a moment"),
}


class NotAllowed(exceptions.PermissionDenied):
    """The caller is known and may not do this."""

    def __init__(self, code: str, detail: "str | Promise") -> None:
        super().__init__(str(detail), code)


class TooLarge(exceptions.APIException):
    """The body is longer than any this API needs."""

    status_code = 413
    default_code = "body_too_large"
    default_detail = gettext_lazy("The body is too large: this address needs less than 64 KiB.")


def problem(
    status: int,
    code: str,
    detail: "str | Promise",
    *,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> HttpResponse:
    """Return a refusal: its kind, a sentence that names the remedy, and what the kind adds."""
    content = {
        "type": f"urn:greffier:problem:{code}",
        "title": str(TITLES.get(status, TITLES[500])),
        "status": status,
        "detail": str(detail),
        "code": code,
        **more,
    }
    return JsonResponse(content, status=status, content_type=PROBLEM_JSON, headers=dict(headers or {}))


def of_exception(refusal: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Return the problem an exception of a view means, or None for what is a bug."""
    match refusal:
        case RuleViolation():
            return problem(409, refusal.code, refusal.detail)
        case Http404():
            return problem(404, "not_found", _nothing_here())
        case PermissionDenied():
            return problem(403, "not_allowed", _("Your role does not allow this."))
        case exceptions.ValidationError():
            return problem(400, "invalid", _("Correct what the errors name."), errors=list(_errors(refusal.detail)))
        case exceptions.APIException():
            return _of_api_exception(refusal)
    return None


def _of_api_exception(refusal: exceptions.APIException) -> HttpResponse:
    headers = {}
    if getattr(refusal, "auth_header", None):
        headers["WWW-Authenticate"] = str(refusal.auth_header)  # type: ignore[attr-defined]
    if getattr(refusal, "wait", None):
        headers["Retry-After"] = str(refusal.wait)  # type: ignore[attr-defined]
    match refusal:
        case exceptions.NotFound():
            detail: Any = _nothing_here()
        case exceptions.NotAuthenticated():
            detail = _("Send “Authorization: Bearer” with a service token, or sign in.")
        case exceptions.NotAcceptable():
            detail = _("Accept the media type that this address documents.")
        case exceptions.UnsupportedMediaType():
            detail = _("Send the body as application/json in UTF-8.")
        case exceptions.MethodNotAllowed():
            detail = _("Use one of the methods that this address documents.")
        case _:
            detail = refusal.detail
    return problem(refusal.status_code, str(getattr(refusal.detail, "code", "")), detail, headers=headers)


def _nothing_here() -> str:
    return _("It does not exist, or it is not yours to see.")


def _errors(detail: Any, pointer: str = "#") -> Iterator[dict[str, str]]:
    """Yield each fault with the JSON pointer of its place; a query parameter is a member of the query."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = pointer if name == "non_field_errors" else f"{pointer}/{_escaped(str(name))}"
            yield from _errors(inner, own)
    elif isinstance(detail, list):
        for one in detail:
            yield from _errors(one, pointer)
    else:
        yield {"pointer": pointer, "code": str(detail.code), "detail": str(detail)}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


# -- what Django answers before or after a view; other addresses keep their pages -------------------------------------


def is_api(request: HttpRequest) -> bool:
    """Whether this address belongs to the API."""
    return request.path_info.startswith(ROOT)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return problem(400, "bad_request", _("Write the request as the schema documents it."))
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return problem(403, "not_allowed", _("Your role does not allow this."))
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return problem(404, "not_found", _nothing_here())
    return defaults.page_not_found(request, exception)
