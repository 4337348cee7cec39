"""Conditions that are never unknown, put together so that what always or never holds is not sent at all."""

from sqlalchemy import ColumnElement, and_, false, not_, or_, true
from sqlalchemy.sql.elements import False_, True_

Condition = ColumnElement[bool]


def always(condition: Condition) -> bool:
    """Whether a condition holds for every row, by its very form."""
    return isinstance(condition, True_)


def never(condition: Condition) -> bool:
    """Whether a condition holds for no row, by its very form."""
    return isinstance(condition, False_)


def both(*conditions: Condition) -> Condition:
    """All of them."""
    if any(never(each) for each in conditions):
        return false()
    asked = [each for each in conditions if not always(each)]
    return and_(*asked) if asked else true()


def either(*conditions: Condition) -> Condition:
    """At least one of them."""
    if any(always(each) for each in conditions):
        return true()
    asked = [each for each in conditions if not never(each)]
    return or_(*asked) if asked else false()


def unless(condition: Condition) -> Condition:
    """Not this; as the conditions here are never unknown, a row falls on one side or on the other."""
    if always(condition):
        return false()
    return true() if never(condition) else not_(condition)
