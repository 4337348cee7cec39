"""Requests by which people exercise their rights (art. 12, 15-22): filed, held to their day, closed."""

from datetime import date, timedelta
from typing import ClassVar, Final, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.accounts.models import User
from foundation.history import tracked
from foundation.rows import OwnedQuerySet, OwnedRow
from retention.models import TargetColumn

A_WEEK: Final = timedelta(days=7)


class RightsRequestQuerySet(OwnedQuerySet["RightsRequest"]):
    def open(self) -> Self:
        """The requests that still wait for their answer."""
        return self.filter(state=RightsRequest.State.OPEN)

    def late(self, day: date) -> Self:
        """The open requests whose last day lies before `day`, the longest late first."""
        return self.open().filter(due_on__lt=day).order_by("due_on", "pk")

    def due_within_a_week(self, day: date) -> Self:
        """The open requests whose last day is `day` or one of the six after it."""
        return self.open().filter(due_on__gte=day, due_on__lt=day + A_WEEK)

    def holding(self) -> Self:
        """The requests whose data must not go.

        What is to be shown or handed over, until answered; what is restricted, until the restriction is lifted.
        """
        until_answered = self.filter(state=RightsRequest.State.OPEN, rights__overlap=RightsRequest.HOLD_WHILE_OPEN)
        restricted = self.filter(
            state__in=[RightsRequest.State.OPEN, RightsRequest.State.ANSWERED],
            rights__contains=[RightsRequest.Right.RESTRICTION],
            lifted_on=None,
        )
        return until_answered | restricted


@tracked(never=("identity",))
class RightsRequest(OwnedRow):
    """What a person asked for, until when the answer is owed (art. 12(3)), and how it ended."""

    access_resource: ClassVar[str] = permissions.RIGHTS_REQUESTS
    KEY_PURPOSE: ClassVar[str] = "request"

    class Right(models.TextChoices):
        ACCESS = "access", _("access (art. 15)")
        COPY = "copy", _("copy (art. 15(3))")
        RECTIFICATION = "rectification", _("rectification (art. 16)")
        ERASURE = "erasure", _("erasure (art. 17)")
        RESTRICTION = "restriction", _("restriction (art. 18)")
        PORTABILITY = "portability", _("portability (art. 20)")
        OBJECTION = "objection", _("objection (art. 21)")
        HUMAN_REVIEW = "human_review", _("review of an automated decision (art. 22)")
        AFTER_DEATH = "after_death", _("directives after death (loi du 6 janvier 1978, art. 85)")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    # the data concerned must still be there when the answer is given; erasure and objection hold nothing
    HOLD_WHILE_OPEN: ClassVar[list[str]] = [Right.ACCESS, Right.COPY, Right.PORTABILITY, Right.RESTRICTION]

    rights = ArrayField(models.CharField(max_length=20, choices=Right), verbose_name=_("rights exercised"))
    identity_kind = models.CharField(_("kind of identifier"), max_length=20, choices=TargetColumn.Identity)
    identity = models.TextField(_("identifier of the person"), editable=False)  # sealed
    received_on = models.DateField(_("received on"))
    due_on = models.DateField(_("answer due on"), editable=False)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.OPEN, editable=False)
    filed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("filed by")
    )
    closed_on = models.DateField(_("closed on"), null=True, editable=False)
    closed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("closed by")
    )
    lifted_on = models.DateField(_("restriction lifted on"), null=True, editable=False)

    objects = RightsRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("rights request")
        verbose_name_plural = _("rights requests")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rights__len__gt=0),
                name="rightsrequest_names_a_right",
                violation_error_message=_("Say which right the person exercises."),
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", closed_on=None)
                | (~models.Q(state="open") & models.Q(closed_on__gte=models.F("received_on"))),
                name="rightsrequest_closed_has_its_day",
                violation_error_message=_("A request is closed on a day, not before it was received."),
            ),
        ]

    def __str__(self) -> str:
        rights = ", ".join(str(self.Right(right).label) for right in self.rights)
        return f"{rights} · {self.received_on:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN
