"""A retention rule on a page: in words, with what stands open, what was decided, and what the policy says."""

from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from register.models import Statement
from retention import wording
from retention.admin.words import language
from retention.models import Decision, NotExecutable, RetentionException, RetentionRule
from retention.questions import Book, Question, book_of


@dataclass(frozen=True)
class RuleShown:
    """What a page tells of one rule."""

    row: RetentionRule
    sentence: str
    questions: tuple[Question, ...]
    decisions: tuple[Decision, ...]
    exceptions: tuple[RetentionException, ...]
    statements: tuple[Statement, ...]
    not_executable: str

    @property
    def left_open(self) -> list[Question]:
        """What the text of the rule itself leaves open."""
        return [question for question in self.questions if question.over is None]

    @property
    def rivals(self) -> list[str]:
        """The references of the rules that contradict it."""
        return [question.over.ref for question in self.questions if question.over is not None]


def rule_shown(row: RetentionRule, *, book: Book | None = None) -> RuleShown:
    """Return what a page tells of a rule."""
    book = book or book_of(row.register)
    decided = Decision.objects.standing().filter(Q(rule=row) | Q(over=row)).select_related("rule", "over", "decided_by")
    exceptions = RetentionException.objects.filter(Q(rules=row) | Q(rules=None), register=row.register_id).distinct()
    declared = NotExecutable.objects.filter(rule=row).values_list("reason", flat=True).first()
    return RuleShown(
        row=row,
        sentence=sentence(book, row),
        questions=tuple(book.questions_of(row)),
        decisions=tuple(decided),
        exceptions=tuple(exceptions),
        statements=tuple(statements_of(row)),
        not_executable=declared or "",
    )


def sentence(book: Book, row: RetentionRule) -> str:
    """Return the rule in words, with the readings that were decided."""
    rule = book.rule(row)
    return wording.rule_in_words(rule, book.decisions, language=language()) if rule else str(row)


def statements_of(row: RetentionRule) -> "list[Statement]":
    """Return the statements of the policy that a rule rests on."""
    kind = ContentType.objects.get_for_model(RetentionRule)
    cited = Statement.objects.filter(citations__entry_type=kind, citations__entry_id=row.pk)
    return list(cited.distinct().order_by("ref"))
