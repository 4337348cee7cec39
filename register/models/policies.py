"""The sources: policies with their versions, and the statements each version makes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.history import tracked
from foundation.rows import RegisterRow
from register.models.base import Entry, ReferencedEntry
from register.models.parties import Organisation


@tracked()
class Policy(ReferencedEntry):
    """A source document: notice, contract terms, service levels and cookie policy may be one text."""

    title = models.CharField(_("title"), max_length=200)
    publisher = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("published by")
    )
    url = models.CharField(_("address on the web"), max_length=300, blank=True)

    class Meta(ReferencedEntry.Meta):
        verbose_name = _("policy")
        verbose_name_plural = _("policies")

    def __str__(self) -> str:
        return self.title


@tracked()
class PolicyVersion(ReferencedEntry):
    """One version of a policy, known by the digest of its text; the date it bears may be partial or missing."""

    class DateKind(models.TextChoices):
        EFFECTIVE = "effective", _("in force since")
        UPDATED = "updated", _("last updated on")
        ISSUED = "issued", _("issued on")

    class Precision(models.TextChoices):
        DAY = "day", _("day")
        MONTH = "month", _("month only")
        YEAR = "year", _("year only")

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="versions", verbose_name=_("policy"))
    date_kind = models.CharField(_("what the date says"), max_length=20, choices=DateKind, blank=True)
    dated_on = models.DateField(
        _("date"), null=True, blank=True, help_text=_("First day when only the month is known.")
    )
    date_precision = models.CharField(_("precision of the date"), max_length=10, choices=Precision, blank=True)
    text_digest = models.CharField(
        _("SHA-256 of the text"),
        max_length=64,
        blank=True,
        help_text=_("Of the file as it is, byte for byte: the text attached later must be this one."),
    )

    class Meta(ReferencedEntry.Meta):
        verbose_name = _("version of a policy")
        verbose_name_plural = _("versions of policies")

    def __str__(self) -> str:
        return f"{self.policy} ({self.ref})"


@tracked(never=("text",))
class PolicyText(RegisterRow):
    """The text of a policy version, attached by the organisation; quotes are read from it and checked."""

    digest = models.CharField(_("SHA-256 of the text"), max_length=64)
    text = models.TextField(_("text"))
    attached_at = models.DateTimeField(_("attached at"), auto_now_add=True)

    class Meta(RegisterRow.Meta):
        verbose_name = _("text of a policy")
        verbose_name_plural = _("texts of policies")
        constraints = [models.UniqueConstraint("register", "digest", name="policytext_once_per_register")]

    def __str__(self) -> str:
        return self.digest[:12]


@tracked()
class LinkedDocument(Entry):
    """A document that the policy refers to, with what is left to it."""

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="linked_documents", verbose_name=_("policy"))
    title = models.CharField(_("title"), max_length=200)
    url = models.CharField(_("address on the web"), max_length=300, blank=True)
    deferred_content = models.CharField(_("what is left to it"), max_length=300, blank=True)

    class Meta(Entry.Meta):
        verbose_name = _("linked document")
        verbose_name_plural = _("linked documents")

    def __str__(self) -> str:
        return self.title


@tracked()
class Statement(ReferencedEntry):
    """One thing a policy says: where it stands, the digest of its quote, and what it means in our own words."""

    class Kind(models.TextChoices):
        CONTROLLER = "controller", _("controller")
        PROCESSOR = "processor", _("processor")
        SUB_PROCESSOR = "sub_processor", _("sub-processor")
        CONTACT = "contact", _("contact")
        PURPOSE = "purpose", _("purpose")
        LEGAL_BASIS = "legal_basis", _("legal basis")
        DATA_CATEGORY = "data_category", _("data category")
        SUBJECT_CATEGORY = "subject_category", _("category of data subjects")
        RECIPIENT = "recipient", _("recipient")
        TRANSFER = "transfer", _("transfer")
        RETENTION = "retention", _("retention")
        RIGHT = "right", _("right")
        DEADLINE = "deadline", _("deadline")
        SECURITY = "security", _("security")
        BREACH = "breach", _("personal data breach")
        COOKIE = "cookie", _("tracker")
        OBLIGATION = "obligation", _("obligation")
        OTHER = "other", _("other")

    class Reason(models.TextChoices):
        """Why no field of the register cites the statement."""

        DEFINITION = "definition", _("definition of a term")
        PRINCIPLE = "principle", _("principle or value")
        ANNOUNCEMENT = "announcement", _("announcement or reference")
        STRUCTURE = "structure", _("title, scope or form of the document")
        LAW_RESTATED = "law_restated", _("restates the law")
        CONTRACT_CLAUSE = "contract_clause", _("clause between the parties")
        LIABILITY = "liability", _("liability")
        BREACH_COMMITMENT = "breach_commitment", _("commitment on breaches")
        INFORMATION = "information", _("other information")

    version = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="statements", verbose_name=_("version"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    heading = models.CharField(_("heading"), max_length=200, blank=True)
    line = models.PositiveIntegerField(_("line"), null=True, blank=True, help_text=_("First line, counted from 1."))
    characters = ArrayField(
        ArrayField(models.PositiveIntegerField(), size=2),
        verbose_name=_("character ranges"),
        default=list,
        blank=True,
        help_text=_(
            "From, to (not included), counted from 0 in the text as it is; one pair for each part of the quote."
        ),
    )
    quote_digest = models.CharField(
        _("digest of the quote"),
        max_length=64,
        blank=True,
        help_text=_("SHA-256 of the quote: tags removed, white space collapsed, parts joined by “ […] ”."),
    )
    summary = models.CharField(
        _("summary"), max_length=300, help_text=_("What the statement says, in one sentence of our own.")
    )
    reason = models.CharField(
        _("why it is not cited"),
        max_length=20,
        choices=Reason,
        blank=True,
        help_text=_("Only for a statement on which no field of the register rests."),
    )

    class Meta(ReferencedEntry.Meta):
        verbose_name = _("statement")
        verbose_name_plural = _("statements")

    def __str__(self) -> str:
        return self.ref

    @property
    def place(self) -> str:
        """Where it stands, in words: heading and line."""
        line = _("line %(line)s") % {"line": self.line} if self.line else ""
        return ", ".join(part for part in (self.heading, str(line)) if part)
