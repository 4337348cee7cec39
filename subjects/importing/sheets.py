"""Reads the first sheet of an XLSX file and writes its rows as JSON: the programme of a process with limits.

A file from outside is opened by nobody else: `subjects.importing.reading` starts this with little memory and time.
"""

import io
import json
import resource
import sys
import zipfile
from datetime import date, datetime
from typing import Any, Final

MEMORY_BYTES: Final = 768 * 1024 * 1024
CPU_SECONDS: Final = 20
UNPACKED_BYTES: Final = 100 * 1024 * 1024
SHEETS: Final = 20
# of all cells: one text may stand in each of them, and weigh nothing in the file
MOST_CHARACTERS: Final = 5 * 1024 * 1024


def main(most_rows: int, most_columns: int) -> int:
    """Read the file from standard input; 0 and JSON on standard output, or 1 and a code."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        code, rows = read(content, most_rows, most_columns)
    except MemoryError:
        code, rows = "too_large", []
    sys.stdout.write(code or json.dumps(rows))
    return 1 if code else 0


def read(content: bytes, most_rows: int, most_columns: int) -> tuple[str, list[list[str]]]:
    """Return a code of what is wrong, or nothing and the rows as text."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > UNPACKED_BYTES:
                return "too_large", []
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        if not names or len(names) > SHEETS:
            return "sheets", []
        sheet = book.get_sheet_by_index(0)
        if sheet.total_height > most_rows:
            return "too_many_rows", []
        if sheet.total_width > most_columns:
            return "too_many_columns", []
        rows = sheet.to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError, ValueError, EOFError):
        return "unreadable", []
    texts = [[_text(cell) for cell in row] for row in rows]
    if sum(len(text) for row in texts for text in row) > MOST_CHARACTERS:
        return "too_large", []
    return "", texts


def _text(cell: Any) -> str:
    """Return a cell as text: days as ISO dates, whole numbers without decimals; what a formula gave, never itself."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
