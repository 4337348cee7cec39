"""The bell of the documents: ids in, nothing else; the truth is the row."""

from celery import shared_task
from django.utils import timezone

from documents import actions


@shared_task(name="documents.render")
def render(print_id: int) -> None:
    """Print one document that was asked for."""
    actions.render(print_id, timezone.now())


@shared_task(name="documents.tick")
def tick() -> None:
    """Ring again for what was asked for and not printed, and for what a dead worker left behind."""
    for print_id in actions.waiting(timezone.now()).values_list("pk", flat=True)[:100]:
        actions.ring(print_id)
