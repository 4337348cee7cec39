"""System checks: `manage.py check --deploy` asks for a master key, `check --database default` whether it fits."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import OperationalError, ProgrammingError, transaction

from foundation.keys import fitness, wrapping


def a_master_key_is_given(**_: Any) -> list[CheckMessage]:
    """Ask for a master key before web and worker refuse to start without."""
    keys = wrapping.master_keys()
    return [] if keys else [Error("No master key is given.", hint=keys.remedy, id=fitness.NONE_GIVEN)]


def master_keys_fit(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Ask whether the master keys given, if any, open the data keys of the database."""
    if "default" not in (databases or ()) or not wrapping.master_keys():
        return []  # `migrate` needs no master key, and gets none in production
    try:
        with transaction.atomic():
            return [Error(sentence, id=id_) for id_, sentence in fitness.problems()]
    except (OperationalError, ProgrammingError):  # not reachable, or not migrated: other checks tell
        return []
