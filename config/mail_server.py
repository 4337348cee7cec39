"""Where mails go and whom they come from, as Django's settings want it; a bad value stops the start."""

from email.utils import parseaddr
from typing import Any
from urllib.parse import ParseResult, unquote

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def mail_server(url: ParseResult) -> dict[str, Any]:
    """Return Django's settings of the mail server; where TLS is spoken, its certificate is checked."""
    if url.scheme not in PORTS or not url.hostname:
        raise ImproperlyConfigured(
            "EMAIL_URL must be smtp+tls://name:password@host (STARTTLS), smtp+ssl://… (TLS from the start) or smtp://…"
        )
    if url.scheme == "smtp" and url.password and url.hostname not in THIS_MACHINE:
        raise ImproperlyConfigured("EMAIL_URL would send its password in the clear: use smtp+tls:// or smtp+ssl://.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": url.port or PORTS[url.scheme],
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_TLS": url.scheme == "smtp+tls",
        "EMAIL_USE_SSL": url.scheme == "smtp+ssl",
    }


def mail_sender(given: str) -> str:
    """Return the address that mails come from, with or without a name before it."""
    address = parseaddr(given)[1]
    try:
        validate_email(address)
    except ValidationError:
        raise ImproperlyConfigured("GREFFIER_MAIL_FROM must be the e-mail address that mails come from.") from None
    if not address.rpartition("@")[0].isascii() or not given.isprintable():
        raise ImproperlyConfigured("GREFFIER_MAIL_FROM must be on one line, with nothing but ASCII before the “@”.")
    return given
