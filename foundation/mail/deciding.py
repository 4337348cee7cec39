"""What a person decides of a mail of which nobody knows whether it arrived, or which the server refused."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from foundation.accounts.models import User
from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.jobs import orders
from foundation.jobs.models import Job
from foundation.mail.errors import NothingToDecide
from foundation.mail.models import Mail


@transaction.atomic
def it_arrived(mail_id: int, *, actor: User | None, at: datetime) -> Mail:
    """Record that a person saw that the mail arrived; it is not sent again."""
    mail = _hold(mail_id, [Mail.State.UNKNOWN])
    mail.state, mail.handed_over_at = Mail.State.HANDED_OVER, at
    return _decided(mail, Event.Verb.MAIL_ARRIVED, actor, at)


@transaction.atomic
def send_again(mail_id: int, *, actor: User | None, at: datetime) -> Mail:
    """Have the same message sent once more, under its own number, so that a receiver can drop a double."""
    mail = _hold(mail_id, [Mail.State.UNKNOWN, Mail.State.REFUSED])
    mail.state = Mail.State.PLANNED
    return _decided(mail, Event.Verb.MAIL_AGAIN, actor, at)


def _hold(mail_id: int, states: Collection[str]) -> Mail:
    """Lock the job, as its worker does, then the mail."""
    Job.objects.select_for_update(no_key=True).filter(mail=mail_id).first()
    mail = Mail.objects.select_for_update(no_key=True, of=("self",)).select_related("register", "job").get(pk=mail_id)
    if mail.state not in states:
        raise NothingToDecide(mail.get_state_display())
    return mail


def _decided(mail: Mail, verb: Event.Verb, actor: User | None, at: datetime) -> Mail:
    mail.decided_by, mail.decided_at = actor, at
    mail.save(update_fields=["state", "handed_over_at", "decided_by", "decided_at"])
    orders.retry(mail.job_id, actor=actor)  # the job sends it, or finds that nothing is left to do
    record(verb, mail, register=mail.register, actor=actor, details={"job": mail.job_id}, at=at)
    return mail
