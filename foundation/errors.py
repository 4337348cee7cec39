"""Refusals: what a rule forbids, said with a code and a sentence that names the remedy."""

from django.utils.functional import Promise


class RuleViolation(Exception):
    """A rule refuses the act; nothing was changed. `detail` is shown to the person as it is."""

    code = "refused"

    def __init__(self, detail: "str | Promise") -> None:
        super().__init__(str(detail))
        self.detail = detail
