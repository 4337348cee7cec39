"""The job of a mail: handed over once; when it is not known whether it was, a person decides."""

from datetime import datetime

from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.accounts.models import User
from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.jobs.errors import RetryLater
from foundation.jobs.held import HeldJob
from foundation.jobs.kinds import sweep, worker
from foundation.jobs.models import Job
from foundation.mail import transport
from foundation.mail.errors import MailRefused, MayHaveArrived
from foundation.mail.models import Mail
from foundation.mail.planning import KIND
from foundation.mail.wording import without_addresses

ATTEMPTS = 40  # with the pauses between them, a mail server may be away for a day and a half


@worker(KIND, title=gettext_lazy("Sending a mail"), attempts=ATTEMPTS, at_most=3 * transport.REPLY_SECONDS, kept=True)
def hand_over(job: HeldJob) -> None:
    """Hand a mail over to the mail server, unless it may have got there before."""
    mail = Mail.objects.get(job=job.pk)
    match mail.state:
        case Mail.State.PLANNED:
            _hand_over(job, mail)
        case Mail.State.HANDING_OVER:  # whoever held it before fell silent after this was written
            _note(job, mail, Mail.State.UNKNOWN)
            raise MayHaveArrived
        case Mail.State.UNKNOWN:
            raise MayHaveArrived
        case Mail.State.REFUSED:
            raise MailRefused


def _hand_over(job: HeldJob, mail: Mail) -> None:
    message = message_of(mail)
    message.message()  # what cannot be written down stops here, before anything is said to be under way
    with transport.opened() as connection:
        with job.writing():
            under_way = Mail.objects.filter(pk=mail.pk, state=Mail.State.PLANNED).update(
                state=Mail.State.HANDING_OVER, token=job.token, words=""
            )
        if not under_way:
            return  # erased since it was read
        # from here on a silence of this process means that nobody knows
        try:
            words = transport.hand_over(connection, message)
        except transport.NotNow as answer:
            _note(job, mail, Mail.State.PLANNED, answer.words)
            raise RetryLater(
                _("The mail server did not take the mail yet (%s).") % (answer.code or answer.words)
            ) from None
        except transport.Refused as answer:
            _note(job, mail, Mail.State.REFUSED, answer.words)
            raise MailRefused from None
        except transport.Lost:
            _note(job, mail, Mail.State.UNKNOWN)
            raise MayHaveArrived from None
        with job.finishing(heed_orders=False):
            _put(mail, Mail.State.HANDED_OVER, words, handed_over_at=timezone.now())
            _tell(job, mail)


def message_of(mail: Mail) -> EmailMessage:
    """Return the message, the same whenever it is made: who got it twice can tell by its number."""
    headers = {"Message-ID": mail.message_id, "Date": http_date(mail.planned_at.timestamp()).replace("GMT", "+0000")}
    return EmailMessage(mail.subject, mail.text, mail.sender, [mail.recipient], headers=headers)


def _note(job: HeldJob, mail: Mail, state: Mail.State, words: str = "") -> None:
    with job.writing(heed_orders=False):
        _put(mail, state, words)


def _put(mail: Mail, state: Mail.State, words: str, **fields: datetime) -> None:
    kept = without_addresses(words, recipient=mail.recipient)
    Mail.objects.filter(pk=mail.pk).update(state=state, words=kept, **fields)


def _tell(job: HeldJob, mail: Mail) -> None:
    actor = User.objects.filter(pk=job.asked_by_id).first() if job.asked_by_id else None
    record(Event.Verb.MAIL_HANDED_OVER, mail, register=mail.register, actor=actor, details={"job": job.pk})


@sweep
def see_what_was_left(now: datetime) -> None:
    """Put before a person what was under way when its job was given up."""
    left = Job.objects.filter(mail__state=Mail.State.HANDING_OVER).exclude(state__in=Job.OPEN)
    held = list(left.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    Mail.objects.filter(job__in=held, state=Mail.State.HANDING_OVER).update(state=Mail.State.UNKNOWN)
