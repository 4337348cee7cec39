"""The OpenAPI document: written from the views, with the problems that every operation may answer."""

from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from django.utils import translation
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiYamlRenderer

from foundation.api.access import scope_of
from foundation.api.bodies import NoQuery
from foundation.api.problems import PROBLEM_JSON, TITLES

if TYPE_CHECKING:
    from foundation.api.resources import Frame

EVERYWHERE: Final = {400, 401, 403, 406, 415, 500, 503}
WITH_A_ROW: Final = {404}
WITH_A_RULE: Final = {409}
WITH_A_BODY: Final = {413}
PLAIN: Final = {"list", "retrieve", None}  # actions that no rule refuses
PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence that names the remedy."},
        "code": {"type": "string", "description": "Stable; decide on this one."},
        "errors": {
            "type": "array",
            "description": "Of 400: each fault with its place.",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "JSON pointer into the body, or the query parameter as a member of the query.",
                    },
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string", "description": "Of 500: the number of the request in the log."},
    },
}
SECURITY_SCHEMES: Final = {
    "serviceToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "A service token of one register: `Authorization: Bearer greffier_…`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-sessionid",
        "description": (
            "The session of a person who is signed in (without TLS, in a try-out, the cookie is `sessionid`); "
            "a POST also needs the X-CSRFToken header."
        ),
    },
}


class Schema(AutoSchema):
    """One operation: its query, its scope, the problems it may answer."""

    def get_override_parameters(self) -> list[Any]:
        query = cast("Frame", self.view).query_class()
        return [query] if query is not NoQuery else []

    def get_auth(self) -> list[dict[str, list[str]]]:
        model, verb = getattr(self.view, "access", {}).get(getattr(self.view, "action", None), (None, ""))
        return [{"serviceToken": [scope_of(model, verb)] if model else []}, {"session": []}]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = dict(super()._get_response_bodies(direction))
        statuses = set(EVERYWHERE)
        statuses |= WITH_A_ROW if "{" in self.path else set()
        statuses |= WITH_A_RULE if getattr(self.view, "action", None) not in PLAIN else set()
        statuses |= WITH_A_BODY if self.method in {"POST", "PUT"} else set()
        return bodies | {
            str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in sorted(statuses)
        }


class StrictBody(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """A body in which nothing unknown may stand says so."""

    target_class = "foundation.api.bodies.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        known: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**known, "additionalProperties": False}


def with_problems(result: dict[str, Any], generator: Any, request: Any, public: Any) -> dict[str, Any]:
    """Add what the operations point at: the form of a problem, once, and the answers that hold it."""
    components = result.setdefault("components", {})
    components["schemas"] = {**components.get("schemas", {}), "Problem": PROBLEM}
    components["securitySchemes"] = SECURITY_SCHEMES
    statuses = sorted(EVERYWHERE | WITH_A_ROW | WITH_A_RULE | WITH_A_BODY)
    components["responses"] = {f"Problem{status}": _answer(status) for status in statuses}
    return result


def _answer(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": str(TITLES[status]),
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
    return answer


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document; it says the same whoever asks, in English."""
    with translation.override("en"):
        generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return generated


def as_yaml() -> str:
    """Return the document as it is committed in docs/."""
    text: bytes = OpenApiYamlRenderer().render(document(), renderer_context={})  # type: ignore[no-untyped-call]
    return text.decode()
