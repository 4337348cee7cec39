"""Web and worker refuse to start with master keys that do not fit: a lost key is told before it is missed."""

import logging

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, ProgrammingError, connection

from foundation.keys import fitness, wrapping

log = logging.getLogger(__name__)


def require_fitting_keys() -> None:
    """Raise where a master key is missing or foreign; a database that is not there yet is asked at the next start."""
    if not wrapping.master_keys():
        raise ImproperlyConfigured(f"{fitness.NONE_GIVEN}: No master key is given. {wrapping.master_keys().remedy}")
    try:
        found = list(fitness.problems())
    except (OperationalError, ProgrammingError):  # not reachable, or not migrated
        log.warning("The database does not answer: whether the master key fits was not checked.")
        return
    finally:
        connection.close()  # a server that forks after this has no connection to share
    if found:
        raise ImproperlyConfigured("\n".join(f"{id_}: {sentence}" for id_, sentence in found))
