"""What may be noted on any field of any entry: the statements it rests on, the kind of answer, how sure the text is."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.history import tracked
from foundation.rows import RegisterRow

WHOLE_ENTRY = "entry"  # the field name of a note about the entry as a whole


class Note(RegisterRow):
    """Something noted on one field of one entry."""

    entry_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+", verbose_name=_("kind of entry"))
    entry_id = models.BigIntegerField(_("entry"))
    entry = GenericForeignKey("entry_type", "entry_id")
    field = models.CharField(
        _("field"), max_length=60, help_text=_("Name of the field or list; “entry” for the entry as a whole.")
    )

    class Meta(RegisterRow.Meta):
        abstract = True


@tracked()
class Citation(Note):
    """A field of an entry rests on a statement of a policy."""

    statement = models.ForeignKey(
        "register.Statement", models.PROTECT, related_name="citations", verbose_name=_("statement")
    )

    class Meta(Note.Meta):
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        constraints = [
            models.UniqueConstraint("entry_type", "entry_id", "field", "statement", name="citation_once_per_field")
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.statement}"


@tracked()
class Answer(Note):
    """What stands where no value does: declared none, not stated, or to be filled. No row means: a value."""

    class Kind(models.TextChoices):
        DECLARED_NONE = "declared_none", _("none (declared)")
        NOT_STATED = "not_stated", _("not stated by the policy")
        TO_BE_FILLED = "to_be_filled", _("to be filled")

    kind = models.CharField(_("kind of answer"), max_length=20, choices=Kind)

    class Meta(Note.Meta):
        verbose_name = _("answer without a value")
        verbose_name_plural = _("answers without a value")
        constraints = [
            models.UniqueConstraint("entry_type", "entry_id", "field", name="answer_one_per_field"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["declared_none", "not_stated", "to_be_filled"]),
                name="answer_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.get_kind_display()}"


@tracked()
class Mark(Note):
    """How the text says it: deduced by the reader, an open list, only possible, or left to another document."""

    class Kind(models.TextChoices):
        INFERRED = "inferred", _("inferred, not written in the policy")
        OPEN_LIST = "open_list", _("open list: the policy names examples only")
        POSSIBLE = "possible", _("possible, not certain")
        DEFERRED = "deferred", _("left to another document")
        DISPUTED = "disputed", _("contradicted elsewhere in the policy")

    kind = models.CharField(_("mark"), max_length=20, choices=Kind)

    class Meta(Note.Meta):
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        constraints = [
            models.UniqueConstraint("entry_type", "entry_id", "field", "kind", name="mark_once_per_field"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["inferred", "open_list", "possible", "deferred", "disputed"]),
                name="mark_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.get_kind_display()}"
