"""What every row of a register shares: its register, its visibility; and of its content, a place among its siblings."""

from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.accounts.models import Register

if TYPE_CHECKING:
    from foundation.accounts.tokens import Caller

LAST = 32_000  # the position of a row added after the others


Row = TypeVar("Row", bound="OwnedRow", covariant=True)


class OwnedQuerySet(models.QuerySet[Row]):
    """Rows of registers; `visible_to` is the only door to them."""

    def visible_to(self, user: "Caller") -> Self:
        """The rows that this caller may read, in every register where one of their roles allows it."""
        return self.filter(register__in=permissions.registers_readable(user, self.model))


class RegisterQuerySet(OwnedQuerySet[Row]):
    """Rows of the content of registers."""

    def of(self, register: Register) -> Self:
        """The rows of one register, in their order."""
        return self.filter(register=register).order_by("position", "pk")


class OwnedRow(models.Model):
    """One row of one register. Rows never point at another register's rows: the database refuses it."""

    access_resource: ClassVar[str] = permissions.REGISTER_ENTRIES

    register = models.ForeignKey(Register, models.CASCADE, related_name="+", editable=False, verbose_name=_("register"))

    class Meta:
        abstract = True


class RegisterRow(OwnedRow):
    """One row of a register's content: it stands in the canonical form and in print, at a place among its siblings."""

    position = models.PositiveSmallIntegerField(
        _("position"), default=LAST, help_text=_("Place among its siblings, in the form and in print.")
    )

    objects = RegisterQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["position", "pk"]
