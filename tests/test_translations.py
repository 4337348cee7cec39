"""French is complete: nothing untranslated or uncertain, and every message of the code is in the catalogue."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
CODE = ("clocks", "config", "documents", "editions", "foundation", "office", "processors", "register", "retention")
MARKERS = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext"}
TRANSLATE = re.compile(r"""{%\s*(?:translate|trans)\s+("([^"]+)"|'([^']+)')(?![^%]*\bcontext\b)""")


def catalogue():
    with (ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file)


def messages_of_the_code() -> Iterator[tuple[str, str]]:
    for path in (
        path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts
    ):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in MARKERS - {"pgettext"}
            ):
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield str(path.relative_to(ROOT)), first.value
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for match in TRANSLATE.finditer(path.read_text(encoding="utf-8")):
            yield str(path.relative_to(ROOT)), match.group(2) or match.group(3)


def test_nothing_is_untranslated_and_nothing_uncertain():
    left = [message.id for message in catalogue() if message.id and (message.fuzzy or not all(_forms(message.string)))]
    assert left == []


def _forms(text):
    return text if isinstance(text, tuple) else (text,)


def test_every_message_of_the_code_is_in_the_catalogue():
    known = {form for message in catalogue() if message.id for form in _forms(message.id)}
    missing = {(place, text) for place, text in messages_of_the_code() if text not in known}
    assert missing == set()
