"""Why data of a rule may be kept longer, as the register says: persons look at it, since no job can tell the case."""

from django.db.models import Q, QuerySet

from retention.models import RetentionException, Target


def exceptions_of(target: Target) -> QuerySet[RetentionException]:
    """Return the exceptions that the register states for the target's rule; without rules, they are of every one."""
    concerned = Q(rules=target.rule_id) | Q(rules=None)
    return RetentionException.objects.filter(concerned, register=target.register_id).order_by("position", "pk")
