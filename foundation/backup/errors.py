"""Why a backup is not made, or not put back."""

from foundation.errors import RuleViolation


class BackupRefused(RuleViolation):
    """Nothing was changed; the sentence says what to do."""

    code = "backup_refused"


class RestoreUnfinished(BackupRefused):
    """The backup is in place and cannot be finished by itself; the sentence says what a person can do."""

    code = "restore_unfinished"
