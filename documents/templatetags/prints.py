"""How a cell, an entry and a piece of text are set in the documents."""

import re
from dataclasses import replace
from typing import Any

from django import template
from django.db import models
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from documents import periods
from documents.book import Entry
from documents.cells import Cell, by_answer, joined
from documents.values import Words
from documents.vocabulary import EMPTY_MEANS, uncapitalised
from register.models import Contact

register = template.Library()

HIDDEN = frozenset({"ref", "activities"})  # printed beside the entry
BARE = frozenset(  # vocabularies that speak for themselves, without the name of the field
    {"category", "kind", "part", "phase", "event", "nature", "function", "channel", "party", "consent", "technology"}
    | {
        "clause",
        "quantifier",
        "mechanism",
        "ground",
        "indicator",
        "unit",
        "age_rule",
        "postcode",
        "locality",
        "country",
    }
)

IDENTITY = frozenset(
    {"name", "legal_representative", "union_representative", "data_protection_officer"}
)  # each on a line

_LONG_WORD = re.compile(r"(\S{24,})")


@register.simple_tag
def say(words: Words) -> SafeString:
    """Print a text, marked with its language where it is not the document's."""
    text = _breakable(words.text)
    return format_html('<span lang="{}">{}</span>', words.lang, text) if words.lang else text


def _fragment(name: str, context: dict[str, Any]) -> SafeString:
    """Return a fragment without the line end of its file, which would show before a comma."""
    return format_html("{}", SafeString(render_to_string(f"documents/{name}.html", context).rstrip()))


def _breakable(text: str) -> SafeString:
    """Let a word longer than a column break anywhere: an address on the web, or a hostile one."""
    pieces = _LONG_WORD.split(text)
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<span class="long">{}</span>', piece) if place % 2 else piece,)
            for place, piece in enumerate(pieces)
        ),
    )


@register.simple_tag
def cell(shown: Cell) -> SafeString:
    """Print a field of a table: its value, the kind of answer or a dash, then marks and citations."""
    return _fragment("_cell", {"cell": shown, "is_dash": shown.is_silent, "is_short": True})


@register.simple_tag
def known(shown: Cell) -> SafeString:
    """Print a recommended field of a sheet: its value, the kind of answer in full or a dash."""
    return _fragment("_cell", {"cell": shown, "is_dash": shown.is_silent})


@register.simple_tag
def needed(shown: Cell) -> SafeString:
    """Print a field that the article demands: a hole says “to be filled”."""
    return _fragment("_cell", {"cell": shown, "is_hole": shown.is_silent})


@register.simple_tag
def value(shown: Cell) -> SafeString:
    """Print what there is of a field or of the notes on a list, and nothing for a hole."""
    return _fragment("_cell", {"cell": shown})


@register.simple_tag
def plain(shown: Cell) -> SafeString:
    """Print the value alone: in a notice, marks and citations would only disturb."""
    return format_html_join(", ", "{}", ((say(part),) for part in shown.parts))


@register.simple_tag
def plain_details(entry: Entry, skip: str = "") -> SafeString:
    """Print what is known about an entry, without marks and citations and without what is not known."""
    known = [detail for detail in _details(entry, set(skip.split())) if detail["cell"].parts]
    bare = [{**detail, "cell": replace(detail["cell"], marks=(), cites=())} for detail in known]
    return _fragment("_details", {"details": bare})


@register.simple_tag
def item(entry: Entry, skip: str = "") -> SafeString:
    """Print an entry: what it is called, then all that is known about it."""
    head = entry.head
    known = _known_and_not(entry, {*skip.split(), head.name})
    known["details"] = [detail for detail in known["details"] if not _repeats(detail, head)]
    return _fragment("_item", {"head": head, **known})


@register.simple_tag
def details(entry: Entry, skip: str = "") -> SafeString:
    """Print all that is known about an entry but the fields named."""
    return _fragment("_details", _known_and_not(entry, set(skip.split())))


@register.simple_tag
def officer(entry: Entry) -> SafeString:
    """Print who the data protection officer is; where only a contact is known, that the name is not."""
    is_reached = any(contact.row["function"] == Contact.Function.DPO for contact in entry.rows["contacts"])
    return _fragment("_officer", {"cell": entry.cells["data_protection_officer"], "is_reached": is_reached})


@register.simple_tag
def places(engagement: Entry) -> list[dict[str, Cell]]:
    """Return where the data are: each place once, whatever it serves for."""
    rows: dict[tuple[str, str], list[Entry]] = {}
    for row in engagement.rows["locations"]:
        rows.setdefault((row.cells["place"].text, row.cells["country"].text), []).append(row)
    return [
        {
            name: joined(name, "", same[0].cells[name].parts, [row.cells[name] for row in same])
            for name in ("place", "country")
        }
        for same in rows.values()
    ]


@register.simple_tag
def identity(entry: Entry) -> list[Cell]:
    """Return the fields of an organisation that stand each on a line: those known, and those of art. 30(1)(a)."""
    return [shown for shown in entry.filled if shown.name != "ref" and not _is_minor(shown)]


@register.simple_tag
def minor_answers(entry: Entry) -> list[dict[str, str]]:
    """Return the other fields of an organisation for which only a kind of answer is known, by kind."""
    return by_answer(shown for shown in entry.filled if _is_minor(shown))


def _is_minor(shown: Cell) -> bool:
    return shown.is_mere_answer and shown.name not in IDENTITY


@register.simple_tag
def value_line(entry: Entry) -> SafeString:
    """Print a contact on one line of the cover."""
    held = entry.cells["held_by"]
    line = _fragment("_contact", {"contact": entry, "is_short": True})
    return format_html("{} ({} {})", line, uncapitalised(held.label), plain(held)) if held.parts else line


@register.simple_tag
def address_line(entry: Entry) -> SafeString:
    """Print an address on one line: street, postcode and town, country."""
    town = [entry.cells[name] for name in ("postcode", "locality")]
    pieces = [say_all([entry.cells["street"]]), say_all(town), say_all([entry.cells["country"]])]
    return format_html_join(", ", "{}", ((piece,) for piece in pieces if piece))


@register.simple_tag
def address_notes(entry: Entry) -> SafeString:
    """Print what is noted on any part of an address."""
    cells = [entry.cells[name] for name in ("entry", "function", "street", "postcode", "locality", "country")]
    return value(joined("entry", "", (), [noted.notes for noted in cells]))


@register.simple_tag
def address_lines(entry: Entry) -> SafeString:
    """Print the addresses of an organisation, each on a line; one that serves twice is printed once."""
    lines = dict.fromkeys(address_line(address) for address in entry.rows["addresses"])
    return format_html_join("", "<br>{}", ((line,) for line in lines))


def say_all(cells: list[Cell]) -> SafeString:
    """Print the values of several cells with a space between."""
    return format_html_join(" ", "{}", ((say(part),) for shown in cells for part in shown.parts))


@register.simple_tag
def lifetime(tracker: Entry) -> SafeString:
    """Print how long a tracker lasts (French act, art. 82)."""
    return _fragment("_cell", {"cell": periods.lifetime(tracker), "is_dash": True, "is_short": True})


@register.simple_tag
def commitment(level: Entry) -> SafeString:
    """Print what a service level promises (art. 32(1)(b)-(c))."""
    return _fragment("_cell", {"cell": periods.commitment(level), "is_dash": True, "is_short": True})


def _known_and_not(entry: Entry, skipped: set[str]) -> dict[str, Any]:
    """Return the details with a value or a note of their own, and the labels of the others by kind of answer."""
    shown = _details(entry, skipped)
    return {
        "details": [detail for detail in shown if not detail["cell"].is_mere_answer],
        "answers": by_answer(detail["cell"] for detail in shown if detail["cell"].is_mere_answer),
    }


def _repeats(detail: dict[str, Any], head: Cell) -> bool:
    """Whether a vocabulary says the very word that the entry is called by."""
    shown: Cell = detail["cell"]
    return detail["is_bare"] and shown.text.casefold() == head.text.casefold() and shown.notes.is_blank


def _details(entry: Entry, skipped: set[str]) -> list[dict[str, Any]]:
    fields = {field.name: field for field in entry.section.fields}
    return [
        {
            "cell": shown,
            "is_bare": shown.name in BARE and bool(shown.parts),
            "is_flag": isinstance(fields.get(shown.name), models.BooleanField) and entry.row.get(shown.name) is True,
            "empty_means": EMPTY_MEANS.get((entry.section.name, shown.name), "") if shown.is_silent else "",
        }
        for shown in (*entry.filled, *entry.lists)
        if shown.name not in skipped | HIDDEN | set(entry.placing)
    ]
