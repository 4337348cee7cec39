"""What the ground floor does in the background."""

from datetime import datetime

from foundation.doors.forgetting import forget
from foundation.evidence import work as evidence  # noqa: F401 - declares its own work
from foundation.jobs.kinds import sweep
from foundation.jobs.ticking import clear_away
from foundation.mail import handing_over

__all__ = ["clear_old_jobs_away", "handing_over"]


@sweep
def clear_old_jobs_away(now: datetime) -> None:
    """Forget the jobs that ended long ago."""
    clear_away(now)


@sweep
def forget_who_came_in(now: datetime) -> None:
    """Forget sessions that are over, and where they came from."""
    forget(now)
