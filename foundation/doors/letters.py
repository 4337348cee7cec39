"""Mails about accounts: planned like every other mail, by one function, once the answer is on its way."""

import logging
import secrets
from collections.abc import Callable

from django.core.mail import EmailMessage
from django.db import DatabaseError
from django.http import HttpResponse

from foundation.errors import RuleViolation
from foundation.mail.planning import plan

logger = logging.getLogger(__name__)


def hand_over(mail: EmailMessage) -> None:
    """Plan this mail; that no mail can be planned is told to whoever runs Greffier, never to who asked."""
    try:
        slot = f"account {secrets.token_hex(8)}"
        plan(to=mail.to, subject=str(mail.subject), body=str(mail.body), slot=slot, sealed=True)  # a link opens it
    except (RuleViolation, DatabaseError) as failure:
        logger.error("A mail about an account was not planned.", extra={"failure": type(failure).__name__})


def afterwards(response: HttpResponse, act: Callable[[], None]) -> None:
    """Have this done when the answer is on its way, so that the time of the answer tells nothing about it."""
    response._resource_closers.append(act)  # type: ignore[attr-defined]
