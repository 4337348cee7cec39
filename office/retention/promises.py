"""The promises of the policy about retention, and where each one bites: rule, targets, or why none."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from foundation.models import Register
from office.retention.pages import chosen, page
from register.models import Citation, Statement
from retention import names
from retention.admin.rule_words import sentence
from retention.admin.words import language
from retention.due import why_undated
from retention.models import NotExecutable, RetentionException, RetentionRule, StartEvent, Target
from retention.questions import Book, book_of
from retention.standing import Standing, standing_of, with_standing


@dataclass(frozen=True)
class RuleAt:
    """A rule with the places where it bites."""

    row: RetentionRule
    sentence: str
    targets: tuple[tuple[Target, Standing], ...]
    not_executable: str  # what a person declared, or what the text itself says
    is_declared: bool

    @property
    def is_bound(self) -> bool:
        return bool(self.targets)


@dataclass(frozen=True)
class Promise:
    """A statement, the rules that rest on it, the exceptions that do, and why it has neither."""

    statement: Statement
    rules: tuple[RuleAt, ...]
    exceptions: tuple[RetentionException, ...]

    @property
    def is_bound(self) -> bool:
        return any(rule.is_bound for rule in self.rules)


@require_safe
def promises(request: HttpRequest) -> HttpResponse:
    """The list of one register."""
    register, registers = chosen(request)
    rules = _rules(register)
    found = list(_promises(register, rules))
    cited = {rule.row.pk for promise in found for rule in promise.rules}
    return page(
        request,
        "promises",
        title=_("Promises, and where they bite"),
        register=register,
        registers=registers,
        promises=found,
        others=[rule for pk, rule in rules.items() if pk not in cited],
        bound=sum(promise.is_bound for promise in found),
    )


def _rules(register: Register) -> dict[int, RuleAt]:
    book, now = book_of(register), timezone.now()
    declared = dict(NotExecutable.objects.filter(register=register).values_list("rule", "reason"))
    by_rule: dict[int, list[tuple[Target, Standing]]] = defaultdict(list)
    for target in with_standing(Target.objects.filter(register=register).select_related("register")):
        by_rule[target.rule_id].append((target, standing_of(target, now=now)))
    return {
        row.pk: RuleAt(
            row=row,
            sentence=sentence(book, row),
            targets=tuple(by_rule[row.pk]),
            not_executable=declared.get(row.pk) or _undated(book, row),
            is_declared=row.pk in declared,
        )
        for row in book.rows.values()
    }


def _undated(book: Book, row: RetentionRule) -> str:
    rule = book.rule(row)
    why = why_undated(rule) if rule else ""
    return names.UNDATED[language()][why] if why else ""


def _promises(register: Register, rules: dict[int, RuleAt]) -> Any:
    """Yield the statements about retention, and the others on which a rule rests."""
    types = {
        model: ContentType.objects.get_for_model(model) for model in (RetentionRule, StartEvent, RetentionException)
    }
    events = dict(StartEvent.objects.filter(register=register).values_list("pk", "rule"))
    exceptions = {row.pk: row for row in RetentionException.objects.filter(register=register)}
    by_statement: dict[int, set[int]] = defaultdict(set)
    excepted: dict[int, set[int]] = defaultdict(set)
    cited = Citation.objects.filter(register=register, entry_type__in=types.values())
    for cites, kind, entry in cited.values_list("statement", "entry_type", "entry_id"):
        if kind == types[RetentionException].pk:
            excepted[cites].add(entry)
        else:
            by_statement[cites].add(events.get(entry, 0) if kind == types[StartEvent].pk else entry)
    about = Statement.objects.of(register).filter(kind=Statement.Kind.RETENTION)
    others = Statement.objects.of(register).filter(pk__in=[*by_statement, *excepted])
    for statement in (about | others).order_by("ref"):
        yield Promise(
            statement,
            tuple(rule for pk, rule in rules.items() if pk in by_statement[statement.pk]),
            tuple(row for pk, row in exceptions.items() if pk in excepted[statement.pk]),
        )
