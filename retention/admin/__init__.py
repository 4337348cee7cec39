"""The admin of retention, one module per subject; `office/` adds the pages that look at a whole register."""

from retention.admin import decisions, holds, rules, runs, settings, sources, targets

__all__ = ["decisions", "holds", "rules", "runs", "settings", "sources", "targets"]
