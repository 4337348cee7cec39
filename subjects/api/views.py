"""Subject records: put by their key, dated by events, asked about before somebody writes to a person."""

from datetime import date
from functools import cached_property
from typing import Any

from django.db import models
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from foundation import permissions
from foundation.accounts.models import Register
from foundation.api.authentication import caller
from foundation.api.bodies import NoQuery, StrictSerializer
from foundation.api.resources import ReadViewSet
from foundation.permissions import CHANGE, VIEW
from subjects import actions
from subjects.api import serializers
from subjects.contacts import may_be_written_to
from subjects.dating import Dating, due_by
from subjects.models import SubjectRecord

READ = ("list", "retrieve", "may_be_written_to")
WRITE = ("update", "events", "state")


class SubjectRecordViewSet(ReadViewSet):
    """The records of one register whose clock Greffier keeps."""

    http_method_names = ["get", "head", "post", "put"]
    access = dict.fromkeys(READ, (SubjectRecord, VIEW)) | dict.fromkeys(WRITE, (SubjectRecord, CHANGE))
    queryset = SubjectRecord.objects.none()
    serializer_class = serializers.RecordSerializer
    page_class = serializers.RecordPage
    lookup_field = "key"
    lookup_value_converter = "str"

    @cached_property
    def register(self) -> Register:
        """The register of the address: one out of reach and one that never was are the same 404."""
        _model, verb = self.access[self.action]
        reach = permissions.registers_allowing(caller(self.request), permissions.SUBJECT_RECORDS, verb)
        found = reach.filter(slug=self.kwargs["register"]).first()
        if found is None:
            raise Http404
        return found

    @property
    def today(self) -> date:
        return actions.day_in(self.register, timezone.now())

    @property
    def as_of(self) -> date:
        day: date | None = self.query.validated_data.get("as_of")
        return day or self.today

    def query_class(self) -> type[StrictSerializer]:
        asked: dict[str, type[StrictSerializer]] = {
            "list": self.page_class,
            "retrieve": serializers.AsOf,
            "may_be_written_to": serializers.MayBeWrittenTo,
        }
        return asked.get(self.action, NoQuery)

    def query_context(self, request: Request) -> dict[str, Any]:
        return {"request": request, "register": self.register}

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if "register" not in self.kwargs:  # the schema is written without a request
            return context
        return {**context, "register": self.register, "dating": Dating.of(self.register), "as_of": self.as_of}

    def get_queryset(self) -> models.QuerySet[SubjectRecord]:
        if "register" not in self.kwargs:
            return SubjectRecord.objects.none()
        # the register is within reach for what is asked: who may only write does not list what stands there
        return SubjectRecord.objects.filter(register=self.register).with_facts()

    def list(self, request: Request, register: str = "") -> Response:
        """The records of a register, the oldest first."""
        asked = dict(self.query.validated_data)
        rows = SubjectRecord.objects.visible_to(caller(request)).filter(register=self.register)
        rows = rows.filter(**{name: asked[name] for name in ("activity", "state") if name in asked})
        if "due_on_or_before" in asked:
            due = due_by(rows, self.register, asked["due_on_or_before"], as_of=self.today)
            rows = SubjectRecord.objects.filter(pk__in=list(due))
        page = self.paginate_queryset(rows.with_facts().order_by("pk"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(responses=serializers.FullRecordSerializer)
    def retrieve(self, request: Request, register: str, key: str) -> Response:
        """One record: its states, its events, and what the rules say of it on a day."""
        context = self.get_serializer_context()
        return Response(serializers.FullRecordSerializer(self.get_object(), context=context).data)

    @extend_schema(
        request=serializers.PutSerializer,
        responses={200: serializers.RecordSerializer, 201: serializers.RecordSerializer},
    )
    def update(self, request: Request, register: str, key: str) -> Response:
        """Say what a record is: 201 if it is new, 200 if it was known; said twice, nothing changes."""
        body = self._read(serializers.PutSerializer)
        opaque_key = serializers.KeySerializer(data={"key": key})
        opaque_key.is_valid(raise_exception=True)
        given = actions.Given(key, **body)
        record, outcome = actions.put_record(self.register, given, at=timezone.now(), by=caller(request))
        place = reverse("api:subjectrecord-detail", args=[self.register.slug, record.key])
        is_new = outcome is actions.Outcome.ADDED
        return self._told(record, status=201 if is_new else 200, headers={"Location": place} if is_new else {})

    @extend_schema(
        request=serializers.HappenedSerializer,
        responses={200: serializers.RecordEventSerializer, 201: serializers.RecordEventSerializer},
    )
    @action(detail=True, methods=["post"])
    def events(self, request: Request, register: str, key: str) -> Response:
        """Say what happened: 201 if it is new, 200 if it was known; 409 for a message that may not be sent."""
        happened = actions.Happened(**self._read(serializers.HappenedSerializer))
        event, is_new = actions.add_event(self.get_object(), happened, at=timezone.now(), by=caller(request))
        return Response(serializers.RecordEventSerializer(event).data, status=201 if is_new else 200)

    @extend_schema(request=serializers.StateSerializer, responses=serializers.RecordSerializer)
    @action(detail=True, methods=["post"])
    def state(self, request: Request, register: str, key: str) -> Response:
        """Move a record to another state: other rules date it, other contacts are allowed."""
        body = self._read(serializers.StateSerializer)
        body.setdefault("on", self.today)
        record = self.get_object()
        actions.change_state(record, **body, at=timezone.now(), by=caller(request))
        return self._told(record)

    @extend_schema(responses=serializers.AnswerSerializer)
    @action(detail=True, methods=["get"], url_path="may-be-written-to")
    def may_be_written_to(self, request: Request, register: str, key: str) -> Response:
        """Whether one more message may be sent to this person, and why not."""
        purpose = self.query.validated_data.get("purpose")
        answer = may_be_written_to(self.get_object(), purpose=purpose, as_of=self.as_of)
        return Response(serializers.AnswerSerializer(answer).data)

    def _read(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        body = serializer(data=self.request.data, context={"register": self.register})
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def _told(self, record: SubjectRecord, **more: Any) -> Response:
        fresh = SubjectRecord.objects.with_facts().get(pk=record.pk)
        return Response(self.get_serializer(fresh).data, **more)
