"""What an arming holds for, as hashes: the rule with all that decides what goes, the mapping with its place (pure)."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from enum import Enum
from typing import Any

from foundation.evidence.verifier import canonical
from retention.due import Decisions, Rule
from retention.ground import Cover
from retention.mapping import TableMapping


def version_of(
    rule: Rule,
    decisions: Decisions,
    *,
    covers: Iterable[tuple[Cover, Rule]] = (),
    exceptions: Iterable[tuple[int, str, str, str]] = (),
    zone: str = "",
    fiscal_year_ends: tuple[int, int] | None = None,
) -> str:
    """Return the SHA-256 (hex) of what the rule says, what was decided about it, and what is kept of its rows.

    Of the others all but their days: a preview and a run see different ones.
    """
    said = {
        "rule": _said(rule, decisions),
        "covers": sorted(canonical(_plain(_kept(cover, other, decisions))).decode() for cover, other in covers),
        "exceptions": sorted(exceptions),
        "zone": zone,
        "fiscal_year_ends": fiscal_year_ends,
    }
    return _hash(said)


def version_at(mapping: TableMapping, *, source: int, place: str) -> str:
    """Return the SHA-256 (hex) of all that a mapping says, and of the place for which it says so."""
    return _hash({"mapping": mapping.version, "source": source, "place": place})


def _said(rule: Rule, decisions: Decisions) -> dict[str, Any]:
    return {
        "rule": asdict(rule),
        "combination": decisions.combination.get(rule.ref),
        "moment": decisions.moment.get(rule.ref),
        "prevails": sorted(pair for pair in decisions.prevails if rule.ref in pair),
        "both": sorted(sorted(pair) for pair in decisions.both if rule.ref in pair),
        "fate": decisions.fate.get(rule.ref),
    }


def _kept(cover: Cover, rule: Rule, decisions: Decisions) -> dict[str, Any]:
    kept = asdict(cover)
    kept["cut_off"] = cover.cut_off is not None
    return {**kept, "rule": _said(rule, decisions)}


def _hash(said: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(_plain(said))).hexdigest()


def _plain(value: Any) -> Any:
    """Return a value as JSON writes it, the same each time."""
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(_plain(inner) for inner in value)
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, Enum):
        return value.value
    return value if value is None or isinstance(value, bool | int) else str(value)
