"""The rows of a file of records, CSV or XLSX: what is not a table of the right size is refused with the remedy."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from subjects.errors import FileRefused
from subjects.models import RecordImport

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_ROWS: Final = 10_000
MOST_COLUMNS: Final = 60
SECONDS: Final = 30
SHEETS: Final = "subjects.importing.sheets"
ZIP: Final = b"PK\x03\x04"

REFUSALS: Final[dict[str, Promise]] = {
    "empty": _("The file is empty: its first row names the columns, each further row is a record."),
    "too_large": _("The file is too large: give at most 5 MB at a time."),
    "too_many_rows": _("The file has too many rows: give at most 10,000 records at a time."),
    "too_many_columns": _("The file has more than 60 columns: keep those that are named in the documentation."),
    "sheets": _("The workbook has no sheet, or too many: the records stand in the first of at most 20."),
    "unreadable": _("The file cannot be read as a table: save it as CSV in UTF-8 or as XLSX."),
    "encoding": _("The file is not in UTF-8: save it as “CSV UTF-8”."),
    "quotes": _("A quotation mark in the file is not closed: save it once more as CSV."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file by its number there; the first row, with the names, is number 1."""

    number: int
    cells: tuple[str, ...]


def format_of(content: bytes) -> RecordImport.Format:
    """Return the format that the content has, whatever the file is called."""
    return RecordImport.Format.XLSX if content.startswith(ZIP) else RecordImport.Format.CSV


def rows_of(content: bytes) -> list[Row]:
    """Return the rows of a file that hold something, the names of the columns first."""
    if len(content) > MOST_BYTES:
        raise _refused("too_large")
    table = _sheet(content) if format_of(content) == RecordImport.Format.XLSX else _text(content)
    rows = [
        Row(number, tuple(cell.strip() for cell in cells))
        for number, cells in enumerate(table, start=1)
        if any(cell.strip() for cell in cells)
    ]
    if not rows:
        raise _refused("empty")
    if len(rows) > MOST_ROWS + 1:
        raise _refused("too_many_rows")
    if max(len(row.cells) for row in rows) > MOST_COLUMNS:
        raise _refused("too_many_columns")
    return rows


def _text(content: bytes) -> list[list[str]]:
    """Return the cells of a CSV, separated as its first line is: by semicolons, tabs or commas."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise _refused("encoding") from fault
    if "\x00" in text:
        raise _refused("unreadable")
    head = text.partition("\n")[0]
    separator = max(";\t,", key=head.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as fault:
        raise _refused("quotes") from fault


def _sheet(content: bytes) -> list[list[str]]:
    """Return the cells of the first sheet, read by a process of its own that may neither grow nor last."""
    command = [sys.executable, "-m", SHEETS, str(MOST_ROWS + 1), str(MOST_COLUMNS)]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, the file on standard input
            command,
            input=content,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            cwd=settings.BASE_DIR,
            env={},
        )
    except subprocess.TimeoutExpired as fault:
        raise _refused("too_large") from fault
    if done.returncode == 0:
        table: list[list[str]] = json.loads(done.stdout)
        return table
    code = done.stdout.decode(errors="replace")
    raise _refused(code if code in REFUSALS else "unreadable")


def _refused(code: str) -> FileRefused:
    return FileRefused([str(REFUSALS[code])])
