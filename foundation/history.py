"""Row history by trigger: who changed what, when and why, for every row of every register, in one table.

The trigger lives in `foundation.database.guards`; it sees raw SQL, bulk writes and links between rows as well.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar, Self, TypeVar

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.accounts.models import Register, User

Model = TypeVar("Model", bound=type[models.Model])
NEVER = "history_never"  # names of the fields whose values the history must not hold


def tracked(*, never: tuple[str, ...] = ()) -> Callable[[Model], Model]:
    """Of the fields named in `never`, which may name or reach a person, the history keeps the name only."""

    def mark(model: Model) -> Model:
        setattr(model, NEVER, never)
        return model

    return mark


class ChangeQuerySet(models.QuerySet["Change"]):
    def visible_to(self, user: User) -> Self:
        """The changes in the registers whose entries this person may read."""
        return self.filter(register__in=permissions.registers_readable(user, self.model))


class Change(models.Model):
    """One change of one row: what changed (old and new value by field), by whom, why."""

    access_resource: ClassVar[str] = permissions.HISTORY
    append_only: ClassVar[bool] = True

    class Operation(models.TextChoices):
        INSERT = "insert", _("added")
        UPDATE = "update", _("changed")
        DELETE = "delete", _("deleted")

    register = models.ForeignKey(
        Register, models.DO_NOTHING, related_name="+", db_constraint=False, verbose_name=_("register")
    )
    table_name = models.CharField(_("table"), max_length=63)
    row_id = models.BigIntegerField(_("row"))
    operation = models.CharField(_("operation"), max_length=10, choices=Operation)
    changes = models.JSONField(_("changes"), help_text=_("By field: [before, after]."))
    actor_id = models.BigIntegerField(_("person (number)"), null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    changed_at = models.DateTimeField(_("time"))

    objects = ChangeQuerySet.as_manager()

    class Meta:
        app_label = "foundation"
        verbose_name = _("change")
        verbose_name_plural = _("history")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["table_name", "row_id"], name="change_by_row"),
            models.Index(fields=["register", "changed_at"], name="change_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()} · {self.table_name} {self.row_id}"


@contextmanager
def because(reason: str, *, actor: User | None) -> Iterator[None]:
    """Whatever is written inside the block is recorded with this person and this reason."""
    before = _say(str(actor.pk) if actor else "", reason[:300])
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _say(*before)


def _say(actor: str, reason: str) -> tuple[str, str]:
    """Set who and why for this database session; return what stood there before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('greffier.actor', true), current_setting('greffier.reason', true)")
        before = tuple(value or "" for value in cursor.fetchone())
        cursor.execute(
            "SELECT set_config('greffier.actor', %s, false), set_config('greffier.reason', %s, false)", [actor, reason]
        )
    return before  # type: ignore[return-value]
