"""Mails about accounts: the one place that hands them over."""

import logging
from collections.abc import Callable

from django.core.mail import EmailMessage
from django.http import HttpResponse

log = logging.getLogger(__name__)


def hand_over(mail: EmailMessage) -> None:
    """Hand a mail over; a mail server that is away is told to whoever runs Greffier, never to who asked."""
    try:
        mail.send()
    except OSError as failure:  # smtplib's errors are OSErrors
        log.error("A mail about an account was not handed over: %s", type(failure).__name__)


def afterwards(response: HttpResponse, act: Callable[[], None]) -> None:
    """Have this done when the answer is on its way, so that the time of the answer tells nothing about it."""
    response._resource_closers.append(act)  # type: ignore[attr-defined]
