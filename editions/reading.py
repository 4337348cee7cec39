"""Read a file in the canonical form: every error at once, each with its line, its place and its remedy."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import jsonschema
import yaml
from django.utils.translation import gettext as _
from yaml.reader import ReaderError

from editions.schema import schema
from foundation.errors import RuleViolation

MAX_BYTES = 20_000_000
MAX_DEPTH = 20
MAX_DIGITS = 18
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a file: where, and what to do."""

    line: int
    place: str
    message: str

    def __str__(self) -> str:
        place = f" {self.place}:" if self.place else ""
        return _("line %(line)s:") % {"line": self.line} + f"{place} {self.message}"


class BrokenForm(RuleViolation):
    """The file is refused as a whole; nothing was loaded. `faults` holds every error found."""

    code = "broken_form"

    def __init__(self, faults: list[Fault], source: str = "") -> None:
        self.faults = sorted(faults, key=lambda fault: (fault.line, fault.place))
        head = f"{source}: " if source else ""
        super().__init__("\n".join(f"{head}{fault}" for fault in self.faults))


@dataclass(frozen=True)
class Reading:
    """A file as read: its form, and the line of each place in it."""

    form: dict[str, Any]
    lines: dict[Path, int]

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
    if len(text.encode()) > MAX_BYTES:
        raise BrokenForm(
            [Fault(1, "", _("The file is larger than %d MB: split it.") % (MAX_BYTES // 1_000_000))], source
        )
    reading = _parse(text, source)
    faults = list(_shape_faults(reading))
    if faults:
        raise BrokenForm(faults, source)
    return reading


# -- YAML, of which the form uses mappings, lists and plain values: no anchors, no tags -------------------------------


class _Loader(yaml.SafeLoader):
    """Resolves what JSON knows, and nothing else: dates stay text, `no` stays a word."""

    yaml_implicit_resolvers: dict[str, Any] = {}


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^(?:null|~|)$"), ["n", "~", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$"), list("-0123456789")
)


_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", "int", "float", "bool", "null")}


def _parse(text: str, source: str) -> Reading:
    lines: dict[Path, int] = {}
    faults: list[Fault] = []
    try:
        _refuse_aliases(text, source)
        loader = _Loader(text)
        node = loader.get_single_node()
        form = _build(loader, node, (), lines, faults) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = _("This is not YAML: %(problem)s. Check indentation, colons and quotes there.")
        fault = Fault(mark.line + 1 if mark else 1, "", message % {"problem": error.problem or error.context})
        raise BrokenForm([fault], source) from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = _("The character U+%04X is not allowed in YAML: remove it.") % error.character
        raise BrokenForm([Fault(line, "", message)], source) from error
    if faults:
        raise BrokenForm(faults, source)
    if not isinstance(form, dict):
        raise BrokenForm([Fault(1, "", _("The file holds no register: it must start with “greffier: 1”."))], source)
    return Reading(form, lines)


def _refuse_aliases(text: str, source: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BrokenForm(
                [Fault(line, "", _("Anchors and aliases are not part of the form: write it out."))], source
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise BrokenForm([Fault(line, "", _("The file nests too deeply to be a register."))], source)


def _build(loader: yaml.SafeLoader, node: yaml.Node, path: Path, lines: dict[Path, int], faults: list[Fault]) -> Any:
    lines[path] = node.start_mark.line + 1
    if node.tag not in _TAGS:
        faults.append(Fault(lines[path], "", _("Tags such as %s are not part of the form: remove it.") % node.tag))
        return None
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                faults.append(Fault(line, "", _("A key is a word here: write “name: value”.")))
                continue
            key = str(key_node.value)
            if key in mapping:
                faults.append(Fault(line, key, _("This key stands twice: keep one.")))
            mapping[key] = _build(loader, value_node, (*path, key), lines, faults)
            lines[*path, key] = line
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_build(loader, item, (*path, index), lines, faults) for index, item in enumerate(node.value)]
    if _UNSTORABLE.search(str(node.value)):
        faults.append(Fault(lines[path], "", _("A text here holds a character that cannot be stored: remove it.")))
        return None
    if node.tag == "tag:yaml.org,2002:int" and len(node.value) > MAX_DIGITS:
        faults.append(Fault(lines[path], "", _("The number is too large.")))
        return None
    return loader.construct_object(node)


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
