"""A length of time as ISO 8601 text, checked by `clocks`, and the kinds of term the law and policies use."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from clocks.durations import Duration
from clocks.errors import DurationError


class TermKind(models.TextChoices):
    """How a text limits a period: the values of `clocks.kinds.Kind`, with labels."""

    EXACT = "exact", _("exactly")
    AT_MOST = "at_most", _("at most")
    STRICTLY_LESS_THAN = "strictly_less_than", _("less than")
    AT_LEAST = "at_least", _("at least")
    UNTIL_EVENT = "until_event", _("until an event")
    UNTIL_EVENT_PLUS = "until_event_plus", _("until an event, then for a time")
    CRITERION = "criterion", _("by a criterion")
    BY_REFERENCE = "by_reference", _("set by another document")
    COUNT = "count", _("a number instead of a time")
    STATUTORY = "statutory", _("period set by law")
    PER_TYPE = "per_type", _("varies by type or by client")
    FREQUENCY_CAP = "frequency_cap", _("not more often than")
    NOT_QUANTIFIED = "not_quantified", _("speed without a figure")
    UNSPECIFIED = "unspecified", _("not specified")


def check_duration(text: str) -> None:
    """Refuse a text that is not a duration in whole units of at most 200 years; the message says the remedy."""
    try:
        Duration.parse(text)
    except DurationError as refusal:
        raise ValidationError(str(refusal), code="duration") from refusal


if TYPE_CHECKING:
    _Text = models.CharField[str, str]
else:
    _Text = models.CharField


class DurationField(_Text):
    """An ISO 8601 duration kept as it was written: P12M and P1Y are two promises."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("help_text", _("ISO 8601: P3Y, P13M, P60D, PT24H."))
        super().__init__(*args, **kwargs)
        self.validators.append(check_duration)
