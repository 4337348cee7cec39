from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from foundation.errors import RuleViolation
from foundation.evidence import sealing


class Command(BaseCommand):
    """Close checkpoints over all events that wait, without waiting for the worker."""

    help = "Seal the events that wait, now; the worker does so each minute by itself."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            closed = sealing.seal_all(timezone.now())
        except RuleViolation as refusal:
            raise CommandError(str(refusal.detail)) from refusal
        self.stdout.write(f"{closed} checkpoints closed.")
