"""Editions as the API tells them."""

from rest_framework import serializers

from editions.models import Edition
from foundation.api.bodies import Page
from foundation.api.serializers import KnownRegister
from foundation.models import Register


class EditionSerializer(serializers.ModelSerializer[Edition]):
    register = serializers.SlugRelatedField[Register](slug_field="slug", read_only=True)

    class Meta:
        model = Edition
        fields = ("id", "register", "number", "hash", "form_version", "note", "published_at")
        read_only_fields = fields


class EditionPage(Page):
    register = KnownRegister()
    number = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
