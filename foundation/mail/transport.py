"""Handing one message to the mail server, knowing at each step whether the server may have it."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address
from django.utils.translation import gettext as _

from foundation.jobs.errors import RetryLater

REPLY_SECONDS: Final = 300  # how long the server may take to say whether it keeps a message (RFC 5321: minutes)


class Answer(Exception):
    """The server did not take the message, in these words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(code)
        self.code, self.words = code, words


class NotNow(Answer):
    """The server does not have the message and may take it later."""


class Refused(Answer):
    """The server does not have the message and does not want it."""


class Lost(Exception):
    """The server has the message or not: the connection ended before it said so."""


@contextmanager
def opened() -> Iterator[BaseEmailBackend]:
    """Connect to the mail server. Raises `RetryLater` while nothing of any mail has left this process."""
    connection: BaseEmailBackend = get_connection()
    try:
        try:
            connection.open()
        except OSError as refusal:
            raise RetryLater(_why(refusal)) from None
        yield connection
    finally:
        with suppress(OSError):
            connection.close()


def _why(refusal: OSError) -> str:
    if isinstance(refusal, ssl.SSLCertVerificationError):
        return _("The certificate of the mail server is not valid for its name: check EMAIL_URL, or the server.")
    if isinstance(refusal, smtplib.SMTPAuthenticationError | smtplib.SMTPNotSupportedError):
        return _("The mail server does not accept the name and password of EMAIL_URL: check them.")
    return _("The mail server does not answer (%s): check EMAIL_URL, or the server.") % type(refusal).__name__


def hand_over(connection: BaseEmailBackend, message: EmailMessage) -> str:
    """Return the words with which the server took the message. Raises `NotNow`, `Refused` or `Lost`."""
    if not isinstance(connection, EmailBackend):  # files, or the memory of a test
        connection.send_messages([message])
        return ""
    smtp = connection.connection
    assert smtp is not None  # opened
    written: Any = message.message()
    content = written.as_bytes(linesep="\r\n")
    try:
        smtp.ehlo_or_helo_if_needed()
        _expect(*smtp.mail(sanitize_address(message.from_email, "utf-8"), _options(smtp, content)))
        _expect(*smtp.rcpt(sanitize_address(message.to[0], "utf-8")))
    except OSError as ended:
        raise NotNow(0, type(ended).__name__) from None  # the content is still here
    return _hand_content_over(smtp, content)


def _options(smtp: smtplib.SMTP, content: bytes) -> list[str]:
    known = {"size": f"size={len(content)}", "8bitmime": "body=8bitmime"}
    return [option for name, option in known.items() if smtp.has_extn(name)]


def _hand_content_over(smtp: smtplib.SMTP, content: bytes) -> str:
    try:
        if smtp.sock is not None:
            smtp.sock.settimeout(REPLY_SECONDS)
        answer = smtp.data(content)
    except smtplib.SMTPDataError as refusal:  # said before the content was asked for
        answer = refusal.smtp_code, _bytes(refusal.smtp_error)
    except OSError:
        raise Lost from None
    return _expect(*answer)


def _expect(code: int, words: bytes) -> str:
    said = words.decode(errors="replace")
    match code // 100:
        case 2:
            return f"{code} {said}"
        case 4:
            raise NotNow(code, f"{code} {said}")
        case 5:
            raise Refused(code, f"{code} {said}")
    raise Lost


def _bytes(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode()
