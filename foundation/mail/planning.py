"""Planning a mail in the transaction of what it tells."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from foundation.accounts.models import Register, User
from foundation.jobs.asking import ask
from foundation.jobs.models import Job
from foundation.keys import vault
from foundation.mail import wording
from foundation.mail.errors import MailErased, MailNotSetUp
from foundation.mail.models import Mail, place_of_text

KIND = "mail.hand_over"


@transaction.atomic
def plan(
    *,
    to: Sequence[str],
    subject: str,
    body: str,
    slot: str,
    register: Register | None = None,
    by: User | None = None,
    sealed: bool = False,
) -> list[Mail]:
    """Return one mail per recipient, in their order, fixed as given; the same slot returns the same mails.

    `sealed` is for a text that opens something, such as a link for a new password: it is stored under a data key.

    Raises `NotAMail` before anything is written. The job rings once the caller's transaction holds. `slot` is read in
    logs: it holds numbers of rows, no personal datum.
    """
    if isinstance(to, str) or "@" in slot:
        raise TypeError("`to` is a list of addresses, and no address stands in a slot.")
    if not settings.DEFAULT_FROM_EMAIL:
        raise MailNotSetUp
    recipients = list(dict.fromkeys(to))
    wording.check_recipients(recipients)
    wording.check_subject(subject)
    wording.check_body(body)
    now = timezone.now()
    return [
        _plan_one(_job(slot, position, register, by), address, subject, body, now, sealed=sealed)
        for position, address in enumerate(recipients, 1)
    ]


def _job(slot: str, position: int, register: Register | None, by: User | None) -> Job:
    return ask(KIND, slot=f"mail {slot} {position}", register=register, by=by)


def _plan_one(job: Job, address: str, subject: str, body: str, now: datetime, *, sealed: bool) -> Mail:
    stored = vault.seal_text(body, key=vault.data_key("mail"), place=place_of_text(job.pk)) if sealed else body
    mail, is_new = Mail.objects.get_or_create(
        job=job,
        defaults={
            "register_id": job.register_id,
            "recipient": address,
            "sender": settings.DEFAULT_FROM_EMAIL,
            "subject": subject,
            "body": stored,
            "is_sealed": sealed,
            "message_id": f"<{secrets.token_hex(16)}@{domain_of(settings.DEFAULT_FROM_EMAIL)}>",
            "planned_at": now,
        },
    )
    if is_new and job.state not in Job.OPEN:
        raise MailErased
    return mail


def domain_of(sender: str) -> str:
    """Return the domain of a sender as it is written on the wire."""
    return parseaddr(sender)[1].rpartition("@")[2].encode("idna").decode()
