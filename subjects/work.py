"""What is done about subjects in the background."""

from datetime import datetime

from foundation.jobs.kinds import sweep
from subjects.importing.taking import forget_unconfirmed


@sweep
def forget_files_nobody_confirmed(now: datetime) -> None:
    """Files of records wait for a day, no longer."""
    forget_unconfirmed(now)
