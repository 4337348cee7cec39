"""From an edition to the HTML of one document, and the version of everything that decides its words."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from documents import frame, notice
from documents.book import Book
from documents.models import Print
from documents.values import day
from editions.models import Edition
from register.models import ProcessingActivity

CSS: Final = settings.BASE_DIR / "static" / "print" / "print.css"
VERSIONED: Final = (  # what decides the words and the look of a document, besides the edition
    *(
        f"documents/{name}.py"
        for name in ("annex", "book", "cells", "frame", "lacking", "notice", "periods", "registers")
    ),
    *(f"documents/{name}.py" for name in ("rendering", "values", "vocabulary")),
    "documents/templatetags/*.py",
    "templates/documents/*.html",
    "static/print/*.css",
    "foundation/pdf.py",
    "clocks/wording.py",
    "register/models/*.py",
    "processors/models/*.py",
    "retention/models/rules.py",
    "locale/*/LC_MESSAGES/*.po",
)
ROLES: Final = {
    Print.Kind.CONTROLLER_REGISTER: ProcessingActivity.Role.CONTROLLER,
    Print.Kind.PROCESSOR_REGISTER: ProcessingActivity.Role.PROCESSOR,
}
_FRENCH_SPACES: Final = ((re.compile(r"(?<=[^\s>]) (?=[;:!?»])"), "\u202f"), (re.compile("« "), "«\u202f"))


@dataclass(frozen=True)
class EditionFacts:
    """What a document says about the edition that it prints: never the time of printing."""

    number: int
    hash: str
    day: str
    date: str
    note: Any

    @property
    def prefix(self) -> str:
        return self.hash[:12]

    @property
    def number_words(self) -> str:
        return _("edition %(number)s") % {"number": self.number}

    @property
    def line(self) -> str:
        """The stamp at the foot of each page."""
        return _("Edition %(number)s of %(date)s · hash %(hash)s") % {
            "number": self.number,
            "date": self.date,
            "hash": self.prefix,
        }


@cache
def template_version() -> str:
    """Return the digest of every file that decides what a document says and how it looks."""
    digest = hashlib.sha256()
    for pattern in VERSIONED:
        for path in sorted(Path(settings.BASE_DIR).glob(pattern)):
            digest.update(f"{path.relative_to(settings.BASE_DIR).as_posix()}\0".encode() + path.read_bytes())
    for package in ("django", "babel"):
        digest.update(f"{package} {metadata.version(package)}\n".encode())
    return digest.hexdigest()


def html(edition: Edition, *, kind: str, language: str, texts: Mapping[str, str]) -> str:
    """Return the document as HTML; `texts` are the attached texts of the policies by digest."""
    with translation.override(language):
        book = Book(json.loads(edition.canonical), language=language)
        stamp = _stamp(edition, book)
        if kind == Print.Kind.PRIVACY_NOTICE:
            page = render_to_string(
                "documents/notice.html", {"book": book, "edition": stamp, **notice.facts(book, on=stamp.day)}
            )
        else:
            record = frame.of_record(book, ROLES[Print.Kind(kind)], texts)
            page = render_to_string("documents/register.html", {"book": book, "edition": stamp, **record})
    return french(page) if language == "fr" else page


def french(text: str) -> str:
    """Return the text with narrow no-break spaces before ; : ! ? and inside « »."""
    for pattern, space in _FRENCH_SPACES:
        text = pattern.sub(space, text)
    return text


def identity(print_: Print) -> str:
    """Return what makes a print the same print: from it follow its bytes."""
    parts = (
        print_.edition.hash,
        str(print_.edition.number),
        print_.kind,
        print_.language,
        print_.texts_hash,
        print_.template_version,
        print_.renderer_version,
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _stamp(edition: Edition, book: Book) -> EditionFacts:
    zone = ZoneInfo(book.form["register"].get("time_zone", settings.TIME_ZONE))
    published_on = edition.published_at.astimezone(zone).date().isoformat()
    note = book.own(edition.note) if edition.note else None
    return EditionFacts(edition.number, edition.hash, published_on, day(published_on, language=book.language), note)
