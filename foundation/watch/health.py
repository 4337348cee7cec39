"""Whether this process answers, and whether Greffier can do its work: words for probes, nothing about the machine."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import DateTimeField, F
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from foundation.jobs.models import Pulse
from foundation.jobs.ticking import TICK, TICKS_OF_SILENCE

logger = logging.getLogger(__name__)
LIMIT_MILLISECONDS: Final = 1000
BROKER_SECONDS: Final = 0.5


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else was asked."""
    return _words({"process": True}, is_well=True)


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers and is migrated, the tick is heard, files can be written. The broker is a detail: a bell."""
    found = {name: _holds(name, check) for name, check in NEEDED.items()}
    return _words({**found, "broker": _holds("broker", broker)}, is_well=all(found.values()))


def _words(found: dict[str, bool], *, is_well: bool) -> HttpResponse:
    checks = {name: "ok" if holds else "failed" for name, holds in found.items()}
    response = JsonResponse({"status": "ok" if is_well else "failed", "checks": checks}, status=200 if is_well else 503)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _holds(name: str, check: Callable[[], bool]) -> bool:
    from kombu.exceptions import OperationalError

    try:
        return check()
    except (DatabaseError, InterfaceError, OperationalError, OSError) as failure:
        logger.warning("The check of %s failed (%s).", name, type(failure).__name__)
        return False


@contextmanager
def briefly() -> Iterator[Any]:
    """Open a transaction in which no statement takes longer than a probe may wait."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {LIMIT_MILLISECONDS}; SET LOCAL lock_timeout = 500")
        yield cursor


def database() -> bool:
    """Whether PostgreSQL answers."""
    with briefly() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def migrations() -> bool:
    """Whether the database has every migration of this version."""
    with briefly() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return known_migrations() <= set(cursor.fetchall())


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Return the migrations that this version was delivered with."""
    loader = MigrationLoader(None)
    replaced = {old for migration in loader.disk_migrations.values() for old in migration.replaces}
    return frozenset(set(loader.disk_migrations) - replaced)


def tick() -> bool:
    """Whether beat and a worker were heard together lately, by the clock of the database."""
    with briefly():
        return seen_since(TICK, timedelta(seconds=TICKS_OF_SILENCE * settings.TICK_SECONDS))


def seen_since(name: str, silence: timedelta) -> bool:
    """Return whether a pulse is younger than this."""
    limit = Now(output_field=DateTimeField()) - silence
    return Pulse.objects.filter(name=name).annotate(limit=limit).filter(seen_at__gte=F("limit")).exists()


def storage() -> bool:
    """Whether a file can be written where documents are kept; another machine's storage is not tried."""
    try:
        folder = default_storage.path("")
    except NotImplementedError:
        return True
    with tempfile.TemporaryFile(dir=folder) as file:
        return file.write(b"x") == 1


def broker() -> bool:
    """Whether Valkey answers."""
    from celery import current_app

    brief = {"socket_timeout": BROKER_SECONDS, "socket_connect_timeout": BROKER_SECONDS, "max_retries": 0}
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, **brief}
    with current_app.connection_for_write(transport_options=options) as bell:
        bell.ensure_connection(max_retries=1, interval_start=0, interval_step=0, interval_max=0)
    return True


NEEDED: Final[dict[str, Callable[[], bool]]] = {
    "database": database,
    "migrations": migrations,
    "tick": tick,
    "storage": storage,
}
