"""What the page of a target tells: the rule in words, what stands open about it, its preview, its arming, its runs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from foundation.jobs.models import Job
from retention.admin import counts
from retention.admin.rule_words import RuleShown, rule_shown
from retention.admin.words import nature_of
from retention.mapped import mapping_of
from retention.models import Arming, Preview, RetentionRule, RetentionSettings, Run, Target
from retention.settled import settings_of
from retention.standing import Standing, standing_of, with_standing

LAST_RUNS = 5


@dataclass(frozen=True)
class Sheet:
    """The facts of a target's page; templates choose the words."""

    standing: Standing
    rule: RuleShown
    nature: str  # what the target amounts to in law
    preview: Preview | None
    counts: counts.Shown | None
    arming: Arming | None
    last_arming: Arming | None
    runs: list[Run]
    settings: RetentionSettings
    now: datetime

    @property
    def is_counting(self) -> bool:
        return self.preview is not None and not self.preview.is_counted

    @property
    def job(self) -> Job | None:
        return self.preview.job if self.preview else None

    @property
    def job_is_given_up(self) -> bool:
        """Whether the preview will never be counted: its job failed or was cancelled."""
        return self.is_counting and self.job is not None and self.job.state in Job.GIVEN_UP

    @property
    def running(self) -> Run | None:
        return next((run for run in self.runs if run.state == Run.State.RUNNING), None)

    @property
    def is_working(self) -> bool:
        return self.running is not None or (self.is_counting and not self.job_is_given_up)

    @property
    def may_arm(self) -> bool:
        return self.arming is None and self.preview is not None and self.preview.may_be_armed

    @property
    def may_run(self) -> bool:
        return self.arming is not None and self.arming.runs_from <= self.now and self.running is None


def sheet_of(target: Target, *, now: datetime) -> Sheet:
    """Return what the page of this target tells at this time."""
    fresh: Any = with_standing(Target.objects.filter(pk=target.pk).select_related("register", "rule", "source")).get()
    preview = Preview.objects.filter(target=target).select_related("target", "job", "asked_by").first()
    armings = list(Arming.objects.filter(target=target).select_related("armed_by", "void_by")[:1])
    last = armings[0] if armings else None
    return Sheet(
        standing=standing_of(fresh, now=now),
        rule=rule_shown(fresh.rule),
        nature=nature_of(mapping_of(fresh)),
        preview=preview,
        counts=counts.shown(preview, rules_by_ref(target)),
        arming=last if last is not None and last.void_at is None else None,
        last_arming=last,
        runs=list(Run.objects.filter(target=target).select_related("job")[:LAST_RUNS]),
        settings=settings_of(fresh.register),
        now=now,
    )


def rules_by_ref(target: Target) -> dict[str, RetentionRule]:
    """Return the rules of the target's register by their reference."""
    return {rule.ref: rule for rule in RetentionRule.objects.filter(register=target.register_id)}
