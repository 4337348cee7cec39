"""How a run ends: its state, why, and the evidence of it."""

from datetime import datetime
from typing import Any, Final

from foundation.accounts.models import User
from foundation.evidence.models import Event
from foundation.evidence.record import record
from retention.models import Run

Why, State = Run.Why, Run.State
# a person is asked; what goes on by itself at the next run; everything else: nothing was to be done, or allowed
ASKS_A_PERSON: Final = frozenset(
    {Why.ARMING_VOID, Why.REFUSED, Why.BREAKER_ROWS, Why.BREAKER_PERCENT, Why.STOPPED_BY_PERSON, Why.COUNT_DIFFERS}
)
GOES_ON: Final = frozenset({Why.UNREACHABLE, Why.LOCKED, Why.FAILED})


def state_for(why: Run.Why, *, has_begun: bool) -> Run.State:
    """Return the state in which a run ends for a reason, by whether any batch was planned."""
    if why in ASKS_A_PERSON:
        return State.STOPPED
    return State.INCOMPLETE if why in GOES_ON or has_begun else State.NOTHING


def end(run: Run, *, state: Run.State, why: str, at: datetime, actor: User | None = None) -> None:
    """Write that a run has ended, and its evidence, in the caller's transaction."""
    run.state, run.why, run.finished_at = state, why, at
    run.save(update_fields=["state", "why", "finished_at"])
    details: dict[str, Any] = {
        "target": run.target_id,
        "state": run.state,
        "why": run.why,
        "erased": run.rows_erased,
        "treated": run.rows_treated,
        "kept": run.rows_kept,
        "locked": run.rows_locked,
        "batches": run.batches.count(),
    }
    record(Event.Verb.RUN_ENDED, run, register=run.register, actor=actor, details=details, at=at)
