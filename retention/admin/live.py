"""What the database itself says: its tables, and what speaks against a mapping."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from clocks.readings import Combination
from foundation.errors import RuleViolation
from retention import grounds
from retention.due import CutOff
from retention.errors import MappingRefused
from retention.ground import Work
from retention.mapped import mapping_of
from retention.models import DataSource, Target
from retention.places import login_of
from retention.sources.tables import Schema

if TYPE_CHECKING:
    from retention.sources.trying import Report

READ_SECONDS = 10.0  # a page does not wait longer for a business database


def objections(target: Target) -> list[str]:
    """Return what the database says against a mapping; nothing is counted and nothing is written."""
    found = Target.objects.with_mapping().get(pk=target.pk)
    mapping = mapping_of(found)
    nothing_due = CutOff(found.rule.ref, tuple(mapping.events), Combination.LATEST, None)
    try:
        with grounds.opened(found) as ground:
            ground.refuse(Work(mapping, nothing_due))
    except MappingRefused as refusal:
        return list(refusal.reasons)
    except RuleViolation as refusal:
        return [str(refusal.detail)]
    return []


def schema_of(source: DataSource) -> Schema | None:
    """Return the tables of a source as its login sees them, or None where it has no address."""
    from retention.sources.connecting import engine_for, places  # SQLAlchemy takes its time to load
    from retention.sources.failing import in_words
    from retention.sources.schema import read_schema

    if not source.url:
        return None
    login = login_of(source)
    engine = engine_for(login, places=places(), statement_seconds=READ_SECONDS)
    try:
        with in_words(login.address.place), engine.connect() as connection:
            return read_schema(connection, seconds=READ_SECONDS)
    finally:
        engine.dispose()


def tried(source: DataSource) -> "Report":
    """Return what a trial of the source's address found."""
    from retention.sources.connecting import places
    from retention.sources.trying import try_out

    return try_out(login_of(source), places=places())


@contextmanager
def readable() -> Iterator[list[str]]:
    """Collect the refusal of a database, for a page that is shown all the same."""
    refusals: list[str] = []
    try:
        yield refusals
    except RuleViolation as refusal:
        refusals.append(str(refusal.detail))
