"""Refusals of the register's actions."""

from foundation.errors import RuleViolation


class TextUnknown(RuleViolation):
    """No version of a policy of this register bears the digest of the text."""

    code = "text_unknown"


class TextUnreadable(RuleViolation):
    """The file is not a text in UTF-8, or too large to be a policy."""

    code = "text_unreadable"


class QuotesDiffer(RuleViolation):
    """Quotes read from the text at their places are not those that the statements were taken from."""

    code = "quotes_differ"
