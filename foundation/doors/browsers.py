"""A browser in two words, from the long line in which it presents itself."""

import re
from typing import Final

BROWSERS: Final = (
    ("Edge", "Edg"),
    ("Opera", "OPR"),
    ("Firefox", "Firefox|FxiOS"),
    ("Chrome", "Chrome|CriOS"),
    ("Safari", "Version"),
)
SYSTEMS: Final = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("macOS", "Macintosh"),
    ("Linux", "Linux"),
)


def in_words(agent: str) -> str:
    """Return “Firefox 140, Linux”; what is not recognised is returned as it came, shortened."""
    found = ((name, re.search(rf"(?:{mark})/(\d+)", agent)) for name, mark in BROWSERS)
    browser = next((f"{name} {match[1]}" for name, match in found if match), "")
    system = next((name for name, mark in SYSTEMS if mark in agent), "")
    return ", ".join(filter(None, (browser, system))) if browser else agent[:80]
