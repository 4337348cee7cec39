"""What is read of a request: JSON in UTF-8, a known query, and nothing else."""

import json
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, serializers
from rest_framework.parsers import JSONParser

from foundation.api.problems import TooLarge

LARGEST_BODY: Final = 64 * 1024  # bytes
LARGEST_PAGE: Final = 200
LARGEST_OFFSET: Final = 10_000_000


class StrictJSONParser(JSONParser):
    """JSON in UTF-8, of a length that an address of this API can need."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        if int(parser_context["request"].META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            raise TooLarge
        try:
            return json.loads(stream.read().decode("utf-8"), parse_constant=_refuse)
        except (ValueError, RecursionError) as fault:
            raise exceptions.ParseError(_("The body is no JSON in UTF-8: send a JSON object.")) from fault


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses members that it does not know: a misspelt one would be ignored in silence."""

    default_error_messages = {"unknown": _("There is nothing of this name here: see the schema.")}

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        if unknown:
            message = self.error_messages["unknown"]
            raise serializers.ValidationError({name: [message] for name in sorted(unknown)}, code="unknown")
        return super().to_internal_value(data)


class NoQuery(StrictSerializer):
    """An address that takes no query parameter."""


class Page(StrictSerializer):
    """Which part of a list; a list with filters adds its own."""

    limit = serializers.IntegerField(
        min_value=1, max_value=LARGEST_PAGE, required=False, help_text="How many rows at most; 50 if not given."
    )
    offset = serializers.IntegerField(
        min_value=0, max_value=LARGEST_OFFSET, required=False, help_text="How many rows to pass over."
    )

    def filters(self) -> dict[str, Any]:
        """Return what the rows are filtered by."""
        return {name: value for name, value in self.validated_data.items() if name not in Page._declared_fields}


def read_query(given: QueryDict, serializer: type[StrictSerializer], context: dict[str, Any]) -> StrictSerializer:
    """Return the query, checked: nothing unknown, nothing twice."""
    twice = {name: [_("Give this once.")] for name, values in given.lists() if len(values) > 1}
    if twice:
        raise serializers.ValidationError(twice, code="twice")
    query = serializer(data=given.dict(), context=context)
    query.is_valid(raise_exception=True)
    return query


class WholeNumber(serializers.IntegerField):
    """An integer of a JSON body: neither a text nor a truth value."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return data
