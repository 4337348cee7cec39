"""What every resource of the API is: lists in pages, rows by number, only what the caller may see."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from rest_framework import exceptions, mixins, viewsets
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from foundation.api.bodies import NoQuery, Page, StrictSerializer, read_query


class PdfRenderer(BaseRenderer):
    """Bytes of a PDF as they are kept."""

    media_type = "application/pdf"
    format = "pdf"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        content: bytes = data
        return content


class Frame:
    """What all views share: the character set and the query are checked before anything is looked up."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        charset = (
            request._request.content_params.get("charset", "utf-8") if request._request.content_params else "utf-8"
        )
        if charset.strip("'\"").lower() not in {"utf-8", "utf8"}:
            raise exceptions.UnsupportedMediaType(charset)
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        self.query = read_query(request.query_params, self.query_class(), self.query_context(request))

    def query_class(self) -> type[StrictSerializer]:
        """Return what may stand in the query of this action."""
        return NoQuery

    def query_context(self, request: Request) -> dict[str, Any]:
        """Return what the query is read against."""
        return {"request": request}


class ReadViewSet(Frame, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """A resource that is listed and read; the oldest row first, so that pages stay while rows are added."""

    http_method_names = ["get", "head", "post"]
    access: ClassVar[Mapping[str, tuple[type[models.Model], str]]]
    page_class: ClassVar[type[Page]] = Page
    ordering: ClassVar[tuple[str, ...]] = ("pk",)

    def query_class(self) -> type[StrictSerializer]:
        return self.page_class if self.action == "list" else NoQuery

    def list(self, request: Request) -> Response:
        assert isinstance(self.query, Page)
        rows = self.get_queryset().filter(**self.query.filters()).order_by(*self.ordering)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


def refuse_head(request: Request) -> None:
    """Refuse to be asked about what is recorded when it is handed out."""
    if request.method == "HEAD":
        raise exceptions.MethodNotAllowed("HEAD")
