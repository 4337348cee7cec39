"""Read a file in the canonical form: every error at once, each with its line, its place and its remedy."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import jsonschema
from django.utils.translation import gettext as _

from editions.schema import schema
from foundation.strict_yaml import BrokenForm, Fault, Lines, Path, parse

__all__ = ["BrokenForm", "Fault", "Path", "Reading", "read"]


@dataclass(frozen=True)
class Reading:
    """A file as read: its form, and the line of each place in it."""

    form: dict[str, Any]
    lines: Lines

    def line_of(self, path: Path) -> int:
        """Return the line of a place, or of the nearest place around it."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)

    def place_of(self, path: Path) -> str:
        """Return a place in words that a person finds again: `activities “A1.1” › data_items 2 › category`."""
        words: list[str] = []
        at: Any = self.form
        for step in path:
            if isinstance(step, int):
                row = at[step] if isinstance(at, list) and step < len(at) else None
                ref = row.get("ref") if isinstance(row, dict) else None
                words[-1:] = [
                    f"{words[-1] if words else ''} " + (f"“{ref}”" if isinstance(ref, str) else str(step + 1))
                ]
                at = row
            else:
                words.append(step)
                at = at.get(step) if isinstance(at, dict) else None
        return " › ".join(words)

    def fault(self, path: Path, message: str) -> Fault:
        return Fault(self.line_of(path), self.place_of(path), message)


def read(text: str, source: str = "") -> Reading:
    """Return the form that a YAML (or JSON) text holds; raise `BrokenForm` with every fault of its shape."""
    form, lines = parse(text, source)
    if not isinstance(form, dict):
        raise BrokenForm([Fault(1, "", _("The file holds no register: it must start with “greffier: 1”."))], source)
    reading = Reading(form, lines)
    faults = list(_shape_faults(reading))
    if faults:
        raise BrokenForm(faults, source)
    return reading


# -- shape: what the schema says, in words ----------------------------------------------------------------------------


def _shape_faults(reading: Reading) -> Iterator[Fault]:
    validator = jsonschema.Draft202012Validator(schema())
    for error in validator.iter_errors(reading.form):
        path: Path = tuple(error.absolute_path)
        if "propertyNames" in error.absolute_schema_path:
            key, names = str(error.instance), list(error.schema.get("enum", []))
            yield reading.fault((*path, key), _unknown(key, names))
        elif error.validator == "additionalProperties":
            known = list(error.schema.get("properties", {}))
            for key in sorted(set(error.instance) - set(known)):
                yield reading.fault((*path, key), _unknown(key, known))
        elif error.validator == "required":
            missing = [key for key in error.validator_value if key not in error.instance]
            for key in missing:
                yield reading.fault(path, _("“%s” is missing: add it.") % key)
        else:
            yield reading.fault(path, _reason(error))


def _unknown(key: str, known: list[str]) -> str:
    near = get_close_matches(key, known, n=1)
    if near:
        return _("“%(key)s” is not a field here: did you mean “%(near)s”?") % {"key": key, "near": near[0]}
    return _("“%(key)s” is not a field here. Fields: %(known)s.") % {"key": key, "known": ", ".join(known)}


def _reason(error: jsonschema.ValidationError) -> str:
    shown: str = str(error.instance)[:60]
    rule: Any = error.validator_value
    validator: Any = error.validator
    match validator:
        case "enum":
            values = ", ".join(map(str, rule))
            return _("“%(value)s” is not one of: %(values)s.") % {"value": shown, "values": values}
        case "const":
            return _("“%(value)s” is not a version of the form that is known here: %(known)s.") % {
                "value": shown,
                "known": rule,
            }
        case "type":
            return _("“%(value)s” should be of type %(type)s.") % {"value": shown, "type": rule}
        case "pattern" if str(rule).startswith("^P"):
            return _("“%s” is not a duration: write P3Y, P13M, P60D or PT24H.") % shown
        case "pattern":
            return _("“%s” is not a date (2026-03-31) or a time (08:30).") % shown
        case "maxLength":
            return _("The text is longer than %d characters: shorten it.") % int(rule)
        case "minLength" | "minItems":
            return _("Nothing stands here: remove the key, or give an answer under “answers”.")
        case "uniqueItems":
            return _("The same value stands twice: keep one.")
        case _:
            return shown
