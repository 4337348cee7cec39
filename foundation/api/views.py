"""Registers, evidence and the schema."""

from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation import permissions
from foundation.accounts.models import Register
from foundation.api import schema
from foundation.api.access import Known
from foundation.api.authentication import caller
from foundation.api.resources import Frame, ReadViewSet
from foundation.api.serializers import EventPage, EventSerializer, RegisterSerializer
from foundation.evidence.models import Event


class RegisterViewSet(ReadViewSet):
    """The registers that the caller belongs to; a token belongs to one."""

    permission_classes = (Known,)
    access = {}
    queryset = Register.objects.none()
    serializer_class = RegisterSerializer
    lookup_field = "slug"
    lookup_value_converter = "slug"
    ordering = ("slug",)

    def get_queryset(self) -> models.QuerySet[Register]:
        return permissions.registers_known_to(caller(self.request))


class EventViewSet(ReadViewSet):
    """Evidence: what was done, by ids and hashes."""

    access = {"list": (Event, permissions.VIEW), "retrieve": (Event, permissions.VIEW)}
    queryset = Event.objects.none()
    serializer_class = EventSerializer
    page_class = EventPage
    lookup_value_converter = "int"

    def get_queryset(self) -> models.QuerySet[Event]:
        return Event.objects.visible_to(caller(self.request)).select_related("register")


class SchemaView(Frame, APIView):
    """The schema, as it stands here."""

    http_method_names = ["get", "head"]
    permission_classes = (Known,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        return Response(schema.document())
