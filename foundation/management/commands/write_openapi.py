from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from foundation.api.schema import as_yaml


class Command(BaseCommand):
    """Write the OpenAPI document of the API."""

    help = "Write the OpenAPI document of the API, as it stands in docs/openapi.yaml."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        options["file"].write_text(as_yaml(), encoding="utf-8")
