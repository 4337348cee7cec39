"""Editions: listed, read, and handed out as they were frozen."""

from django.db import models
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from editions import actions
from editions.api.serializers import EditionPage, EditionSerializer
from editions.models import Edition
from foundation.api.authentication import caller
from foundation.api.resources import ReadViewSet, refuse_head
from foundation.permissions import VIEW


class EditionViewSet(ReadViewSet):
    """Editions: a register frozen on a day, numbered and hashed."""

    access = dict.fromkeys(("list", "retrieve", "canonical"), (Edition, VIEW))
    queryset = Edition.objects.none()
    serializer_class = EditionSerializer
    page_class = EditionPage
    lookup_value_converter = "int"

    def get_queryset(self) -> models.QuerySet[Edition]:
        found = Edition.objects.visible_to(caller(self.request)).select_related("register")
        return found if self.action == "canonical" else found.without_content()

    @extend_schema(responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"])
    def canonical(self, request: Request, pk: int) -> HttpResponse:
        """The canonical JSON, byte for byte as it was hashed; handing it out is recorded."""
        refuse_head(request)
        edition = self.get_object()
        actions.downloaded(edition, actor=caller(request), at=timezone.now())
        return HttpResponse(edition.canonical.encode(), content_type="application/json")
