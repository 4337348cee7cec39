"""Why the ledger refuses to be sealed."""

from foundation.errors import RuleViolation


class SigningKeyUnusable(RuleViolation):
    """The key is missing, unreadable or not the one that the ledger was handed to; nothing was sealed."""

    code = "signing_key_unusable"
