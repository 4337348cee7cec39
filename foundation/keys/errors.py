"""What the vault refuses: each names the place and the remedy, none repeats a value."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from foundation.errors import RuleViolation
from foundation.keys.sealing import Place


class KeyDestroyed(RuleViolation):
    """The key of this value was destroyed: nobody can read the value any more."""

    code = "key_destroyed"

    def __init__(self, key: int) -> None:
        super().__init__(
            _("Data key %(key)s was destroyed: what was sealed under it cannot be read any more.") % {"key": key}
        )
        self.key = key


class SealBroken(RuleViolation):
    """The value is not what was sealed at this place: it was changed, cut, or moved here from elsewhere."""

    code = "seal_broken"

    def __init__(self, place: Place) -> None:
        super().__init__(
            _(
                "The sealed value in %(table)s.%(column)s, row %(row)s, does not open: it was changed, or moved there"
                " from another place. Restore that row from a backup."
            )
            % {"table": place.table, "column": place.column, "row": place.row}
        )
        self.place = place


class ValuesStand(RuleViolation):
    """Values that are still wanted stand under a key that was to be destroyed."""

    code = "values_stand"

    def __init__(self, keys: Sequence[int], count: int) -> None:
        super().__init__(
            _(
                "Nothing was destroyed: %(count)s value(s) still stand under data key %(keys)s, such as the secrets of"
                " second factors. Give the key a newer version with “keys rotate” and run “keys rewrap --values”"
                " first; to lose these values for good, add --with-values."
            )
            % {"count": count, "keys": ", ".join(map(str, keys))}
        )
        self.count = count


class WrappedKeyBroken(RuleViolation):
    """The row of the data key is not what was written for it: it was changed, or moved from another row."""

    code = "wrapped_key_broken"

    def __init__(self, key: int) -> None:
        super().__init__(
            _(
                "Data key %(key)s does not unwrap although its master key is here: its row was changed, or moved from"
                " another row. Restore that row of foundation_key from a backup."
            )
            % {"key": key}
        )
        self.key = key


class MasterKeyMissing(RuleViolation):
    """The master key that this needs is not at hand."""

    code = "master_key_missing"

    def __init__(self, wanted: str, remedy: str) -> None:
        super().__init__(
            " ".join([_("The master key %(wanted)s is not here.") % {"wanted": wanted or _("(any)")}, remedy]).strip()
        )
        self.wanted = wanted
