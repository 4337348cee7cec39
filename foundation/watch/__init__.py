"""What whoever runs Greffier sees: logs without personal data, request numbers, health, figures."""

from foundation.watch.context import context, note

__all__ = ["context", "note"]
