"""What the retention engine refuses, and what a business database runs into; no sentence repeats a value."""

from collections.abc import Sequence
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


class MappingRefused(RuleViolation):
    """A mapping may not run in this database; `reasons` says everything that stands against it."""

    code = "mapping_refused"

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


class GroundError(RuleViolation):
    """The place where rows stand did not do what was asked: nothing of the transaction was kept.

    `cause` is a stable word (`retention.statements.failures`); `may_pass`: the same may go well a little later.
    """

    code = "ground_error"

    def __init__(self, detail: "str | Promise", *, cause: str, may_pass: bool = False) -> None:
        super().__init__(detail)
        self.cause = cause
        self.may_pass = may_pass


# -- what persons order ----------------------------------------------------------------------------------------------


class NotArmable(RuleViolation):
    """The preview may not be armed: not counted, refused, too old, or of what was changed since."""

    code = "not_armable"


class AlreadyArmed(RuleViolation):
    code = "already_armed"


class NotArmed(RuleViolation):
    """There is no standing arming to run on, or to take back."""

    code = "not_armed"


class NoticeLasts(RuleViolation):
    code = "notice_lasts"


class RunHasEnded(RuleViolation):
    code = "run_has_ended"


class HoldRefused(RuleViolation):
    """The hold does not say what it holds, or is not open any more."""

    code = "hold_refused"


class DecisionRefused(RuleViolation):
    """The decision does not answer the question, or does not stand any more."""

    code = "decision_refused"


class GroundUndeclared(RuleViolation):
    """No application of this installation declares this kind of data source."""

    code = "ground_undeclared"
