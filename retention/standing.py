"""How a target stands, in words: previewed, armed, when it runs next, whether it is late."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from retention.models import Arming, Preview, RetentionSettings, Run, Target
from retention.models.decisions import NIGHT
from retention.nights import A_DAY, latest_night, starts_at

GRACE = timedelta(hours=2)  # a night that was missed is made up for as soon as workers are back
UNFINISHED = frozenset({Run.State.STOPPED.value, Run.State.INCOMPLETE.value})


@dataclass(frozen=True)
class Standing:
    """One target's state: `code` is stable, `words` are for people, `mark` is the colour that goes with them."""

    code: str
    words: str
    mark: str = ""
    runs_next_at: datetime | None = None
    is_late: bool = False


def with_standing(targets: "QuerySet[Target]") -> Any:
    """The targets with what their standing is told from, in the one query that reads them."""
    run = Run.objects.filter(target=OuterRef("pk")).order_by("-pk")
    armed = Arming.objects.filter(target=OuterRef("pk"), void_at=None)
    last_arming = Arming.objects.filter(target=OuterRef("pk")).order_by("-pk")
    preview = Preview.objects.filter(target=OuterRef("pk")).order_by("-pk")
    settings = RetentionSettings.objects.filter(register=OuterRef("register"))
    return targets.annotate(
        armed_from=Subquery(armed.values("runs_from")[:1]),
        void_code=Subquery(last_arming.values("void_code")[:1]),
        run_id=Subquery(run.values("pk")[:1]),
        run_state=Subquery(run.values("state")[:1]),
        run_why=Subquery(run.values("why")[:1]),
        run_started_at=Subquery(run.values("started_at")[:1]),
        preview_id=Subquery(preview.values("pk")[:1]),
        preview_counted_at=Subquery(preview.values("counted_at")[:1]),
        preview_refusals=Subquery(preview.values("refusals")[:1]),
        night_at=Subquery(settings.values("runs_at")[:1]),
    )


def standing_of(target: Any, *, now: datetime) -> Standing:
    """Return how a target from `with_standing` stands at this time."""
    if target.armed_from is None:
        return _unarmed(target)
    zone = ZoneInfo(target.register.time_zone)
    at = target.night_at or NIGHT
    next_at = next_night(max(now, target.armed_from), at, zone)
    if now < target.armed_from:
        return Standing("notice", _("armed, notice period"), "warn", next_at)
    if target.run_state == Run.State.RUNNING:
        return Standing("running", _("armed, running"), "ok", next_at)
    is_late = target.run_state in UNFINISHED or _missed(target, at, zone, now)
    return Standing("armed", _("armed"), "ok", next_at, is_late)


def _unarmed(target: Any) -> Standing:
    if target.preview_id is None:
        return Standing("new", _("not previewed yet"))
    if target.preview_counted_at is None:
        return Standing("counting", _("being counted"))
    if target.preview_refusals:
        return Standing("refused", _("not armed: the preview names reasons against it"), "warn")
    if target.void_code:
        return Standing("void", _("no longer armed: %s") % Arming.Void(target.void_code).label, "warn")
    return Standing("previewed", _("previewed, not armed"))


def _missed(target: Any, at: time, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the last night that was due went by without a run."""
    appointed = starts_at(latest_night(now - GRACE, at, zone), at, zone)
    if appointed < target.armed_from:
        return False
    return target.run_started_at is None or target.run_started_at < appointed


def next_night(now: datetime, at: time, zone: ZoneInfo) -> datetime:
    """Return when the next night's runs are due."""
    return starts_at(latest_night(now, at, zone) + A_DAY, at, zone)
