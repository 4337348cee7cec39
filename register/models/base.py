"""What an entry of the register is: a row of a register on whose every field notes can be made."""

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.rows import RegisterRow


class Entry(RegisterRow):
    """An entry: statements can be cited, and answers and marks given, for each of its fields and lists."""

    citations = GenericRelation("register.Citation", "entry_id", "entry_type")
    answers = GenericRelation("register.Answer", "entry_id", "entry_type")
    marks = GenericRelation("register.Mark", "entry_id", "entry_type")

    class Meta(RegisterRow.Meta):
        abstract = True


class ReferencedEntry(Entry):
    """An entry that other entries point at by a short reference, unique in its register."""

    ref = models.CharField(
        _("reference"), max_length=60, help_text=_("Short and stable; other entries point at this one by it.")
    )

    class Meta(Entry.Meta):
        abstract = True
        constraints = [
            models.UniqueConstraint("register", "ref", name="%(class)s_ref_once_per_register"),
            models.CheckConstraint(condition=~models.Q(ref=""), name="%(class)s_ref_is_given"),
        ]
