"""Registers and evidence as the API tells them."""

from typing import Any

from django.core.validators import slug_re
from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from foundation import permissions
from foundation.accounts.models import Register
from foundation.api.authentication import caller
from foundation.api.bodies import Page
from foundation.evidence.models import Event


class RegisterSerializer(serializers.ModelSerializer[Register]):
    class Meta:
        model = Register
        fields = ("slug", "name", "language")
        read_only_fields = fields


class EventSerializer(serializers.ModelSerializer[Event]):
    register = serializers.SlugRelatedField[Register](slug_field="slug", read_only=True)

    class Meta:
        model = Event
        fields = (
            "id",
            "register",
            "verb",
            "subject_type",
            "subject_id",
            "actor_id",
            "details",
            "occurred_at",
            "leaf_hash",
        )
        read_only_fields = fields


@extend_schema_field(OpenApiTypes.STR)
class KnownRegister(serializers.SlugRelatedField[Register]):
    """A register by its short name; another's and none at all are the same fault."""

    default_error_messages = {"does_not_exist": _("There is no such register, or it is not yours to see.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="slug", required=False, help_text="Short name of a register.", **kwargs)

    def to_internal_value(self, data: Any) -> Register:
        if not slug_re.fullmatch(data):
            self.fail("does_not_exist")
        return super().to_internal_value(data)

    def get_queryset(self) -> models.QuerySet[Register]:
        return permissions.registers_known_to(caller(self.context["request"]))


class EventPage(Page):
    register = KnownRegister()
    verb = serializers.ChoiceField(choices=Event.Verb.choices, required=False)
