"""What every line of a log says of the work it belongs to."""

from collections.abc import Iterator
from contextlib import contextmanager

from structlog import contextvars


@contextmanager
def context(**facts: "int | str") -> Iterator[None]:
    """Say these facts with every line logged inside the block: numbers and our own words, never what a person wrote."""
    with contextvars.bound_contextvars(**facts):
        yield


def note(**facts: "int | str") -> None:
    """Say these facts with the lines that follow, to the end of the request or of the enclosing `context`."""
    contextvars.bind_contextvars(**facts)
