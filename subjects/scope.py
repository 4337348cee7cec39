"""Which records a rule is about."""

from dataclasses import dataclass

from django.db.models import Q

from retention.models import RetentionRule
from subjects.models import SubjectRecord


@dataclass(frozen=True, slots=True)
class Scope:
    """Which records a rule is about: those in its state and in one of its activities; empty: all."""

    state: int | None
    activities: frozenset[int]

    @classmethod
    def of(cls, rule: RetentionRule) -> "Scope":
        return cls(rule.state_id, frozenset(activity.pk for activity in rule.activities.all()))

    @property
    def condition(self) -> Q:
        found = Q(state=self.state) if self.state is not None else Q()
        return found & Q(activity__in=self.activities) if self.activities else found

    def has(self, record: SubjectRecord) -> bool:
        """Whether the rule is about this record."""
        in_state = self.state is None or record.state_id == self.state
        return in_state and (not self.activities or record.activity_id in self.activities)
