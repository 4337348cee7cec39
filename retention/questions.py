"""What a register's rules leave to a person: each open question, its answers, and the dates that each would give."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from clocks.readings import Combination
from foundation.accounts.models import Register
from retention.due import Decisions, Rule, combination_of, moment_of, why_undated
from retention.mapping import Step
from retention.models import Decision, RetentionRule
from retention.reading import decisions_of, rules_of
from retention.readings import Reading, readings
from retention.rivals import rivals
from retention.steps import steps

FATES = {
    Decision.Choice.ERASE: Step.ERASE,
    Decision.Choice.ANONYMISE: Step.ANONYMISE,
    Decision.Choice.RETURN: Step.RETURN_THEN_DESTROY,
}
SAMPLE_STEP = timedelta(days=180)


@dataclass(frozen=True)
class Question:
    """One thing that the text leaves open about a rule. `over`: the rival, where it is which of two rules prevails."""

    kind: Decision.Kind
    rule: RetentionRule
    over: RetentionRule | None = None
    choices: tuple[str, ...] = ()  # where not all that the kind of question allows

    @property
    def answers(self) -> list[tuple[str, str]]:
        """The choices, with their words."""
        chosen = self.choices or Decision.CHOICES[self.kind]
        return [(str(choice), str(Decision.Choice(choice).label)) for choice in chosen]


@dataclass(frozen=True)
class Dated:
    """The dates of one rule for a sample; `why_undated` says why it has none."""

    rule: RetentionRule
    readings: tuple[Reading, ...]
    why_undated: str = ""
    has_several_events: bool = False


@dataclass(frozen=True)
class Book:
    """The rules of a register as rows and as the engine reads them, with what was decided: read once, asked often."""

    rows: Mapping[str, RetentionRule]
    rules: tuple[Rule, ...]
    decisions: Decisions

    def rule(self, row: RetentionRule) -> Rule | None:
        return next((rule for rule in self.rules if rule.ref == row.ref), None)

    def rivals_of(self, row: RetentionRule) -> list[RetentionRule]:
        """Return the rules that contradict this one and about which nobody has decided."""
        rule = self.rule(row)
        return [self.rows[other.ref] for other in rivals(rule, self.rules, self.decisions)] if rule else []

    def questions_of(self, row: RetentionRule) -> Iterator[Question]:
        """Yield what is open about a rule."""
        rule = self.rule(row)
        if rule is None:
            return
        if not why_undated(rule):
            if combination_of(rule, self.decisions) is Combination.UNDETERMINED:
                yield Question(Decision.Kind.COMBINATION, row)
            if rule.is_within_or_after and moment_of(rule, self.decisions) is None:
                yield Question(Decision.Kind.MOMENT, row)
            ends = steps(rule, self.decisions)
            if ends.must_choose:
                fates = tuple(choice for choice, step in FATES.items() if step in ends.allowed)
                yield Question(Decision.Kind.FATE, row, choices=fates)
        for rival in self.rivals_of(row):
            yield Question(Decision.Kind.PRECEDENCE, row, rival)

    def questions(self) -> Iterator[Question]:
        """Yield all that is open in the register; a contradiction of two rules once."""
        seen = set()
        for row in self.rows.values():
            for question in self.questions_of(row):
                pair = frozenset({row.ref, question.over.ref}) if question.over else None
                if pair is None or pair not in seen:
                    yield question
                seen.add(pair)

    def dated(self, row: RetentionRule, days: Mapping[str, date]) -> Dated:
        """Return every date that a rule gives a record with events on these days."""
        rule = self.rule(row)
        if rule is None:
            return Dated(row, ())
        return Dated(row, readings(rule, days, self.decisions), why_undated(rule), len(rule.events) > 1)


def book_of(register: Register) -> Book:
    """Return the rules of a register with what was decided about them."""
    rows = RetentionRule.objects.filter(register=register).order_by("position", "pk")
    return Book({row.ref: row for row in rows}, rules_of(register), decisions_of(register))


def sample_days(events: list[str], given: Mapping[str, date], *, today: date) -> dict[str, date]:
    """Return a day for each event: the one given, else days half a year apart, the last one three years ago."""
    first = today - timedelta(days=3 * 365) - SAMPLE_STEP * (len(events) - 1)
    return {event: given.get(event, first + SAMPLE_STEP * number) for number, event in enumerate(events)}
