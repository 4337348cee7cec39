"""Strict YAML: mappings, lists and plain values, each with its line; what is wrong is told with line and remedy."""

import re
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.translation import gettext as _
from yaml.reader import ReaderError

from foundation.errors import RuleViolation

MAX_BYTES = 20_000_000
MAX_DEPTH = 20
MAX_DIGITS = 18
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Path = tuple[str | int, ...]
Lines = dict[Path, int]


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


def parse(text: str, source: str = "") -> tuple[Any, Lines]:
    """Return what a YAML (or JSON) text holds, and the line of each place in it; raise `BrokenForm` if it is not."""
    if len(text.encode()) > MAX_BYTES:
        message = _("The file is larger than %d MB: split it.") % (MAX_BYTES // 1_000_000)
        raise BrokenForm([Fault(1, "", message)], source)
    lines: Lines = {}
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
    return form, lines


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
            raise BrokenForm([Fault(line, "", _("The file nests too deeply."))], source)


def _build(loader: yaml.SafeLoader, node: yaml.Node, path: Path, lines: Lines, faults: list[Fault]) -> Any:
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
