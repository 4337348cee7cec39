import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from editions.schema import schema


class Command(BaseCommand):
    """Write the JSON Schema of the canonical form."""

    help = "Write the JSON Schema of the canonical form, as it stands in docs/register.schema.json."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        options["file"].write_text(json.dumps(schema(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
