"""Documents: asked for, listed, read, and handed out as they were printed."""

from django.db import models, transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from documents import actions
from documents.api.serializers import AskSerializer, PrintPage, PrintSerializer
from documents.models import Print
from foundation.accounts.tokens import ServiceToken
from foundation.api.authentication import caller
from foundation.api.resources import PdfRenderer, ReadViewSet, refuse_head
from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.permissions import ADD, VIEW


class PrintViewSet(ReadViewSet):
    """Documents printed from editions."""

    access = dict.fromkeys(("list", "retrieve", "file"), (Print, VIEW)) | {"ask": (Print, ADD)}
    queryset = Print.objects.none()
    serializer_class = PrintSerializer
    page_class = PrintPage
    lookup_value_converter = "int"

    def get_queryset(self) -> models.QuerySet[Print]:
        found = Print.objects.visible_to(caller(self.request)).select_related("register", "edition", "job")
        return found.defer("edition__canonical")

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], renderer_classes=[PdfRenderer])
    def file(self, request: Request, pk: int) -> HttpResponse:
        """The kept bytes of a printed document, once they are found to be those that were printed; it is recorded."""
        refuse_head(request)
        document = self.get_object()
        content = actions.downloaded(document, actor=caller(request), at=timezone.now())
        attachment = f'attachment; filename="{document.file_name}"'
        return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": attachment})

    @extend_schema(request=AskSerializer, responses={200: PrintSerializer, 202: PrintSerializer})
    @action(detail=False, methods=["post"])
    def ask(self, request: Request) -> Response:
        """Ask for a document: 202 while it is being printed, 200 if it was printed already."""
        body = AskSerializer(data=request.data, context={"request": request})
        body.is_valid(raise_exception=True)
        who = caller(request)
        with transaction.atomic():
            document = actions.ask_print(
                **body.validated_data, actor=None if isinstance(who, ServiceToken) else who, at=timezone.now()
            )
            if isinstance(who, ServiceToken):  # the row names the person who asked; a programme is told here
                details = {"edition": document.edition.number, "kind": document.kind, "language": document.language}
                record(Event.Verb.PRINT_ASKED, document, register=document.register, actor=who, details=details)
        status = 200 if document.is_printed else 202
        place = reverse("api:document-detail", args=[document.pk])
        return Response(self.get_serializer(document).data, status=status, headers={"Location": place})
