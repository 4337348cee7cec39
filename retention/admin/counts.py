"""The counts of a preview as a page shows them: by table, what is kept and why, the oldest."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from retention.admin.words import domain_name
from retention.exclusions import UNSEEN
from retention.models import Preview, RetentionRule


@dataclass(frozen=True)
class Kept:
    """Rows that would be due and stay, and what keeps them."""

    why: str
    rows: int


@dataclass(frozen=True)
class Shown:
    """What a preview found, ready for a page."""

    preview: Preview
    rows: int
    due: int
    tables: tuple[tuple[str, int, int], ...]  # name, erased, treated
    kept: tuple[Kept, ...]
    oldest_on: date | None
    cut_off_on: date | None
    unseen: tuple[str, ...] = ()  # holds and requests of people whom the table cannot tell

    @property
    def total(self) -> int:
        """Rows that would be touched, those of child tables included."""
        return sum(erased + treated for _name, erased, treated in self.tables)


def shown(preview: Preview | None, rules: dict[str, RetentionRule] | None = None) -> Shown | None:
    """Return what a counted preview found; None where there is nothing to show yet."""
    if preview is None or preview.counts is None:
        return None
    counts: dict[str, Any] = preview.counts
    target = preview.target
    tables = [(target.table, counts.get("erased", 0), counts.get("treated", 0))]
    tables += [(name, erased, treated) for name, (erased, treated) in sorted(counts.get("children", {}).items())]
    return Shown(
        preview=preview,
        rows=counts.get("rows", 0),
        due=counts.get("due", 0),
        tables=tuple(tables),
        kept=tuple(_kept(counts, rules or {})),
        oldest_on=_day(counts.get("oldest_on")),
        cut_off_on=_day(preview.cut_off.get("day")),
        unseen=tuple(_unseen(counts)),
    )


def _unseen(counts: dict[str, Any]) -> Iterator[str]:
    """Yield the holds and requests whose person no column of the table tells, by their numbers."""
    words = {"hold": _("legal hold %s"), "request": _("rights request %s")}
    for said_by in counts.get(UNSEEN, ()):
        kind, _space, number = said_by.partition(" ")
        yield words.get(kind, f"{kind} %s") % number


def _kept(counts: dict[str, Any], rules: dict[str, RetentionRule]) -> Iterator[Kept]:
    for domain, rows in sorted(counts.get("kept_by_law", {}).items()):
        yield Kept(_("kept by law: %s") % domain_name(domain), rows)
    for ref, rows in sorted(counts.get("kept_by_rules", {}).items()):
        yield Kept(_("kept by another rule: %s") % rules.get(ref, ref), rows)
    if counts.get("held"):
        yield Kept(_("held: a legal hold or an open request"), counts["held"])
    if counts.get("without_events"):
        yield Kept(_("open: the event has not happened"), counts["without_events"])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
