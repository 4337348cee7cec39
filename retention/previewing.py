"""A preview: what a run would do on a day, counted and written down before anything can be armed."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.jobs.asking import ask
from retention.errors import MappingRefused
from retention.exceptions import exceptions_of
from retention.exclusions import UNSEEN
from retention.ground import Ground, Work
from retention.grounds import opened
from retention.models import Preview, Target
from retention.planning import Blocked, plan_of
from retention.running.pinned import counts_json, cut_off_json

PREVIEW: Final = "retention.preview"  # the kind of job
EXCEPTIONS: Final = "exceptions"  # among the counts: what the register says may be kept longer


@dataclass(frozen=True, slots=True)
class Found:
    """What a preview found: counts, or the reasons why nothing may run, in the register's language."""

    counts: dict[str, Any] | None = None
    refusals: list[str] = field(default_factory=list)
    fingerprint: str = ""


@transaction.atomic
def ask_preview(target: Target, *, as_of: date, by: User | None, at: datetime) -> Preview:
    """Ask what a run of the target would do on a day, past or future; a worker counts it."""
    loaded = Target.objects.with_mapping().get(pk=target.pk)
    plan = plan_of(loaded, as_of=as_of)
    preview = Preview.objects.create(
        register=loaded.register,
        target=loaded,
        as_of=as_of,
        asked_by=by,
        asked_at=at,
        rule_version=plan.rule_version,
        mapping_version=plan.mapping_version,
        cut_off={} if isinstance(plan.outcome, Blocked) else cut_off_json(plan.outcome.cut_off),
    )
    slot = f"retention-preview-{preview.pk}"
    preview.job = ask(PREVIEW, slot=slot, subject=preview.pk, register=loaded.register, by=by)
    preview.save(update_fields=["job"])
    return preview


def count(preview: Preview, ground: Ground | None = None) -> Preview:
    """Fill in the counts of a preview, or the reasons why nothing may run; counted once, it stays as it is."""
    if not preview.is_counted:
        write(preview, counted(preview, ground), at=timezone.now())
    return preview


def counted(preview: Preview, ground: Ground | None = None) -> Found:
    """Return what the place says now; nothing is written there or here."""
    target = Target.objects.with_mapping().get(pk=preview.target_id)
    plan = plan_of(target, as_of=preview.as_of)
    with translation.override(target.register.language):
        if (plan.rule_version, plan.mapping_version) != (preview.rule_version, preview.mapping_version):
            return Found(refusals=[_("The rule or the mapping has changed since: ask for another preview.")])
        if isinstance(plan.outcome, Blocked):
            return Found(refusals=[str(plan.outcome.why.label)])
        try:
            if ground is not None:
                return _asked(target, ground, plan.outcome)
            with opened(target) as own:
                return _asked(target, own, plan.outcome)
        except MappingRefused as refusal:
            return Found(refusals=[str(reason) for reason in refusal.reasons])


def _asked(target: Target, ground: Ground, work: Work) -> Found:
    fingerprint = ground.fingerprint()
    ground.refuse(work)
    looked_at = {UNSEEN: sorted(work.exclusions.unseen), EXCEPTIONS: [str(each) for each in exceptions_of(target)]}
    counts = {**counts_json(ground.count(work)), **looked_at}
    return Found(counts=counts, fingerprint=fingerprint)


def refused(preview: Preview, reasons: list[str]) -> Found:
    """Return that nothing could be counted."""
    return Found(refusals=reasons)


def write(preview: Preview, found: Found, *, at: datetime) -> None:
    """Write what was found into the preview."""
    preview.counts, preview.refusals = found.counts, found.refusals
    preview.schema_fingerprint, preview.counted_at = found.fingerprint, at
    preview.save(update_fields=["counts", "refusals", "schema_fingerprint", "counted_at"])
