from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from foundation.database.base import as_owner


class Command(migrate.Command):
    """Django's own `migrate`, run as the owner of the tables."""

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner(connections[options["database"]]):  # type: ignore[arg-type]
            super().handle(*args, **options)
