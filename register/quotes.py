"""Quotes in a policy's text: where they stand, how they read once tags and line breaks are gone, and their digest.

Pure: texts come in, ranges and digests go out. A quote may have several parts, joined by “ […] ”.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

GAP = "[…]"
_TAG = re.compile(r"<(?!https?://|mailto:)/?[A-Za-z][^<>]*>")

Range = tuple[int, int]


@dataclass(frozen=True)
class Readable:
    """A text without tags, with single spaces, and for each of its characters the place it came from."""

    text: str
    places: tuple[int, ...]


def readable(raw: str) -> Readable:
    """Return the text as a person reads it: tags removed, white space collapsed; places point into `raw`."""
    hidden = [False] * len(raw)
    for tag in _TAG.finditer(raw):
        hidden[tag.start() : tag.end()] = [True] * (tag.end() - tag.start())
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(raw):
        if hidden[place] or character.isspace():
            # a tag parts words only where white space stands beside it
            if character.isspace() and not hidden[place] and characters and characters[-1] != " ":
                characters.append(" ")
                places.append(place)
        else:
            characters.append(character)
            places.append(place)
    return Readable("".join(characters), tuple(places))


def read_quote(raw: str, ranges: Iterable[Iterable[int]]) -> str:
    """Return the quote that stands at these ranges of the raw text, its parts joined by “ […] ”."""
    parts = [readable(raw[start:end]).text.strip() for start, end in ranges]
    return f" {GAP} ".join(parts)


def digest(quote: str) -> str:
    """Return the SHA-256 (hex) of a quote, normalised as a person reads it."""
    parts = [readable(part).text.strip() for part in quote.split(GAP)]
    return hashlib.sha256(f" {GAP} ".join(parts).encode()).hexdigest()


def line_of(raw: str, place: int) -> int:
    """Return the line, counted from 1, on which a character stands."""
    return raw.count("\n", 0, place) + 1


def locate(quote: str, raw: str, *, line: int | None = None) -> list[Range]:
    """Return the ranges of the raw text where the parts of a quote stand, in order; empty when they do not.

    Among several places, the one nearest to `line` is taken.
    """
    text = readable(raw)
    parts = [readable(part).text.strip() for part in quote.split(GAP)]
    found = [_follow(text, parts, start) for start in _starts(text.text, parts[0])]
    whole = [ranges for ranges in found if ranges]
    if line is None:
        return whole[0] if whole else []
    return min(whole, key=lambda ranges: abs(line_of(raw, ranges[0][0]) - line), default=[])


def _starts(text: str, part: str) -> list[int]:
    return [match.start() for match in re.finditer(f"(?={re.escape(part)})", text)] if part else []


def _follow(text: Readable, parts: list[str], start: int) -> list[Range]:
    ranges: list[Range] = []
    for part in parts:
        at = text.text.find(part, start) if ranges else start
        if at < 0:
            return []
        ranges.append((text.places[at], text.places[at + len(part) - 1] + 1))
        start = at + len(part)
    return ranges
