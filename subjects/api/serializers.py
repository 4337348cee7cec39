"""Subject records as the API tells them, and what is said of them. Nothing that names a person is handed out."""

from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from foundation.api.bodies import Page, StrictSerializer
from foundation.rows import OwnedRow
from register.models import ProcessingActivity, Purpose, RelationshipState
from retention.contacts import Reason
from retention.due import Status
from retention.models import TargetColumn
from subjects import personal
from subjects.dating import last_day
from subjects.models import ContactEvent, Direction, EventKind, StateChange, SubjectRecord
from subjects.models.records import opaque


@extend_schema_field(OpenApiTypes.STR)
class Ref(serializers.SlugRelatedField[Any]):
    """An entry of the register by its reference."""

    default_error_messages = {"does_not_exist": _("The register has no such entry: give its reference.")}

    def __init__(self, model: type[OwnedRow], **kwargs: Any) -> None:
        self.model = model
        super().__init__(slug_field="ref", **kwargs)

    def get_queryset(self) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = self.model._default_manager.filter(register=self.context.get("register"))
        return rows

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or "\x00" in data:
            self.fail("invalid")
        return super().to_internal_value(data)


class StateSince(serializers.ModelSerializer[StateChange]):
    state = serializers.SlugRelatedField[Any](slug_field="ref", read_only=True, allow_null=True)

    class Meta:
        model = StateChange
        fields = ("state", "on", "trigger")
        read_only_fields = fields


class RecordEventSerializer(serializers.ModelSerializer[ContactEvent]):
    purpose = serializers.SlugRelatedField[Any](slug_field="ref", read_only=True, allow_null=True)
    direction = serializers.ChoiceField(choices=Direction.choices, allow_blank=True)

    class Meta:
        model = ContactEvent
        fields = ("kind", "on", "direction", "purpose", "source", "external_id")
        read_only_fields = fields


class DateOfRule(serializers.Serializer[Any]):
    due_on = serializers.DateField(help_text="Last day on which the record may be kept, by this reading.")
    goes_on = serializers.DateField(help_text="First day on which it is gone.")


class RuleSaid(serializers.Serializer[Any]):
    """What one rule says of a record."""

    rule = serializers.CharField(source="rule.ref")
    status = serializers.ChoiceField(choices=[status.value for status in Status])
    dates = DateOfRule(source="readings", many=True)
    awaits = serializers.ListField(child=serializers.CharField(), help_text="Events that have not happened.")
    contradicts = serializers.ListField(source="rivals", child=serializers.CharField())


class Due(serializers.Serializer[Any]):
    """What the rules say of a record on a day."""

    as_of = serializers.DateField()
    status = serializers.ChoiceField(choices=[status.value for status in Status])
    due_on = serializers.SerializerMethodField(help_text="Last day of keeping, where one date is certain.")
    rules = RuleSaid(many=True)

    @extend_schema_field({"type": ["string", "null"], "format": "date"})
    def get_due_on(self, assessment: Any) -> date | None:
        return last_day(assessment)


class RecordSerializer(serializers.ModelSerializer[SubjectRecord]):
    activity = serializers.SlugRelatedField[Any](slug_field="ref", read_only=True)
    state = serializers.SlugRelatedField[Any](slug_field="ref", read_only=True, allow_null=True)
    has_personal_data = serializers.SerializerMethodField()
    due = serializers.SerializerMethodField()

    class Meta:
        model = SubjectRecord
        fields: tuple[str, ...] = ("key", "activity", "state", "created_at", "has_personal_data", "due")
        read_only_fields = fields

    def get_has_personal_data(self, record: SubjectRecord) -> bool:
        return bool(record.personal)

    @extend_schema_field(Due)
    def get_due(self, record: SubjectRecord) -> Any:
        return Due(self.context["dating"].assess(record, as_of=self.context["as_of"])).data


class FullRecordSerializer(RecordSerializer):
    state_changes = StateSince(many=True, read_only=True)
    events = RecordEventSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        fields = (*RecordSerializer.Meta.fields, "state_changes", "events")


class RecordPage(Page):
    activity = Ref(ProcessingActivity, required=False, help_text="Reference of an activity.")
    state = Ref(RelationshipState, required=False, help_text="Reference of a state.")
    due_on_or_before = serializers.DateField(
        required=False, help_text="Only records whose last day of keeping is this one or an earlier one."
    )


class AsOf(StrictSerializer):
    as_of = serializers.DateField(required=False, help_text="By the rules as of this day; today if not given.")


class MayBeWrittenTo(AsOf):
    purpose = Ref(
        Purpose, required=False, help_text="Reference of a purpose; without one, a refusal of any purpose counts."
    )


class AnswerSerializer(serializers.Serializer[Any]):
    """Whether one more message may be sent."""

    may = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=[reason.value for reason in Reason])
    counted = serializers.IntegerField(help_text="Messages sent in the present state.")
    limit = serializers.IntegerField(allow_null=True, help_text="How many that state allows; null: any number.")
    stopped_on = serializers.DateField(allow_null=True, help_text="Since when the person wants none.")


PERSONAL: Any = {
    "type": "object",
    "properties": {
        kind: {"type": "string", "minLength": 1, "maxLength": personal.LONGEST_VALUE}
        for kind in TargetColumn.Identity.values
    },
    "additionalProperties": False,
}


@extend_schema_field(PERSONAL)
class PersonalField(serializers.DictField):
    """What names the person, by kind of identifier."""

    default_error_messages = {"kind": _("Name each value by its kind: %s.") % ", ".join(TargetColumn.Identity.values)}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            child=serializers.CharField(max_length=personal.LONGEST_VALUE, trim_whitespace=False), **kwargs
        )

    def to_internal_value(self, data: Any) -> dict[Any, Any]:
        said: dict[Any, Any] = super().to_internal_value(data)
        if set(said) - set(TargetColumn.Identity.values):
            self.fail("kind")
        return said


class KeySerializer(StrictSerializer):
    """The key of an address."""

    key = serializers.CharField(max_length=100, validators=[opaque])


class PutSerializer(StrictSerializer):
    """What is said of a record; `personal` left out: not said, so kept as it is."""

    activity = Ref(ProcessingActivity)
    state = Ref(RelationshipState, required=False, allow_null=True, default=None)
    since = serializers.DateField(required=False, help_text="Since when it is in this state; today if not given.")
    trigger = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=200, help_text="What brought it there; name no person."
    )
    personal = PersonalField(required=False)


class StateSerializer(StrictSerializer):
    state = Ref(RelationshipState, allow_null=True)
    on = serializers.DateField(required=False, help_text="Today if not given.")
    trigger = serializers.CharField(
        required=False, allow_blank=True, max_length=200, default="", help_text="Name no person."
    )


class HappenedSerializer(StrictSerializer):
    """An event; one of the same `external_id` is the same event, and is written once."""

    kind = serializers.ChoiceField(choices=EventKind.choices)
    on = serializers.DateField()
    direction = serializers.ChoiceField(choices=Direction.choices, required=False, allow_blank=True, default="")
    purpose = Ref(Purpose, required=False, allow_null=True, default=None)
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, allow_blank=True, max_length=100, default="", help_text="Name no person."
    )
    external_id = serializers.CharField(required=False, allow_blank=True, max_length=100, default="")
