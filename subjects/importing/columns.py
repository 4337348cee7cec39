"""What the columns of a file of records are called: by stable names, or by those of the pages in both languages."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from retention.models import StartEventKind, TargetColumn
from subjects.models import Direction, EventKind


class Part(StrEnum):
    """What a column says."""

    KEY = "key"
    ACTIVITY = "activity"
    STATE = "state"
    SINCE = "state_since"
    EVENT = "event"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it says, and of an event or of an identifier which one."""

    part: Part
    name: str = ""
    direction: str = ""


PLAIN: Final[dict[Part, "str | Promise"]] = {
    Part.KEY: _("key"),
    Part.ACTIVITY: _("processing activity"),
    Part.STATE: _("state of the relationship"),
    Part.SINCE: _("in this state since"),
}
LANGUAGES: Final = ("fr", "en")


def known() -> dict[str, Column]:
    """Return every column by each of its names, in small letters."""
    found: dict[str, Column] = {}
    for code, label, column in _columns():
        found[code] = column
        for language in LANGUAGES:
            with translation.override(language):
                found[str(label).casefold()] = column
    return found


def names() -> list[str]:
    """Return the stable names, in the order of the documentation."""
    return [code for code, _label, _column in _columns()]


def _columns() -> "Iterator[tuple[str, str | Promise, Column]]":
    for part, label in PLAIN.items():
        yield part.value, label, Column(part)
    contact = StartEventKind.LAST_INBOUND_CONTACT
    yield contact.value, contact.label, Column(Part.EVENT, EventKind.CONTACT.value, Direction.INBOUND.value)
    for kind in EventKind:
        if kind is not EventKind.CONTACT:
            yield kind.value, kind.label, Column(Part.EVENT, kind.value)
    for identity in TargetColumn.Identity:
        yield identity.value, identity.label, Column(Part.PERSONAL, identity.value)
