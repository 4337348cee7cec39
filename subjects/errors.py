"""What is refused about subject records and requests; no sentence repeats a key or a value of a person."""

from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.errors import RuleViolation


class MayNotBeWrittenTo(RuleViolation):
    """A message that this person may not be sent."""

    code = "may_not_be_written_to"

    def __init__(self, reason: str, *, counted: int, limit: int | None, stopped_on: date | None) -> None:
        self.reason = reason
        if stopped_on is not None:
            day = date_format(stopped_on, "DATE_FORMAT")
            sentence = (
                _("This person may not be written to for this: they said so on %s. Do not send the message.") % day
            )
        else:
            sentence = _(
                "This person may not be written to: in this state %(limit)d at most may be sent, and %(counted)d was"
                " sent already. Do not send the message; a state in which more is allowed has to be recorded first."
            ) % {"limit": limit or 0, "counted": counted}
        super().__init__(sentence)


class EventDiffers(RuleViolation):
    """An event of this number says something else."""

    code = "event_differs"

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("An event of this number stands already and says something else: give each event its own.")
        )


class DirectionMissing(RuleViolation):
    """A contact without direction, or a direction of what is no contact."""

    code = "direction_missing"

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("A contact says who wrote to whom: inbound or outbound. Nothing else has a direction.")
        )


class InTheFuture(RuleViolation):
    """Something is said to have happened on a day that has not come."""

    code = "in_the_future"

    def __init__(self) -> None:
        super().__init__(gettext_lazy("This day has not come yet: record what has happened, on the day it happened."))


class BeforeTheLastChange(RuleViolation):
    """A change of state that lies before another one."""

    code = "before_the_last_change"

    def __init__(self, last_on: date) -> None:
        day = date_format(last_on, "DATE_FORMAT")
        super().__init__(_("The state changed last on %s: a change cannot lie before it.") % day)


class RecordHeld(RuleViolation):
    """A record that a legal hold or an open request keeps."""

    code = "record_held"

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy(
                "A legal hold, or a request that waits for its answer, keeps this record: nothing was changed. Release"
                " the hold or answer the request first."
            )
        )


class RequestClosed(RuleViolation):
    """The request is closed already, or there is no restriction to lift."""

    code = "request_closed"

    def __init__(self) -> None:
        super().__init__(gettext_lazy("This request is closed already, or holds no restriction: nothing was changed."))


class ReceivedLater(RuleViolation):
    """A request is said to be received in the future, or closed before it was received."""

    code = "received_later"

    def __init__(self) -> None:
        super().__init__(gettext_lazy("A request is received today or before, and closed on that day or after."))


class FileRefused(RuleViolation):
    """A file of records cannot be taken over; `faults` says each reason, with its row where it has one."""

    code = "file_refused"

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults[:20]))
        self.faults = tuple(faults)
