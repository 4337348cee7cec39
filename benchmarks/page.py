"""The page of figures: each benchmark writes its own section of it, between its marks."""

from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"


def put(text: str, begin: str, end: str) -> None:
    """Write a section, which holds its marks, in the place of the one before, or at the end of the page."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Performance\n"
    head, mark, rest = page.partition(begin)
    if not mark:
        head = head.rstrip("\n") + "\n\n"
    PAGE.write_text(head + text + rest.partition(end)[2].removeprefix("\n"), encoding="utf-8")
