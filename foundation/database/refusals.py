"""The database's refusals that two people cause together, each right by themselves: said to the one who came second."""

import logging
from typing import Final

import psycopg
from django.db import IntegrityError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)
CODE: Final = "came_second"  # for programs
UNIQUE_VIOLATION: Final = "23505"
OF_GUARDS: Final[dict[str, Promise]] = {  # by the constraint that `foundation.database.guards` names
    "answer_without_value": _(
        "Someone else answered the same question at the same moment, in another way. Open the page again: it shows "
        "what they saved."
    ),
    "same_register": _(
        "What you saved points at something that is no longer in this register. Open the page again and choose anew."
    ),
}
SAVED_TWICE: Final = _(
    "The same was saved at the same moment, by someone else or by a second click. Open the page again: it shows what "
    "was saved."
)


def sentence(exception: BaseException) -> Promise | None:
    """Return what to say of a refusal that a race explains; None for every other one, which is a bug.

    A form looks first whether its values are taken: a value that is refused as taken by the database alone was taken
    between the look and the write. It is logged, so that a form that does not look is found.
    """
    cause = exception.__cause__
    if not isinstance(exception, IntegrityError) or not isinstance(cause, psycopg.Error):
        return None
    constraint = cause.diag.constraint_name or ""
    found = SAVED_TWICE if cause.sqlstate == UNIQUE_VIOLATION else OF_GUARDS.get(constraint)
    if found is not None:
        facts = {"sqlstate": cause.sqlstate, "table": cause.diag.table_name or "", "constraint": constraint}
        logger.warning("The database refused what came second", extra=facts)
    return found
