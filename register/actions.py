"""Verbs on the register: attach the text of a policy."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.models import Register, User
from register import quotes
from register.errors import QuotesDiffer, TextUnknown, TextUnreadable
from register.models import PolicyText, PolicyVersion, Statement

MAX_TEXT_BYTES = 5_000_000
MAX_QUOTE_CHARACTERS = 20_000


@transaction.atomic
def attach_text(register: Register, content: bytes, *, actor: User | None, at: datetime) -> tuple[PolicyVersion, int]:
    """Attach the text of a policy version, known by its digest; return the version and the number of quotes read.

    Every quote is read at its place and checked against its digest; one that differs refuses the text as a whole.
    Attaching the same text again changes nothing.
    """
    digest, text = hashlib.sha256(content).hexdigest(), _decoded(content)
    version = PolicyVersion.objects.filter(register=register, text_digest=digest).first()
    if version is None:
        raise TextUnknown(
            _("No version of a policy in “%(register)s” bears the digest %(digest)s: check that the file is unchanged.")
            % {"register": register, "digest": digest}
        )
    statements = list(Statement.objects.filter(version=version))
    different = [statement.ref for statement in statements if not says_what_it_said(statement, text)]
    if different:
        raise QuotesDiffer(
            _("%(count)d quotes are not found at their places: %(refs)s. The text was not attached.")
            % {"count": len(different), "refs": ", ".join(different[:20])}
        )
    _text, is_new = PolicyText.objects.get_or_create(register=register, digest=digest, defaults={"text": text})
    if is_new:
        details = {"digest": digest, "statements": len(statements)}
        record(Event.Verb.TEXT_ATTACHED, version, register=register, actor=actor, at=at, details=details)
    return version, len(statements)


def says_what_it_said(statement: Statement, text: str) -> bool:
    """Whether the quote read from the text at the statement's places has the digest that the statement keeps."""
    if sum(end - start for start, end in statement.characters) > MAX_QUOTE_CHARACTERS:
        return False
    return quotes.digest(quotes.read_quote(text, statement.characters)) == statement.quote_digest


def _decoded(content: bytes) -> str:
    if len(content) > MAX_TEXT_BYTES:
        raise TextUnreadable(_("The file is larger than %d MB: it is not a policy.") % (MAX_TEXT_BYTES // 1_000_000))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TextUnreadable(_("The file is not UTF-8 text (byte %d): save it as UTF-8.") % error.start) from error
    if "\x00" in text:
        raise TextUnreadable(_("The file holds NUL characters: it is not a text."))
    return text
