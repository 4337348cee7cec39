"""What the retention engine refuses, and what a business database runs into; no sentence repeats a value."""

from typing import TYPE_CHECKING

from foundation.errors import RuleViolation

if TYPE_CHECKING:
    from django.utils.functional import Promise


class SourceRefused(RuleViolation):
    """The address of a business database is not one that Greffier may connect to."""

    code = "source_refused"


class SourceError(RuleViolation):
    """A business database did not do what it was asked; `cause` says why, as a stable word."""

    code = "source_error"

    def __init__(self, detail: "str | Promise", *, cause: str) -> None:
        super().__init__(detail)
        self.cause = cause


class SourceUnreachable(SourceError):
    """No connection: wrong place, wrong login, no TLS, or it does not answer."""

    code = "source_unreachable"


class SourceFailed(SourceError):
    """It answered, and the statement failed; nothing of its transaction was kept."""

    code = "source_failed"
