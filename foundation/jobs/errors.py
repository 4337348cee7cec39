"""What ends the work on a job before it is done, and what a person's order runs into."""

from foundation.errors import RuleViolation


class WorkInterrupted(Exception):
    """The job may not go on in this process; nothing of the current write was kept."""


class LeaseLost(WorkInterrupted):
    """Another worker holds the job now: this one was silent for longer than its lease."""


class Cancelled(WorkInterrupted):
    """A person cancelled the job."""


class Halted(WorkInterrupted):
    """A person paused the job, or a stop of work stands: it goes on later."""


class RetryLater(Exception):
    """What the job needs does not answer now; try again. `reason` holds no personal datum."""

    def __init__(self, reason: str, *, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class NotInThisState(RuleViolation):
    code = "job_not_in_this_state"
