"""What may stand in the head of a mail, and what is kept of a server's words."""

import re
import unicodedata
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from foundation.mail.errors import NotAMail

LONGEST_ADDRESS = 254
LONGEST_SUBJECT = 200
LONGEST_WORDS = 500
ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:@]+(?:@|=40)[^\s<>()\[\]\"',;:@]+")


def check_subject(subject: str) -> None:
    """Refuse a subject that is empty, too long, or would begin another header."""
    if not subject.strip():
        raise NotAMail(_("A mail needs a subject."))
    if len(subject) > LONGEST_SUBJECT:
        raise NotAMail(_("The subject is longer than %d characters: shorten it.") % LONGEST_SUBJECT)
    if _has_control_characters(subject):
        raise NotAMail(_("The subject holds a line break or a control character: write it on one line."))


def check_body(body: str) -> None:
    """Refuse a text that is empty or that no mail can hold."""
    if not body.strip():
        raise NotAMail(_("A mail needs a text."))
    if "\x00" in body:
        raise NotAMail(_("The text holds a character that no mail can hold (U+0000): remove it."))


def check_recipients(recipients: Sequence[str]) -> None:
    """Refuse a list of recipients that is empty or holds what is no address."""
    if not recipients:
        raise NotAMail(_("A mail needs a recipient."))
    for position, address in enumerate(recipients, 1):
        check_address(address, position=position)


def check_address(address: str, *, position: int) -> None:
    """Refuse what is not the address of one mailbox. The refusal names its place, never the address."""
    if _has_control_characters(address):
        raise NotAMail(_("Recipient %d holds a line break or a control character: write the address alone.") % position)
    try:
        validate_email(address)
    except ValidationError:
        raise NotAMail(_("Recipient %d is not a valid e-mail address: correct it.") % position) from None
    if len(address) > LONGEST_ADDRESS:
        raise NotAMail(_("Recipient %d has an address too long for any mail server: correct it.") % position)


def _has_control_characters(text: str) -> bool:
    return any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text)


def without_addresses(words: str, *, recipient: str) -> str:
    """Return a server's words on one line, with no address in them and no name of this recipient's mailbox."""
    line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    line = ADDRESS.sub("(…)", line)
    local_part = recipient.rpartition("@")[0]
    for name in (local_part, local_part.partition("+")[0]):  # servers name the mailbox behind a “+” too
        line = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "(…)", line, flags=re.IGNORECASE) if name else line
    return line[:LONGEST_WORDS]
