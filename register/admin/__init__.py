"""The admin of the register, one module per subject; `office/` composes the pages that several apps share."""

from register.admin import grounds, lines, measures, parties, policies, rights, trackers

__all__ = ["grounds", "lines", "measures", "parties", "policies", "rights", "trackers"]
