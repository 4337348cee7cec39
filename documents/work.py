"""What documents have done in the background."""

from django.utils.translation import gettext_lazy as _

from documents import actions
from foundation.jobs.held import HeldJob
from foundation.jobs.kinds import worker


@worker(actions.PRINT, title=_("print a document"), attempts=3, at_most=1800, kept=True)
def print_document(job: HeldJob) -> None:
    """Print one document that was asked for."""
    actions.render(job)
