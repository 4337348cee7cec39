"""One value of the canonical form in words: labels, dates, numbers, countries and lengths of time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from babel import Locale
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clocks.durations import Duration
from clocks.errors import DurationError
from clocks.wording import Language
from clocks.wording import in_words as duration_in_words
from register.models.duration_field import DurationField

NARROW = "\u202f"
NO_BREAK = "\u00a0"


@dataclass(frozen=True)
class Words:
    """A piece of text; `lang` is given when it is not in the document's language."""

    text: str
    lang: str = ""
    is_own: bool = False  # a person wrote it; otherwise it is a word of ours

    @property
    def capital(self) -> "Words":
        """The same text as a heading: with a capital first letter."""
        return replace(self, text=self.text[:1].upper() + self.text[1:])


def in_words(
    field: "models.Field[Any, Any]", value: Any, *, language: str, own: Callable[[str], Words]
) -> tuple[Words, ...]:
    """Return the value of a field of the form, in the document's language or as a person wrote it."""
    if isinstance(field, ArrayField):
        return tuple(word for item in value for word in in_words(field.base_field, item, language=language, own=own))
    if field.choices:
        return (Words(str(dict(field.flatchoices).get(value, value))),)
    if isinstance(field, DurationField):
        return (Words(length(value, language=language)),)
    if isinstance(field, models.BooleanField):
        return (Words(_("yes") if value else _("no")),)
    if isinstance(field, models.DateField):
        return (Words(day(value, language=language)),)
    if field.name == "country":
        return (Words(country(value, language=language)),)
    if isinstance(field, models.CharField | models.TextField):
        return (own(str(value)),)
    grouped = isinstance(field, models.PositiveBigIntegerField)
    return (Words(number(value, language=language) if grouped or isinstance(value, float) else str(value)),)


def length(text: str, *, language: str) -> str:
    """Return an ISO 8601 duration as people say it; a text that is none stays as it is."""
    try:
        words = duration_in_words(Duration.parse(text), language=Language(language))
    except DurationError:
        return text
    return _bound(words)


def _bound(words: str) -> str:
    """Keep each number on one line with its unit."""
    parts = words.split(" ")
    return "".join(
        part + (NO_BREAK if part.isdigit() else " " if place < len(parts) - 1 else "")
        for place, part in enumerate(parts)
    )


def day(text: str, *, language: str, precision: str = "day") -> str:
    """Return an ISO date in words: “1er mars 2027”, “1 March 2027”; a month or a year alone when no more is known."""
    when = date.fromisoformat(text[:10])
    month = str(Locale(language).months["format"]["wide"][when.month])
    if precision == "year":
        return str(when.year)
    if precision == "month":
        return f"{month} {when.year}"
    number_of_day = "1er" if language == "fr" and when.day == 1 else str(when.day)
    return f"{number_of_day}{NO_BREAK}{month} {when.year}"


def number(value: float, *, language: str) -> str:
    """Return a number with the separators of the language; figures are grouped by narrow no-break spaces in French."""
    text = f"{value:,}"
    return text.replace(",", NARROW).replace(".", ",") if language == "fr" else text


def country(code: str, *, language: str) -> str:
    """Return the name of a country from its ISO code."""
    return str(Locale(language).territories.get(code.upper(), code))


def opening_hours(openings: Iterable[tuple[int, str, str]], *, language: str) -> list[str]:
    """Return openings in words, days with the same hours together: “lundi–jeudi : 8 h 30–12 h 30, 13 h 30–17 h 30”."""
    by_day: dict[int, list[str]] = {}
    for weekday, opens_at, closes_at in openings:
        hours = f"{_clock(opens_at, language=language)}–{_clock(closes_at, language=language)}"
        by_day.setdefault(weekday, []).append(hours)
    lines: list[tuple[list[int], str]] = []
    for weekday, spans in sorted(by_day.items()):
        said = ", ".join(spans)
        if lines and lines[-1][1] == said and lines[-1][0][-1] == weekday - 1:
            lines[-1][0].append(weekday)
        else:
            lines.append(([weekday], said))
    names = Locale(language).days["format"]["wide"]
    return [
        "–".join(dict.fromkeys((names[days[0] - 1], names[days[-1] - 1]))) + pgettext("after a label", ": ") + said
        for days, said in lines
    ]


def _clock(text: str, *, language: str) -> str:
    hours, minutes = text.split(":")[:2]
    if language != "fr":
        return f"{hours}:{minutes}"
    return f"{int(hours)}{NO_BREAK}h" + (f"{NO_BREAK}{minutes}" if minutes != "00" else "")
