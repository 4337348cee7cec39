"""What is read: the next keys, which are still due, which the promise is kept for."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from retention.mapping import Key
from retention.statements.conditions import Condition, both, either, never
from retention.statements.keys import among, beyond, written
from retention.statements.plan import Plan


def next_keys(connection: Connection, plan: Plan, *, after: Key | None, limit: int) -> list[Key]:
    """Return the next keys that are due, walking the key in its order."""
    if never(plan.due):
        return []
    further = both() if after is None else beyond(plan.key, after, plan.place)
    statement = select(*plan.key).where(both(plan.due, further)).order_by(*plan.key).limit(limit)
    return [written(row) for row in connection.execute(statement)]


def keys_where(connection: Connection, plan: Plan, keys: Sequence[Key], condition: Condition) -> list[Key]:
    """Return which of these keys have a row that meets a condition, in the order of the key."""
    chosen = both(among(plan.key, keys, plan.place), condition)
    if never(chosen):
        return []
    return [written(row) for row in connection.execute(select(*plan.key).where(chosen).order_by(*plan.key))]


def still_due(connection: Connection, plan: Plan, keys: Sequence[Key]) -> list[Key]:
    """Return which of these keys a pass would still touch."""
    return keys_where(connection, plan, keys, plan.due)


def gone(connection: Connection, plan: Plan, keys: Sequence[Key]) -> list[Key]:
    """Return the keys whose row is absent, or stays with all that was to be done to it done; in the order given."""
    open_still = set(keys_where(connection, plan, keys, either(plan.row_is_kept, plan.goes, plan.is_untreated)))
    return [key for key in keys if key not in open_still]
