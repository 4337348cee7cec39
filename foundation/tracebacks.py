"""Error pages and error mails that repeat no secret, in the try-out's debug pages either."""

import re

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class DiscreetFilter(SafeExceptionReporterFilter):
    """Hide what is declared sensitive whether or not DEBUG is on, and addresses, since they may hold passwords."""

    hidden_settings = re.compile(SafeExceptionReporterFilter.hidden_settings.pattern + "|URL|DSN", re.IGNORECASE)

    def is_active(self, request: HttpRequest | None) -> bool:
        return True
