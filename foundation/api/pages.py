"""Lists in pages: the number of all rows, and the addresses of the pages before and after."""

from typing import Any

from rest_framework.pagination import LimitOffsetPagination

from foundation.api.bodies import LARGEST_PAGE


class Pages(LimitOffsetPagination):
    """`count`, `next`, `previous`, `results`; the query was checked before."""

    default_limit = 50
    max_limit = LARGEST_PAGE

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return []  # the query serializer of the list documents them

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer"},
                "next": page,
                "previous": page,
                "results": schema,
            },
        }
