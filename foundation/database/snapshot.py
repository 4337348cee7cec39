"""Reading many tables as they stood at one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

SNAPSHOTS = 0x67726566  # names our kind of advisory lock


@contextmanager
def one_snapshot(*, alone_with: int | None = None) -> Iterator[None]:
    """Run the block in a transaction of which every query sees the same moment (REPEATABLE READ).

    With `alone_with`, blocks that give the same number run one after the other: the moment is that after the wait, so
    that each sees what the one before it wrote. Inside a transaction that has begun already, that transaction's own
    isolation holds: the outermost caller decides.
    """
    if connection.in_atomic_block:
        yield
        return
    with _turn(alone_with), transaction.atomic():
        _run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


@contextmanager
def _turn(number: int | None) -> Iterator[None]:
    """Wait before the transaction begins: a lock taken inside would keep the moment from before the wait."""
    if number is None:
        yield
        return
    _run("SELECT pg_advisory_lock(%s, %s)", SNAPSHOTS, number)
    try:
        yield
    finally:
        _run("SELECT pg_advisory_unlock(%s, %s)", SNAPSHOTS, number)


def _run(statement: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
