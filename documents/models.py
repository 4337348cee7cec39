"""Prints: documents rendered from an edition by a job, kept with their hash."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from editions.models import Edition
from foundation import permissions
from foundation.accounts.tokens import Caller
from foundation.models import Job, Register


class PrintQuerySet(models.QuerySet["Print"]):
    def visible_to(self, user: Caller) -> Self:
        """The prints of the registers whose documents this person may read."""
        return self.filter(register__in=permissions.registers_readable(user, self.model))

    def finished(self) -> Self:
        return self.exclude(sha256="")


class Print(models.Model):
    """One document of one edition. Its identity decides its bytes; bytes once issued are kept."""

    access_resource: ClassVar[str] = permissions.PRINTS

    class Kind(models.TextChoices):
        CONTROLLER_REGISTER = "controller_register", _("register of the controller (art. 30(1))")
        PROCESSOR_REGISTER = "processor_register", _("register of the processor (art. 30(2))")
        PRIVACY_NOTICE = "privacy_notice", _("privacy notice (art. 13, 14)")

    register = models.ForeignKey(Register, models.PROTECT, related_name="prints", verbose_name=_("register"))
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="prints", verbose_name=_("edition"))
    kind = models.CharField(_("document"), max_length=30, choices=Kind)
    language = models.CharField(_("language"), max_length=2, choices=Register.Language)
    texts_hash = models.CharField(_("hash of the attached texts"), max_length=64, blank=True)
    template_version = models.CharField(_("template version"), max_length=64)
    renderer_version = models.CharField(_("renderer version"), max_length=64)
    job = models.OneToOneField(Job, models.PROTECT, related_name="print", verbose_name=_("job"))
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    finished_at = models.DateTimeField(_("finished at"), null=True)
    file = models.FileField(_("file"), blank=True, max_length=200)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True)
    pages = models.PositiveIntegerField(_("pages"), null=True)
    size_bytes = models.PositiveBigIntegerField(_("size (bytes)"), null=True)

    objects = PrintQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "edition",
                "kind",
                "language",
                "texts_hash",
                "template_version",
                "renderer_version",
                name="print_one_per_identity",
            ),
            models.CheckConstraint(
                condition=models.Q(sha256="", file="") | (~models.Q(sha256="") & ~models.Q(file="")),
                name="print_has_its_file_and_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.edition}"

    @property
    def is_printed(self) -> bool:
        """Whether the bytes are there."""
        return self.sha256 != ""

    @property
    def has_failed(self) -> bool:
        """Whether the work on it was given up; it may be asked for again."""
        return not self.is_printed and self.job.state in Job.GIVEN_UP

    @property
    def state_in_words(self) -> str:
        """How far it is."""
        return gettext("printed") if self.is_printed else str(self.job.get_state_display())

    @property
    def file_name(self) -> str:
        """The name a person's computer gets: register, document, edition, language."""
        kind = self.kind.replace("_", "-")
        return f"{self.register.slug}-{kind}-{self.edition.number}-{self.language}.pdf"
