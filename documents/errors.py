"""Refusals of the documents."""

from foundation.errors import RuleViolation


class StoredFileChanged(RuleViolation):
    """The stored file is not the one that was printed."""

    code = "stored_file_changed"


class NotPrintedYet(RuleViolation):
    """There is no file yet."""

    code = "not_printed_yet"
