"""Documents as the API tells them, and what asks for one."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from documents.models import Print
from editions.models import Edition
from foundation import permissions
from foundation.api.authentication import caller
from foundation.api.bodies import Page, StrictSerializer, WholeNumber
from foundation.api.serializers import KnownRegister
from foundation.models import Job, Register


class PrintSerializer(serializers.ModelSerializer[Print]):
    register = serializers.SlugRelatedField[Register](slug_field="slug", read_only=True)
    state = serializers.ChoiceField(source="job.state", choices=Job.State.choices, read_only=True)
    error = serializers.CharField(source="job.error", read_only=True)
    edition_number = serializers.IntegerField(source="edition.number", read_only=True)

    class Meta:
        model = Print
        fields = (
            "id",
            "register",
            "edition",
            "edition_number",
            "kind",
            "language",
            "state",
            "error",
            "asked_at",
            "finished_at",
            "pages",
            "size_bytes",
            "sha256",
            "texts_hash",
            "template_version",
            "renderer_version",
        )
        read_only_fields = fields


class EditionInReach(serializers.PrimaryKeyRelatedField[Edition]):
    """An edition by its number; another register's and none at all are the same fault."""

    default_error_messages = {"does_not_exist": _("There is no such edition, or it is not yours to see.")}

    def __init__(self, *, verb: str, **kwargs: Any) -> None:
        self.verb = verb
        super().__init__(**kwargs)

    def get_queryset(self) -> models.QuerySet[Edition]:
        reach = permissions.registers_allowing(caller(self.context["request"]), permissions.PRINTS, self.verb)
        return Edition.objects.filter(register__in=reach).without_content()


class PrintPage(Page):
    register = KnownRegister()
    edition = EditionInReach(verb=permissions.VIEW, pk_field=serializers.IntegerField(), required=False)
    kind = serializers.ChoiceField(choices=Print.Kind.choices, required=False)
    language = serializers.ChoiceField(choices=Register.Language.choices, required=False)
    state = serializers.ChoiceField(source="job__state", choices=Job.State.choices, required=False)


class AskSerializer(StrictSerializer):
    """Which document of which edition, in which language."""

    edition = EditionInReach(verb=permissions.ADD, pk_field=WholeNumber())
    kind = serializers.ChoiceField(choices=Print.Kind.choices)
    language = serializers.ChoiceField(choices=Register.Language.choices)
