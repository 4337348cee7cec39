"""Editions: a register frozen on a day, numbered and hashed; what is printed and audited."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.accounts.tokens import Caller
from foundation.models import Register


class EditionQuerySet(models.QuerySet["Edition"]):
    def visible_to(self, user: Caller) -> Self:
        """The editions of the registers whose editions this person may read."""
        return self.filter(register__in=permissions.registers_readable(user, self.model))

    def without_content(self) -> Self:
        """The editions without their (large) canonical text, for lists."""
        return self.defer("canonical")


class Edition(models.Model):
    """The canonical JSON of a register as published: nobody changes or deletes it (art. 30(3)-(4))."""

    access_resource: ClassVar[str] = permissions.EDITIONS
    append_only: ClassVar[bool] = True

    register = models.ForeignKey(Register, models.PROTECT, related_name="editions", verbose_name=_("register"))
    number = models.PositiveIntegerField(_("number"))
    canonical = models.TextField(_("canonical JSON"))
    hash = models.CharField(_("hash"), max_length=64, help_text=_("SHA-256 of the canonical JSON in UTF-8."))
    form_version = models.PositiveSmallIntegerField(_("version of the form"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    published_at = models.DateTimeField(_("published at"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,  # an edition is never changed, not even when a person's account is erased
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("published by"),
    )

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["register", "-number"]
        constraints = [models.UniqueConstraint("register", "number", name="edition_number_once_per_register")]

    def __str__(self) -> str:
        return _("%(register)s, edition %(number)s") % {"register": self.register, "number": self.number}
