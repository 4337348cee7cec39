"""Data keys, wrapped: one per register, per connector, per request. A destroyed key has no row."""

from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import Register

LOWER_CASE_WORDS = r"^[a-z]+( [a-z]+)*$"


class KeyQuerySet(models.QuerySet["Key"]):
    def serving(self, purpose: str, register: Register | None, subject: int | None) -> Self:
        """The keys that serve, or served, this purpose for this register and subject, newest first."""
        return self.filter(purpose=purpose, register=register, subject_id=subject).order_by("-version")

    def wrapped_otherwise(self, master_key: str) -> Self:
        """The keys that another master key than this one wraps."""
        return self.exclude(master_key=master_key)

    def superseded(self) -> dict[int, int]:
        """Return, by the number of each key that has newer versions, the number of the newest."""
        rows = self.order_by("version").values_list("purpose", "register_id", "subject_id", "pk")
        versions: dict[tuple[str, int | None, int | None], list[int]] = {}
        for purpose, register, subject, number in rows:
            versions.setdefault((purpose, register, subject), []).append(number)
        return {old: numbers[-1] for numbers in versions.values() for old in numbers[:-1]}


class Key(models.Model):
    """One data key, wrapped by a master key and bound to this row; new values are sealed under the newest version."""

    purpose = models.CharField(_("purpose"), max_length=30, validators=[RegexValidator(LOWER_CASE_WORDS)])
    register = models.ForeignKey(
        Register, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("register")
    )
    subject_id = models.BigIntegerField(_("object"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    wrapped = models.BinaryField(_("wrapped key"))
    master_key = models.CharField(_("master key"), max_length=16)
    created_at = models.DateTimeField(_("made on"), default=timezone.now)

    objects = KeyQuerySet.as_manager()

    class Meta:
        app_label = "foundation"
        verbose_name = _("data key")
        verbose_name_plural = _("data keys")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "register", "subject_id", "version"],
                name="key_one_per_purpose_and_version",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(purpose__regex=LOWER_CASE_WORDS), name="key_purpose_is_lower_case_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} · {self.purpose}"
