"""What documents have done in the background."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from prometheus_client.core import GaugeMetricFamily

from documents import actions
from foundation.jobs.held import HeldJob
from foundation.jobs.kinds import worker
from foundation.watch.gauges import by, gauges

PRINTS = """
SELECT job.state, count(*) FROM documents_print print JOIN foundation_job job ON job.id = print.job_id
GROUP BY job.state
"""


@worker(actions.PRINT, title=_("print a document"), attempts=3, at_most=1800, kept=True)
def print_document(job: HeldJob) -> None:
    """Print one document that was asked for."""
    actions.render(job)


@gauges
def prints(cursor: Any) -> Iterator[GaugeMetricFamily]:
    """The documents asked for, by the state of their job."""
    cursor.execute(PRINTS)
    yield by("greffier_prints", "Documents by state of their printing", ["state"], cursor.fetchall())
