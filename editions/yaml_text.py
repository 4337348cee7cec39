"""The canonical form as YAML for people: one way to write each value, so that a comparison shows what changed."""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from editions.dump import Form
from editions.form import SECTIONS

_PLAIN = re.compile(r"[A-Za-zÀ-ÿ0-9«(/.][^\n\t\x00-\x1f\x7f-\x9f\ufeff\u2028\u2029]*")
_NOT_PLAIN = re.compile(r": |\s#|:$|^\s|\s$|^---|^\.\.\.|^[.(/]$")
_OTHER_TYPE = re.compile(
    r"true|false|null|yes|no|on|off|y|n|[-+]?\.?[0-9][0-9eE+.:\-]*|[-+]?\.(inf|nan)|~",
    re.IGNORECASE,
)


def write(form: Form) -> str:
    """Return the YAML text of a canonical form, with comments in the register's language."""
    with translation.override(form["register"].get("language", "fr")):
        return "\n".join(_document(form)) + "\n"


def _document(form: Form) -> Iterator[str]:
    yield "# " + _("Greffier, canonical form of a register of processing activities (GDPR, art. 30).")
    yield "# " + _("Under each entry: answers (no value, and why), marks (how the policy says it), cites (statements).")
    yield f"greffier: {form['greffier']}"
    yield "register:"
    yield from _mapping(form["register"], 2)
    for section in SECTIONS:
        rows = form.get(section.name)
        if rows:
            yield ""
            yield f"# {section.description}"
            yield f"{section.name}:"
            yield from _rows(rows, 2)


def _rows(rows: list[Form], indent: int) -> Iterator[str]:
    for row in rows:
        lines = list(_mapping(row, indent + 2))
        yield " " * indent + "- " + lines[0][indent + 2 :]
        yield from lines[1:]


def _mapping(mapping: Form, indent: int) -> Iterator[str]:
    for key, value in mapping.items():
        head = " " * indent + key + ":"
        if isinstance(value, dict):
            yield head
            yield from _mapping(value, indent + 2)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield head
            yield from _rows(value, indent + 2)
        else:
            yield f"{head} {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return (
            "["
            + ", ".join(_value(item) if isinstance(item, list) else _scalar(item, in_list=True) for item in value)
            + "]"
        )
    return _scalar(value)


def _scalar(value: Any, *, in_list: bool = False) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    is_plain = (
        _PLAIN.fullmatch(value)
        and not _NOT_PLAIN.search(value)
        and not _OTHER_TYPE.fullmatch(value)
        and not (in_list and re.search(r"[,\[\]{}]", value))
    )
    return value if is_plain else json.dumps(value, ensure_ascii=False)
