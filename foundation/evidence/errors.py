"""Why the ledger refuses to be sealed."""

from foundation.errors import RuleViolation


class NotSealedYet(RuleViolation):
    """The event waits for its checkpoint, which comes within minutes."""

    code = "not_sealed_yet"


class SigningKeyUnusable(RuleViolation):
    """The key is missing, unreadable or not the one that signed the ledger so far; nothing was sealed."""

    code = "signing_key_unusable"
