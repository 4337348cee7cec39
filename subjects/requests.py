"""What is done with rights requests: filed with the day of their answer, closed, a restriction lifted (art. 12, 18)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from clocks.answers import answer_due
from clocks.outcomes import DueOn
from clocks.public_holidays import FrenchPublicHolidays
from foundation import history
from foundation.accounts.models import Register, User
from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.keys import vault
from subjects.actions import day_in
from subjects.errors import ReceivedLater, RequestClosed
from subjects.models import RightsRequest

HOLIDAYS: Final = FrenchPublicHolidays()


def answer_due_on(received_on: date) -> date:
    """Return the last day on which an answer is still in time: one month, moved to a working day (art. 12(3))."""
    due = answer_due(received_on, holidays=HOLIDAYS)
    assert isinstance(due, DueOn)  # nothing is asked of the person yet
    return due.on


@sensitive_variables()  # also what the transaction around it was called with
@transaction.atomic
def file_request(
    register: Register,
    *,
    rights: Sequence[str],
    identity_kind: str,
    identity: str,
    received_on: date,
    by: User | None,
    at: datetime,
) -> RightsRequest:
    """Write a request down, who asks sealed under a key of the request's own."""
    if received_on > day_in(register, at):
        raise ReceivedLater
    with history.because("subjects.file_request", actor=by):
        request = RightsRequest.objects.create(
            register=register,
            rights=list(rights),
            identity_kind=identity_kind,
            received_on=received_on,
            due_on=answer_due_on(received_on),
            filed_by=by,
        )
        key = vault.data_key(RightsRequest.KEY_PURPOSE, register=register, subject=request.pk)
        request.identity = vault.seal_text(identity.strip(), key=key, place=vault.Place.of(request, "identity"))
        request.save(update_fields=["identity"])
    details = {"rights": list(rights), "due_on": request.due_on.isoformat()}
    record(Event.Verb.REQUEST_FILED, request, register=register, actor=by, details=details, at=at)
    return request


@transaction.atomic
def close_request(
    request: RightsRequest, *, state: RightsRequest.State, on: date, by: User | None, at: datetime
) -> RightsRequest:
    """Say how a request ended; what was held for it may go from then on, but for what is restricted."""
    held = _held(request)
    if held.state != RightsRequest.State.OPEN or state == RightsRequest.State.OPEN:
        raise RequestClosed
    if on < held.received_on or on > day_in(held.register, at):
        raise ReceivedLater
    held.state, held.closed_on, held.closed_by = state, on, by
    with history.because("subjects.close_request", actor=by):
        held.save(update_fields=["state", "closed_on", "closed_by"])
    details = {"state": state.value, "in_time": int(on <= held.due_on)}
    record(Event.Verb.REQUEST_CLOSED, held, register=held.register, actor=by, details=details, at=at)
    return held


@transaction.atomic
def lift_restriction(request: RightsRequest, *, on: date, by: User | None, at: datetime) -> RightsRequest:
    """Say that a restriction granted is over: the person was told before (art. 18(3)), the data may go again."""
    held = _held(request)
    is_restricted = held.state == RightsRequest.State.ANSWERED and RightsRequest.Right.RESTRICTION in held.rights
    if not is_restricted or held.lifted_on is not None:
        raise RequestClosed
    if held.closed_on is None or on < held.closed_on or on > day_in(held.register, at):
        raise ReceivedLater
    held.lifted_on = on
    with history.because("subjects.lift_restriction", actor=by):
        held.save(update_fields=["lifted_on"])
    record(Event.Verb.REQUEST_CLOSED, held, register=held.register, actor=by, details={"lifted": 1}, at=at)
    return held


def _held(request: RightsRequest) -> RightsRequest:
    return RightsRequest.objects.select_for_update(of=("self",)).select_related("register").get(pk=request.pk)
