"""Which targets speak of the same table: databases know it by several names, and several sources may lead there."""

from django.db.models import Q

from retention.models import Target
from retention.models.targets import TargetQuerySet


def targets_of_the_same_table(target: Target) -> TargetQuerySet:
    """Return the targets of the register that may speak of this target's table; itself is one of them.

    Without a schema the database looks in one of its own choice, and some do not tell case apart: where it cannot be
    told, it is the same table, so that rather too much is kept.
    """
    return targets_of_table(target, schema=target.schema, table=target.table)


def targets_of_table(target: Target, *, schema: str, table: str) -> TargetQuerySet:
    """Return the targets of the register that may speak of this table, in the place of the target."""
    source = target.source
    there = Q(source=source) | (
        Q(source__place=source.place, source__kind=source.kind) if source.place else Q(pk__in=[])
    )
    named = Q(table__iexact=table)
    if schema:
        named &= Q(schema="") | Q(schema__iexact=schema)
    return Target.objects.filter(there & named, register=target.register_id)
