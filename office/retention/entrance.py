"""The block of the first page that leads into the retention, with what waits there."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from foundation import permissions
from foundation.admin_scope import person
from retention.models import LegalHold, Run, Target
from retention.questions import book_of
from retention.standing import standing_of, with_standing


@dataclass(frozen=True)
class Entrance:
    """What waits: targets that are late, runs under way, questions to decide, holds to look at again."""

    late: int
    running: int
    to_decide: int
    to_review: int


def entrance(request: HttpRequest) -> Entrance | None:
    """Return what waits for this person, or None where they keep no retention."""
    registers = permissions.registers_allowing(person(request), permissions.RETENTION, permissions.VIEW)
    found = list(registers)
    if not found:
        return None
    now: Any = timezone.now()
    armed = with_standing(Target.objects.filter(register__in=found).select_related("register"))
    return Entrance(
        late=sum(standing_of(target, now=now).is_late for target in armed.exclude(armed_from=None)),
        running=Run.objects.open().filter(register__in=found).count(),
        to_decide=sum(1 for register in found for _question in book_of(register).questions()),
        to_review=LegalHold.objects.open().filter(Q(review_on__lt=timezone.localdate()), register__in=found).count(),
    )
