"""Which failures pass if the same request is sent again, and what may be told of one."""

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, ProgrammingError

from foundation.watch.failures import is_passing, told


def from_postgresql(kind, cause):
    """Return an error as Django raises it: its own kind, caused by the driver's."""
    error = kind("…")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(from_postgresql(OperationalError, psycopg.OperationalError("refused")), id="nobody listens"),
        pytest.param(from_postgresql(OperationalError, psycopg.errors.AdminShutdown()), id="it is being stopped"),
        pytest.param(from_postgresql(OperationalError, psycopg.errors.CannotConnectNow()), id="it is starting"),
        pytest.param(from_postgresql(OperationalError, psycopg.errors.TooManyConnections()), id="it is full"),
        pytest.param(from_postgresql(OperationalError, psycopg.errors.DiskFull()), id="its disk is full"),
        pytest.param(from_postgresql(OperationalError, psycopg.errors.DeadlockDetected()), id="deadlock"),
        pytest.param(from_postgresql(OperationalError, psycopg.errors.SerializationFailure()), id="serialization"),
        pytest.param(from_postgresql(OperationalError, psycopg.errors.LockNotAvailable()), id="no lock in time"),
        pytest.param(InterfaceError("connection already closed"), id="closed under us"),
        pytest.param(
            from_postgresql(ProgrammingError, from_postgresql(OperationalError, psycopg.OperationalError())),
            id="what came of it",
        ),
    ],
)
def test_what_passes_by_itself_may_be_sent_again(error):
    assert is_passing(error)


@pytest.mark.parametrize(
    "error",
    [
        None,
        ValueError(),
        from_postgresql(OperationalError, psycopg.errors.QueryCanceled()),  # too slow today is too slow tomorrow
        from_postgresql(IntegrityError, psycopg.errors.UniqueViolation()),
        from_postgresql(DataError, psycopg.errors.InvalidTextRepresentation()),
    ],
)
def test_a_bug_is_not_sent_again(error):
    assert not is_passing(error)


def test_of_a_failure_kind_and_place_are_told_and_no_value():
    try:
        try:
            raise KeyError("marie")
        except KeyError as first:
            raise ValueError("dupont") from first
    except ValueError as error:
        facts = told(error)
    assert facts["exception"] == ["ValueError", "KeyError"]
    assert all(place.startswith("tests/watch/test_failures.py:") for place in facts["trace"])
    assert "marie" not in str(facts)
    assert "dupont" not in str(facts)


def test_a_missing_setting_is_told_by_name():
    assert told(ImproperlyConfigured("Set DATABASE_URL."))["because"] == "Set DATABASE_URL."
    assert told(FileNotFoundError(2, "No such file", "/home/marie"))["because"] == "No such file"
